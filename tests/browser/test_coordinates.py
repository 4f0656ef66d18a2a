"""What is clicked is what the network is asked, to one image pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench

TURNED = 6  # EXIF: the file lies on its left side


def picture(path: Path, width: int, height: int, *, orientation: int = 1) -> Path:
    """Grey with a red square of 10 pixels around a quarter of width and height, as shown."""
    pixels = np.full((height, width, 3), 128, np.uint8)
    y, x = height // 4, width // 4
    pixels[max(0, y - 5) : y + 5, max(0, x - 5) : x + 5] = (220, 20, 20)
    image = Image.fromarray(pixels)
    if orientation == TURNED:
        image = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(path, exif=exif, quality=95)
    return path


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((640, 480), {}),
        ((300, 900), {}),  # portrait
        ((64, 48), {}),  # smaller than the canvas
        ((640, 480), {"device_scale_factor": 2}),
        ((900, 600), {"device_scale_factor": 1.5, "viewport": {"width": 420, "height": 900}}),
    ],
    ids=["landscape", "portrait", "small", "dense", "narrow and dense"],
)
def test_a_click_and_a_box_arrive_where_they_were_set(
    open_bench: OpenBench, tmp_path: Path, size: tuple[int, int], options: dict[str, object]
) -> None:
    bench = open_bench(**options)
    width, height = size
    bench.open(picture(tmp_path / "picture.jpg", width, height))
    bench.tab("objects")
    bench.click(width * 0.3, height * 0.6)
    bench.drag(width * 0.2, height * 0.1, width * 0.7, height * 0.9)
    asked = bench.asked()
    assert asked["clicks"][-1][0][:2] == pytest.approx([width * 0.3, height * 0.6], abs=1)
    box = [width * 0.2, height * 0.1, width * 0.7, height * 0.9]
    assert asked["boxes"][-1] == pytest.approx(box, abs=1)


def test_zoom_and_pan_keep_the_point_under_the_pointer(bench: Bench) -> None:
    bench.tab("objects")
    # Chromium cuts the wheel's place to whole pixels: take such a place to begin with.
    left, top = bench.at(0, 0)
    scale = (bench.at(640, 0)[0] - left) / 640
    spot = (600.0, 300.0)
    x, y = (spot[0] - left) / scale, (spot[1] - top) / scale
    bench.page.mouse.move(*spot)
    bench.page.mouse.wheel(0, -900)
    bench.page.wait_for_function("document.querySelector('[data-do=fit]').innerText !== 'Fit'")
    assert bench.at(x, y) == pytest.approx(spot, abs=0.5)
    bench.page.mouse.down(button="middle")
    bench.page.mouse.move(spot[0] - 90, spot[1] + 60)
    bench.page.mouse.up(button="middle")
    assert bench.at(x, y) == pytest.approx((spot[0] - 90, spot[1] + 60), abs=0.5)
    bench.click(x, y)
    assert bench.asked()["clicks"][-1][0][:2] == pytest.approx([x, y], abs=0.3)


def test_ten_pixels_of_a_turned_photo_of_twelve_megapixels_are_hit(
    open_bench: OpenBench, tmp_path: Path
) -> None:
    bench = open_bench()
    bench.open(picture(tmp_path / "photo.jpg", 3000, 4000, orientation=TURNED))
    bench.tab("objects")
    for _ in range(4):
        bench.page.mouse.move(*bench.at(750, 1000))
        bench.page.mouse.wheel(0, -600)
        bench.page.wait_for_timeout(50)
    bench.click(750, 1000)
    assert bench.asked()["clicks"][-1][0][:2] == pytest.approx([750, 1000], abs=1)


def test_a_page_scaled_by_css_changes_nothing(bench: Bench) -> None:
    bench.tab("objects")
    bench.page.evaluate("document.body.style.cssText = 'transform: scale(0.8)'")
    bench.click(320, 360)
    assert bench.asked()["clicks"][-1][0][:2] == pytest.approx([320, 360], abs=1)


def test_a_box_is_cut_at_the_images_edge_and_a_click_beside_it_is_none(bench: Bench) -> None:
    bench.tab("objects")
    bench.drag(500, 300, 660, 470)
    assert bench.asked()["boxes"][-1] == pytest.approx([500, 300, 640, 470], abs=1)
    bench.page.mouse.click(*bench.at(652, 100))
    assert bench.marks() == 1


def test_two_fingers_zoom_and_draw_nothing(open_bench: OpenBench, discs: Path) -> None:
    bench = open_bench(has_touch=True, viewport={"width": 390, "height": 844})
    bench.open(discs)
    bench.tab("objects")
    x, y = bench.at(320, 240)
    bench.page.evaluate(
        """([x, y]) => {
          const pad = document.querySelector(".viewport");
          pad.setPointerCapture = () => {};
          const send = (kind, id, dx) => pad.dispatchEvent(new PointerEvent(kind, {
            pointerId: id, pointerType: "touch", clientX: x + dx, clientY: y, bubbles: true,
            isPrimary: id === 1, button: 0 }));
          send("pointerdown", 1, -30); send("pointerdown", 2, 30);
          send("pointermove", 1, -60); send("pointermove", 2, 60);
          send("pointerup", 1, -60); send("pointerup", 2, 60);
        }""",
        [x, y],
    )
    assert bench.marks() == 0
    assert bench.at(320, 240) == pytest.approx((x, y), abs=1)
    assert bench.at(420, 240)[0] - x == pytest.approx(2 * 100 * 358 / 640, rel=0.1)
    bench.page.touchscreen.tap(*bench.at(320, 240))
    bench.settled()
    assert bench.marks() == 1
