"""Several images at once share what one of the largest may take; they wait, and none for ever."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images import decode_image, decoding, open_image
from sam3_playground.images.admission import Admission
from sam3_playground.images.opening import OpenedImage
from tests.image_files import encoded, flat, picture

# Long enough for a thread that could go on, and so that a test that hangs ends.
SOON, LONG = 0.1, 20.0


class Work:
    """A piece of work in a thread of its own, which ends when it is told to."""

    def __init__(self, admission: Admission, size: int, most: int) -> None:
        self.begun, self._end = threading.Event(), threading.Event()
        self.asked = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(admission, size, most), daemon=True)
        self._thread.start()
        self.asked.wait(LONG)

    def _run(self, admission: Admission, size: int, most: int) -> None:
        self.asked.set()
        with admission.admitted(size, most=most):
            self.begun.set()
            self._end.wait(LONG)

    def waits(self) -> bool:
        return not self.begun.wait(SOON)

    def works(self) -> bool:
        return self.begun.wait(LONG)

    def end(self) -> None:
        self._end.set()
        self._thread.join(LONG)


def test_what_fits_is_done_at_once_and_the_rest_waits() -> None:
    admission = Admission()
    first, second, third = (Work(admission, 40, 100) for _ in range(3))
    assert first.works()
    assert second.works()
    assert third.waits()
    assert admission.inside == 80
    first.end()
    assert third.works()
    second.end()
    third.end()
    assert admission.inside == 0


def test_a_large_one_is_not_passed_by_small_ones() -> None:
    admission = Admission()
    small = Work(admission, 10, 100)
    assert small.works()
    large = Work(admission, 95, 100)
    assert large.waits()
    late = Work(admission, 10, 100)
    assert late.waits()  # though there is room for it
    small.end()
    assert large.works()
    assert late.waits()
    large.end()
    assert late.works()
    late.end()


def test_one_larger_than_all_is_done_alone() -> None:
    admission = Admission()
    small = Work(admission, 10, 100)
    huge = Work(admission, 500, 100)
    assert small.works()
    assert huge.waits()
    small.end()
    assert huge.works()
    huge.end()


def test_who_fails_makes_room() -> None:
    admission = Admission()
    with pytest.raises(ValueError, match="broken"), admission.admitted(90, most=100):
        raise ValueError("broken")
    assert admission.inside == 0
    with admission.admitted(100, most=100):
        assert admission.inside == 100


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """What is being decoded whenever something begins to be."""
    seen: list[int] = []
    load = OpenedImage.load

    def noting(file: OpenedImage) -> object:
        seen.append(decoding._admission.inside)
        return load(file)

    monkeypatch.setattr(OpenedImage, "load", noting)
    yield seen


def test_images_are_admitted_by_their_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    data, pixels = encoded(picture(size=(400, 300)), "PNG"), 400 * 300
    with watched(monkeypatch) as seen, ThreadPoolExecutor(12) as pool:
        futures = [pool.submit(decode_image, data, max_pixels=3 * pixels) for _ in range(40)]
        assert {future.result(LONG).size for future in futures} == {(300, 400)}
    assert max(seen) <= 3 * pixels * decoding.PEAK_BYTES
    assert min(seen) >= pixels * decoding.PEAK_BYTES
    assert decoding._admission.inside == 0


def test_the_largest_image_is_admitted_and_broken_ones_make_room() -> None:
    data = encoded(picture(), "PNG")
    for _ in range(3):
        assert decode_image(data, max_pixels=64 * 48).size == (48, 64)
        with pytest.raises(InvalidImageError):
            decode_image(data[:-20], max_pixels=64 * 48)
    assert decoding._admission.inside == 0


def test_a_format_that_takes_more_memory_may_have_fewer_pixels() -> None:
    data = flat(300, 200, "JPEG2000")
    assert decode_image(data, max_pixels=100_000).size == (200, 300)
    with pytest.raises(ImageTooLargeError, match=r"at most 3\d,\d{3} pixels in a JPEG2000 file"):
        decode_image(data, max_pixels=60_000)
    tiled = flat(300, 200, "JPEG2000", tile_size=(64, 64))
    assert decode_image(tiled, max_pixels=60_000).size == (200, 300)


def test_tiles_count_however_small_the_image_is() -> None:
    """OpenJPEG keeps tables for each: 60,000 of two by two pixels took 700 MiB."""
    data = flat(200, 200, "JPEG2000", tile_size=(2, 2))
    with pytest.raises(ImageTooLargeError, match=r"at most [\d,]+ pixels in a JPEG2000 file"):
        decode_image(data, max_pixels=1_000_000)
    assert decode_image(data, max_pixels=20_000_000).size == (200, 200)


def test_a_file_longer_than_its_pixels_can_be_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "endless.tif"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ImageTooLargeError, match=r"at most .* bytes, got .*endless\.tif of 1,099"):
        open_image(path)


SCRIPT = """
import io, sys
from concurrent.futures import ThreadPoolExecutor
from PIL import Image
from sam3_playground.cli.heap import bound_heap
from sam3_playground.images import decode_image
from tests.peak import peak_bytes

side = 2400
files = []
for number in range(12):
    stream = io.BytesIO()
    Image.new("RGBA", (side, side), (number, 90, 30, 200)).save(stream, "PNG", compress_level=1)
    files.append(stream.getvalue())

def decode(data):
    return decode_image(data, max_pixels=side * side * 2).size

def all_at_once():
    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(decode, files)) == [(side, side)] * 12

bound_heap()  # as a server does: else each thread keeps what it once took
decode(files[0])
print(peak_bytes(all_at_once) / (side * side * 2))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory was taken")
def test_a_dozen_threads_take_no_more_than_the_largest_image() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert 3 < float(ran.stdout) < 14
