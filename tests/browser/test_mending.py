"""Found instances mended in a browser: refined, removed, added, merged; judged by the truth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from sam3_playground.core.corrections import Correction
from sam3_playground.core.masks import Mask
from sam3_playground.core.nms import mask_iou
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.results import Instance
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.core.steps import Seed, Step
from sam3_playground.pipeline.answer import answer
from sam3_playground.ui.overlay import inner_point
from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.browser.test_take_away import read, saved
from tests.drawn import Drawn, drawn_example, drawn_examples
from tests.formats.exported import iou
from tests.servers import serving
from tests.test_mended_masks import most_wrong

Bitmap = NDArray[np.bool_]
WORD = "rocket"


@pytest.fixture(scope="module")
def app_url() -> Iterator[str]:
    with serving("app.py", "--weights", "tiny", "--port") as url:
        yield url


def opened(open_bench: OpenBench, url: str, drawn: Drawn, word: str) -> Bench:
    bench = open_bench(url)
    bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
    bench.open(drawn.path)
    bench.words(word)
    return bench


@pytest.fixture
def visitor(open_bench: OpenBench, app_url: str) -> Bench:
    """Somebody with the rockets that were found before them."""
    return opened(open_bench, app_url, drawn_example("rockets"), WORD)


class Case(NamedTuple):
    """An instance whose mask is wrong, its truth, and the click that says where."""

    drawn: Drawn
    word: str
    rank: int
    true: Mask
    click: Click


def cases(segmenter: Segmenter) -> Iterator[tuple[float, Case]]:
    """Instances, with what a click in the middle of the largest error gains."""
    for drawn in drawn_examples():
        for word in drawn.concepts:
            prompt = ConceptPrompt(word)
            for item in answer(segmenter, drawn.image, ConceptRequest((prompt,))).instances:
                true = max(drawn.of(word), key=lambda one: mask_iou(one, item.mask))
                before = mask_iou(true, item.mask)
                if 0.4 < before < 0.85:
                    click = most_wrong(item.mask, true)
                    after = mask_iou(true, mended(segmenter, drawn, prompt, item, click))
                    yield after - before, Case(drawn, word, item.rank, true, click)


def mended(
    segmenter: Segmenter, drawn: Drawn, prompt: ConceptPrompt, item: Instance, click: Click
) -> Mask:
    assert item.candidate is not None
    seed = Seed(prompt, item.candidate.id, item.mask.box_xyxy)
    step = Step(VisualPrompt((Click(*inner_point(item.mask)), click)), base=seed)
    request = ConceptRequest(
        (prompt,), ("0",), corrections=(Correction(item.id, "0", (seed,), (step,)),)
    )
    found = answer(segmenter, drawn.image, request).instances
    return next(one.mask for one in found if one.id == item.id)


def row(bench: Bench, place: int) -> None:
    """Mark an instance of the list."""
    bench.page.locator("[data-ref=instances] .name").nth(place).click()


def names(bench: Bench) -> list[str]:
    return bench.page.locator("[data-ref=instances] b").all_inner_texts()


def tool(bench: Bench, text: str) -> None:
    bench.part("mendTools").get_by_role("button", name=text, exact=True).click()
    bench.settled()


def masks(bench: Bench, tmp_path: Path, word: str = WORD) -> list[Bitmap]:
    """Those that are saved, in their order."""
    return read(saved(bench, tmp_path, "coco"))[word]


def middle(mask: Bitmap) -> tuple[float, float]:
    ys, xs = np.nonzero(mask)
    nearest = int(np.argmin((xs - xs.mean()) ** 2 + (ys - ys.mean()) ** 2))
    return float(xs[nearest]) + 0.5, float(ys[nearest]) + 0.5


def test_a_click_mends_one_mask_and_leaves_the_others(
    open_bench: OpenBench, app_url: str, bundled: Segmenter, tmp_path: Path
) -> None:
    _, case = max(cases(bundled), key=lambda item: item[0])
    bench = opened(open_bench, app_url, case.drawn, case.word)
    before, listed = masks(bench, tmp_path, case.word), names(bench)
    place = listed.index(f"{case.word} {case.rank + 1}")
    true = case.true.to_bitmap()
    row(bench, place)
    tool(bench, "Mend")
    sign = "left" if case.click.positive else "right"
    bench.click(case.click.x, case.click.y, button=sign)
    after = masks(bench, tmp_path, case.word)
    assert iou(after[place], true) > iou(before[place], true) + 0.02
    assert names(bench) == listed
    others = [n for n in range(len(before)) if n != place]
    assert all((before[n] == after[n]).all() for n in others)
    assert bench.page.locator("[data-ref=instances] .mended").count() == 1
    # It stays so in a run with another threshold and other words beside it, and after a reload.
    bench.do("mendDone")
    bench.words(f"{case.word}, moon")
    assert (masks(bench, tmp_path, case.word)[place] == after[place]).all()
    bench.written()
    bench.page.reload()
    bench.loaded()
    assert (masks(bench, tmp_path, case.word)[place] == after[place]).all()
    # Undo leads back, past the words, to what was found.
    bench.do("undo")
    bench.settled()
    bench.do("undo")
    bench.settled()
    assert (masks(bench, tmp_path, case.word)[place] == before[place]).all()
    assert bench.errors == []


def test_a_removed_one_stays_away_until_it_is_brought_back(visitor: Bench, tmp_path: Path) -> None:
    before, listed = masks(visitor, tmp_path), names(visitor)
    row(visitor, 1)
    visitor.page.keyboard.press("Delete")
    visitor.settled()
    assert names(visitor) == listed[:1] + listed[2:]
    visitor.slide("score", 0.4)
    left = masks(visitor, tmp_path)
    assert max(iou(mask, before[1]) for mask in left) < 0.5
    assert max(iou(mask, before[0]) for mask in left) == 1
    visitor.slide("score", 0.5)
    visitor.page.get_by_role("button", name="Bring back 1 removed").click()
    visitor.settled()
    assert names(visitor) == listed
    visitor.do("undo")
    visitor.settled()
    assert names(visitor) == listed[:1] + listed[2:]


def test_two_become_one_and_undo_parts_them(visitor: Bench, tmp_path: Path) -> None:
    before, listed = masks(visitor, tmp_path), names(visitor)
    row(visitor, 0)
    tool(visitor, "Merge")
    visitor.click(*middle(before[2]))
    after = masks(visitor, tmp_path)
    assert names(visitor) == listed[:2] + listed[3:]
    assert (after[0] == before[0] | before[2]).all()
    visitor.do("undo")
    visitor.settled()
    assert names(visitor) == listed


def test_what_was_missed_is_added_by_clicks(visitor: Bench, tmp_path: Path) -> None:
    """A dog is no rocket: what counts is that the object under the click joins the concept."""
    before = masks(visitor, tmp_path)
    (dog,) = drawn_example("rockets").of("dog")
    visitor.page.get_by_role("button", name="Add by clicks").click()
    visitor.click(*middle(dog.to_bitmap()))
    after = masks(visitor, tmp_path)
    assert len(after) == len(before) + 1
    assert names(visitor)[-1] == f"{WORD} +1"
    assert iou(after[-1], dog.to_bitmap()) > 0.75
    assert max(iou(mask, dog.to_bitmap()) for mask in before) < 0.1
    assert visitor.part("candidates").locator("button").count() == 3
    visitor.do("mendDone")
    visitor.settled()
    assert visitor.counts() == {WORD: len(after)}


def test_a_click_on_another_object_chooses_it(visitor: Bench, tmp_path: Path) -> None:
    before = masks(visitor, tmp_path)
    visitor.tab("objects")
    visitor.settled()
    visitor.click(*middle(before[1]))
    assert visitor.part("mendingName").inner_text() == names(visitor)[1]
    assert visitor.marks() == 0
    visitor.click(*middle(before[0]))
    assert visitor.part("mendingName").inner_text() == names(visitor)[0]
    assert (masks(visitor, tmp_path)[0] == before[0]).all()
