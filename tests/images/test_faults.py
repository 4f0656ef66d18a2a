"""Whatever a decoder raises, every door says what is wrong in words."""

from __future__ import annotations

import errno
import io
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngImageFile

from sam3_playground.errors import InvalidImageError, OutOfMemoryError
from sam3_playground.images import decode_image
from sam3_playground.images.kinds import media_type
from tests.cli.conftest import run
from tests.image_doors import Doors, Outcome, doors, use_segmenter

BROKEN = "expected a whole image, got the image, which is broken"
NO_MEMORY = "expected memory to decode the image, got too little: try again in a moment"


def encoded(kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(stream, kind, **options)
    return stream.getvalue()


def broken_avif() -> bytes:
    """A right header over pixels that are none: libavif's failure is a RuntimeError."""
    whole = encoded("AVIF")
    start = whole.index(b"mdat") + 4 + 20  # after the sequence header
    return whole[:start] + b"\xff" * (len(whole) - start)


def unfinished_avif() -> bytes:
    """Its only item has no data: a RuntimeError as soon as it is opened."""
    whole = bytearray(encoded("AVIF"))
    start = whole.index(b"iloc") + 4
    return bytes(whole[:start] + bytes(12) + whole[start + 12 :])


def heic_named_avif() -> bytes:
    """What phones write begins like this; the brand says that an AVIF decoder may try."""
    return b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + b"\0\0\0\x10meta" + bytes(100)


FILES = {"pixels": broken_avif, "items": unfinished_avif, "heic": heic_named_avif}


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("uploads")) as opened:
        yield opened


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_a_broken_avif_is_a_broken_image_at_every_door(
    make: Callable[[], bytes],
    ways: Doors,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_segmenter(monkeypatch, ways.segmenter)
    path = tmp_path / "broken.avif"
    path.write_bytes(make())
    assert ways.by_python(path) == Outcome(said=BROKEN, code=422)
    assert ways.by_rest(path) == Outcome(said=BROKEN, code=422)
    assert ways.by_page(path) == Outcome(said=BROKEN, code=422)
    assert ways.by_command(path, capsys) == Outcome(said=BROKEN, code=3)


def test_the_rest_of_a_batch_is_segmented(
    ways: Doors,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_segmenter(monkeypatch, ways.segmenter)
    for name, data in {"a": encoded("PNG"), "b": broken_avif(), "c": encoded("AVIF")}.items():
        (tmp_path / f"{name}.avif").write_bytes(data)
    assert run("segment", tmp_path, "--concept", "red") == 3
    assert "2 segmented, 1 failed" in capsys.readouterr().err


class UnheardError(Exception):
    """Of a decoder that is still to be written."""


ANYTHING = [
    RuntimeError("Failed to decode frame 0"),
    struct.error("unpack requires a buffer of 4 bytes"),
    IndexError("index out of range"),
    KeyError("mode"),
    ZeroDivisionError(),
    RecursionError(),
    AssertionError(),
    UnheardError("0x7f91096c7ce0"),
    ValueError("Too much memory used in text chunks"),
]


@pytest.mark.parametrize("method", ["_open", "load"])
@pytest.mark.parametrize("error", ANYTHING, ids=repr)
def test_anything_that_a_decoder_raises_is_a_broken_image(
    error: Exception, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PngImageFile, method, raising(error))
    with pytest.raises(InvalidImageError) as caught:
        decode_image(encoded("PNG"))
    assert str(caught.value) == BROKEN
    assert caught.value.__cause__ is not None
    if method == "_open":
        with pytest.raises(InvalidImageError, match=r"got the file, which is broken$"):
            media_type(encoded("PNG"))


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def test_who_stops_the_program_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PngImageFile, "load", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        decode_image(encoded("PNG"))


WANTS = [
    MemoryError(),
    OSError("out of memory error when reading image file"),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    RuntimeError("Failed to decode frame 0: Out of memory"),
]


@pytest.mark.parametrize("error", WANTS, ids=repr)
def test_want_of_memory_is_nobodys_broken_image(
    error: Exception,
    ways: Doors,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_segmenter(monkeypatch, ways.segmenter)
    path = tmp_path / "large.png"
    path.write_bytes(encoded("PNG"))
    monkeypatch.setattr(ImageFile.ImageFile, "load", raising(error))
    assert ways.by_python(path) == Outcome(said=NO_MEMORY, code=503)
    assert ways.by_rest(path) == Outcome(said=NO_MEMORY, code=503)
    assert ways.by_page(path) == Outcome(said=NO_MEMORY, code=503)
    assert ways.by_command(path, capsys) == Outcome(said=NO_MEMORY, code=5)


def test_who_wants_memory_is_told_when_to_try_again(
    ways: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", raising(MemoryError()))
    refused = ways.api.embed()
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    monkeypatch.undo()
    monkeypatch.setattr(ways.segmenter, "embed", raising(MemoryError()))
    assert ways.api.embed().status_code == 503  # not only while decoding
    monkeypatch.setattr("sam3_playground.images.uploads.Uploads.add", raising(MemoryError()))
    refused = ways.page.post("/page/images", content=b"1")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "memory" in refused.json()["error"]


# In a process with just too little memory: which library says so, and how, is its own business.
SCRIPT = """
import io, resource, sys
from pathlib import Path
from PIL import Image
from sam3_playground.errors import OutOfMemoryError
from sam3_playground.images import decode_image

data = Path(sys.argv[1]).read_bytes()
small = io.BytesIO()
Image.new("RGB", (8, 8)).save(small, sys.argv[2])
decode_image(small.getvalue())
limit = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (limit + int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    decode_image(data)
except OutOfMemoryError:
    print("too little")
"""
SIDE = 5000
# Format, options, and how many bytes there are for each pixel.
LARGE: list[tuple[str, dict[str, Any], int]] = [
    ("PNG", {}, 2),
    ("JPEG", {}, 2),
    ("JPEG", {"progressive": True}, 5),
    ("WEBP", {"method": 0}, 2),
    ("GIF", {}, 2),
    ("BMP", {}, 2),
    ("TIFF", {}, 2),
    ("TIFF", {"compression": "tiff_adobe_deflate"}, 2),
    ("AVIF", {"speed": 10}, 2),
    ("PPM", {}, 2),
    ("JPEG2000", {}, 2),
]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
@pytest.mark.parametrize(("kind", "options", "room"), LARGE, ids=str)
def test_a_machine_with_too_little_memory_is_not_called_a_broken_image(
    kind: str, options: dict[str, Any], room: int, tmp_path: Path
) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        Image.new("RGB", (SIDE, SIDE), "red").save(file, kind, **options)
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, path, kind, str(SIDE * SIDE * room)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.stdout == "too little\n", ran.stderr


def test_what_is_said_of_memory_fits_the_command_line_too() -> None:
    assert OutOfMemoryError.exit_code == 5
    assert "5 too busy or too little" in (Path(__file__).parents[2] / "README.md").read_text()
