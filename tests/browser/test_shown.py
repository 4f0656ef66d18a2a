"""What is shown is what is segmented: the browser's pixels beneath the mask are the server's."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.images import open_image
from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.images.files import DOUBTFUL, PLAIN, file_of
from tests.images.quarters import QUARTERS
from tests.servers import serving

# The (r, g, b) that a visitor sees of the image at points of the stage, as shares of its sides.
_SEEN = """(points) => {
  const image = document.querySelector(".base"), stage = document.querySelector(".stage");
  const canvas = document.createElement("canvas");
  canvas.width = stage.offsetWidth; canvas.height = stage.offsetHeight;
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(image).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return points.map(([x, y]) => [...context.getImageData(
    Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data].slice(0, 3));
}"""
_QUARTERS = [(x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
# Away from the middle, where the quarters meet.
_POINTS = [(x / 16, y / 16) for y in (1, 4, 7, 9, 12, 15) for x in (1, 4, 7, 9, 12, 15)]

Files = dict[str, Callable[[], bytes]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def open_and_see(bench: Bench, path: Path) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """(n, 3) of what is shown at `_POINTS`, and of what was decoded there."""
    bench.open(path)
    pixels = open_image(path).pixels
    height, width = pixels.shape[:2]
    assert bench.page.evaluate(
        "[document.querySelector('.stage').offsetWidth,"
        " document.querySelector('.stage').offsetHeight]"
    ) == [width, height]
    decoded = [pixels[int(y * height), int(x * width)] for x, y in _POINTS]
    return np.array(bench.page.evaluate(_SEEN, _POINTS)), np.array(decoded, int)


@pytest.mark.parametrize("group", [PLAIN, DOUBTFUL], ids=["plain", "doubtful"])
def test_the_pixels_that_are_shown_are_those_that_are_segmented(
    group: Files, open_bench: OpenBench, files: Path
) -> None:
    bench = open_bench()
    apart = {}
    for place, (name, make) in enumerate(group.items()):
        path = files / f"{place}.bin"
        path.write_bytes(make())
        shown, decoded = open_and_see(bench, path)
        apart[name] = int(np.abs(shown - decoded).max())
        assert np.ptp(decoded, axis=0).max() > 100  # a picture, and no empty page
    assert {name: levels for name, levels in apart.items() if levels > 10} == {}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_however_a_file_lies_its_mask_lies_on_what_is_seen(
    kind: str, open_bench: OpenBench, files: Path
) -> None:
    bench = open_bench()
    for turn in range(1, 9):
        path = files / f"{kind}-{turn}.bin"
        path.write_bytes(file_of(kind, turn))
        shown, decoded = open_and_see(bench, path)
        assert np.abs(shown - decoded).max() <= 10, turn
        bench.words("red")
        colours = np.array(bench.page.evaluate(_SEEN, _QUARTERS))
        red = [bool(r > 180 and g < 80) for r, g, _ in colours]
        masked = [bench.masked(x * 96, y * 64) for x, y in _QUARTERS]
        assert sum(red) == 1, turn
        assert masked == red, turn


@pytest.mark.parametrize("name", ["animated GIF", "animated PNG", "animated WebP"])
def test_a_picture_that_moves_stands_still(name: str, open_bench: OpenBench, files: Path) -> None:
    bench = open_bench()
    path = files / "moves.bin"
    path.write_bytes(DOUBTFUL[name]())
    bench.open(path)
    x, y = bench.at(24, 16)
    screens = []
    for _ in range(8):  # two frames of 40 ms take turns in the file
        shot = bench.page.screenshot(clip={"x": x, "y": y, "width": 8, "height": 8})
        screen = Image.open(io.BytesIO(shot))
        screens.append(screen.convert("RGB").getpixel((4, 4)))
        bench.page.wait_for_timeout(30)
    assert np.abs(np.array(screens) - QUARTERS[0, 0]).max() <= 10


def test_the_picture_does_not_wait_for_the_network(
    files: Path, open_bench: OpenBench, tmp_path: Path
) -> None:
    path = files / "early.tiff"
    path.write_bytes(file_of("TIFF", 6))
    with serving("-m", "tests.browser.serve_fake", after=(str(tmp_path / "never"),)) as url:
        bench = open_bench(url)
        bench.part("file").set_input_files(path)
        bench.page.wait_for_selector(".has-image")
        assert bench.part("status").get_attribute("data-state") == "loading"
