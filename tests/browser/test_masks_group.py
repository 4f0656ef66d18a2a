"""The Masks group of the panel: what it asks for is what is painted and counted."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.fakes import COLOURS

HOLE, RING, SPECK = (200, 240), (200, 160), (500, 240)


@pytest.fixture
def bench(open_bench: OpenBench, tmp_path: Path) -> Bench:
    """A visitor with a red ring and a small red disc before them."""
    pixels = np.full((480, 640, 3), 128, np.uint8)
    cv2.circle(pixels, (200, 240), 100, COLOURS["red"], -1)
    cv2.circle(pixels, (200, 240), 40, (128, 128, 128), -1)
    cv2.circle(pixels, SPECK, 20, COLOURS["red"], -1)
    path = tmp_path / "ring.png"
    Image.fromarray(pixels).save(path)
    visitor = open_bench()
    visitor.open(path)
    visitor.page.get_by_text("Masks", exact=True).click()
    return visitor


def wish(bench: Bench, name: str, value: str) -> None:
    field = bench.page.locator(f"[data-cleanup={name}]")
    field.fill(value)
    field.press("Tab")
    bench.settled()


def test_holes_and_specks_go_and_come_back_without_the_network(bench: Bench) -> None:
    bench.words("red")
    before = bench.network_calls
    assert (bench.counts(), bench.masked(*HOLE)) == ({"red": 2}, False)
    wish(bench, "fill_holes", "100000")
    assert bench.masked(*HOLE)
    wish(bench, "min_area", "5000")
    assert (bench.counts(), bench.masked(*SPECK)) == ({"red": 1}, False)
    assert bench.masked(*RING)
    wish(bench, "fill_holes", "")
    wish(bench, "min_area", "")
    assert (bench.counts(), bench.masked(*HOLE)) == ({"red": 2}, False)
    assert bench.network_calls == before


def test_what_is_no_number_of_pixels_becomes_one_or_nothing(bench: Bench) -> None:
    bench.words("red")
    wish(bench, "min_area", "-7")
    assert bench.page.locator("[data-cleanup=min_area]").input_value() == ""
    wish(bench, "min_area", "4999.6")
    assert bench.page.locator("[data-cleanup=min_area]").input_value() == "5000"
    assert bench.counts() == {"red": 1}


def test_an_object_of_which_nothing_is_left_is_not_painted(bench: Bench) -> None:
    bench.tab("objects")
    bench.click(*SPECK)
    assert bench.masked(*SPECK)
    wish(bench, "min_area", "5000")
    assert not bench.masked(*SPECK)
