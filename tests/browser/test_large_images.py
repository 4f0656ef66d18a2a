"""Images larger than what is drawn over them: mask, highlight and choice lie where they belong."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.fakes import MASK_SIZE, disc_image

WIDE, HIGH = 3000, 2000
# Green: the first colour of the palette is red.
DISCS = [("green", 2300, 1300, 450), ("green", 500, 400, 250)]
# The fake's masks are coarse: this near to an edge nothing is certain.
UNSURE = 1.5 * WIDE / MASK_SIZE

Points = Sequence[tuple[float, float]]


def around(disc: tuple[str, int, int, int], away: float) -> list[tuple[float, float]]:
    """Points in eight directions, so far from the disc's edge."""
    _, x, y, radius = disc
    angles = np.arange(8) * np.pi / 4 + 0.2
    return [
        (x + (radius + away) * np.cos(angle), y + (radius + away) * np.sin(angle))
        for angle in angles
    ]


INSIDE = [point for disc in DISCS for point in around(disc, -UNSURE)]
OUTSIDE = [point for disc in DISCS for point in around(disc, UNSURE)]


def seen(bench: Bench, points: Points) -> NDArray[np.int_]:
    """(n, 3) RGB of the screen's pixels at points of the image, without marks and pointers."""
    screen = Image.open(io.BytesIO(bench.page.screenshot())).convert("RGB")
    places = [bench.at(*point) for point in points]
    box = bench.part("viewport").bounding_box()
    assert box is not None
    assert all(box["x"] < x < box["x"] + box["width"] for x, _ in places)
    assert all(box["y"] < y < box["y"] + box["height"] for _, y in places)
    return np.array([screen.getpixel((int(x), int(y))) for x, y in places], int)


def box_of(line: Locator) -> list[int]:
    """The edges that a row of the list tells."""
    _, edges = line.inner_text().split("\N{MIDDLE DOT}")
    return [int(edge) for edge in edges.replace("\N{EN DASH}", ",").split(",")]


def changed(before: NDArray[np.int_], after: NDArray[np.int_]) -> list[bool]:
    return [bool(apart > 20) for apart in np.abs(after - before).max(axis=1)]


def zoom(bench: Bench, x: float, y: float) -> None:
    """Half as large again as it fits, with a point of the image in the middle."""
    bench.page.mouse.move(*bench.at(x, y))
    bench.page.mouse.wheel(0, -250)
    bench.page.wait_for_function("document.querySelector('[data-do=fit]').innerText !== 'Fit'")
    box = bench.part("viewport").bounding_box()
    assert box is not None
    bench.page.mouse.down(button="middle")
    bench.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    bench.page.mouse.up(button="middle")
    bench.page.mouse.move(0, 0)


@pytest.fixture
def bench(open_bench: OpenBench, tmp_path: Path) -> Bench:
    path = tmp_path / "large.png"
    Image.fromarray(disc_image(DISCS, HIGH, WIDE).pixels).save(path)
    visitor = open_bench(reduced_motion="reduce")
    visitor.open(path)
    visitor.page.locator(".display summary").click()
    visitor.page.locator("[data-style=labels]").uncheck()
    return visitor


def test_a_mask_is_painted_exactly_where_it_is(bench: Bench) -> None:
    before = seen(bench, INSIDE + OUTSIDE)
    bench.words("green")
    after = seen(bench, INSIDE + OUTSIDE)
    assert changed(before, after) == [True] * len(INSIDE) + [False] * len(OUTSIDE)


def test_zoomed_too(bench: Bench) -> None:
    _, x, y, _ = DISCS[0]
    points = around(DISCS[0], -UNSURE) + around(DISCS[0], UNSURE)
    fitting = bench.at(x + 100, y)[0] - bench.at(x, y)[0]
    zoom(bench, x, y)
    assert bench.at(x + 100, y)[0] - bench.at(x, y)[0] > 1.5 * fitting
    before = seen(bench, points)
    bench.words("green")
    assert changed(before, seen(bench, points)) == [True] * 8 + [False] * 8


def test_the_highlight_lies_on_its_instance_and_on_no_other(bench: Bench) -> None:
    bench.words("green")
    before = seen(bench, INSIDE + OUTSIDE)
    for disc in DISCS:
        _, x, y, _ = disc
        bench.page.mouse.move(*bench.at(x, y))
        bench.page.wait_for_selector("[data-ref=instances] li.lit")
        mine = changed(before, seen(bench, INSIDE + OUTSIDE))
        assert mine == [point in around(disc, -UNSURE) for point in INSIDE + OUTSIDE]
        x0, y0, x1, y1 = box_of(bench.page.locator("[data-ref=instances] li.lit small"))
        frame = [(x0, y0 + 40), (x1, y1 - 40), (x0 + 40, y1), (x1 - 40, y0)]
        assert seen(bench, frame).min() > 180
        assert seen(bench, [(x + 30, y + 30) for x, y in frame]).max() < 180
    zoom(bench, *DISCS[0][1:3])
    points = around(DISCS[0], -UNSURE) + around(DISCS[0], UNSURE)
    plain = seen(bench, points)
    bench.page.mouse.move(*bench.at(*DISCS[0][1:3]))
    bench.page.wait_for_selector("[data-ref=instances] li.lit")
    assert changed(plain, seen(bench, points)) == [True] * 8 + [False] * 8


@pytest.mark.parametrize("zoomed", [False, True])
def test_a_click_chooses_the_instance_under_it(bench: Bench, *, zoomed: bool) -> None:
    bench.words("green")
    rows = bench.page.locator("[data-ref=instances] li")
    spots = [row.locator("small").inner_text() for row in rows.all()]
    if zoomed:
        zoom(bench, *DISCS[0][1:3])
    for point in around(DISCS[0], -UNSURE)[::2]:
        bench.page.mouse.click(*bench.at(*point))
        bench.page.mouse.move(0, 0)  # what is chosen stays lit
        left, *_ = box_of(bench.page.locator("[data-ref=instances] li.lit small"))
        assert left == pytest.approx(DISCS[0][1] - DISCS[0][3], abs=UNSURE)
        bench.page.mouse.click(*bench.at(*point))  # and no longer
        bench.page.mouse.move(0, 0)
        assert bench.page.locator("[data-ref=instances] li.lit").count() == 0
    assert len(set(spots)) == 2
    for point in around(DISCS[0], UNSURE)[::2]:
        bench.page.mouse.click(*bench.at(*point))
        assert bench.page.locator("[data-ref=instances] li.lit").count() == 0
