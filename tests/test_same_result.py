"""The same image and wish give the same result through Python, command, REST API and page.

All four are asked in one process over one embedding, and so scores are equal to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.rle import rle_to_mask
from sam3_playground.core.segmenter import ConceptAnswer, Segmenter
from sam3_playground.pipeline.service import SegmenterService
from tests.api.conftest import Api, starting
from tests.request_doors import (
    Concept,
    Refused,
    Row,
    Wish,
    by_command,
    by_page,
    by_python,
    by_rest,
    command_options,
    rows_of,
)
from tests.runs import bitmap_of
from tests.wishes import (
    CLEANUPS,
    MODES,
    SIZES,
    SORTS,
    THRESHOLDS,
    concept_wishes,
    draw_scenes,
    object_wishes,
)

CONCEPT_WISHES = [
    (number, wish)
    for number, scene in enumerate(draw_scenes())
    for wish in concept_wishes(scene, number, 6)
]
OBJECT_WISHES = [
    (number, wish)
    for number, scene in enumerate(draw_scenes())
    for wish in object_wishes(scene, number)
]
# Of words on one scene, with all that can be left out left out, and each of it said.
LEFT_OUT = Wish((Concept("animal"), Concept("frog")))  # both of which mean the frogs
SAID: list[dict[str, Any]] = [
    {},
    {"threshold": 0.02},
    {"nms": ("off", None)},
    {"nms": ("within", 0.4)},
    {"nms": ("across", None)},
    {"concepts": (replace(LEFT_OUT.concepts[0], threshold=0.1), LEFT_OUT.concepts[1])},
    {"cleanup": {"min_area": 150}},
]


class EvenScores:
    """The bundled weights, their scores spread: whatever is left out of a wish shows.

    Of a real network most scores are near 0 or 1, so that hardly any stands between one default
    and another.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._segmenter, name)

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], *, score_floor: float = 0.02
    ) -> ConceptAnswer:
        said = self._segmenter.segment_concepts(image, prompts, score_floor=0.0)
        spread = []
        for found in said.candidates:
            count = len(found.candidates)
            candidates = [
                replace(one, score=1 - place / count) for place, one in enumerate(found.candidates)
            ]
            kept = tuple(one for one in candidates if one.score >= score_floor)
            spread.append(replace(found, candidates=kept, score_floor=score_floor))
        return replace(said, candidates=tuple(spread))


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("scenes")
    paths = [folder / f"{number}.png" for number in range(len(SIZES))]
    for path, scene in zip(paths, draw_scenes(), strict=True):
        Image.fromarray(scene.image).save(path)
    return paths


@pytest.fixture(scope="module")
def api(bundled: Segmenter) -> Iterator[Api]:
    with starting() as start:
        yield start(service=SegmenterService.of(bundled))


def assert_shown(answer: Any, rows: list[Row]) -> None:
    """The page shows these rows: instances, their order, scores and pixels."""
    assert not isinstance(answer, Refused), answer
    for shown, row in zip(answer["rows"], rows, strict=True):
        assert shown["label"] == (row.label or "object 1")
        assert shown["suppressed"] == row.suppressed
        assert [one["score"] for one in shown["instances"]] == row.scores
        masks = [rle_to_mask(rle) for rle in row.masks]
        assert [one["area"] for one in shown["instances"]] == [mask.area for mask in masks]
        assert [one["box"] for one in shown["instances"]] == [list(m.box_xyxy) for m in masks]
        for one, mask in zip(shown["instances"], masks, strict=True):
            assert np.array_equal(bitmap_of(one["runs"], answer["image_size"]), mask.to_bitmap())


def assert_all_alike(
    segmenter: Segmenter, api: Api, path: Path, wish: Wish, capsys: pytest.CaptureFixture[str]
) -> list[Row]:
    """Ask every door that has words for it; what all of them found."""
    found = by_python(segmenter, path, wish)
    assert not isinstance(found, Refused), found
    rows = rows_of(found)
    assert by_rest(api, path, wish) == rows
    assert by_command(path, wish, capsys) in (rows, None)
    # What is kept of an earlier wish, at a higher floor, changes nothing.
    before = replace(wish, threshold=None, nms=None, cleanup={})
    assert_shown(by_page(segmenter, path, before, wish), rows)
    return rows


@pytest.mark.usefixtures("commands_run_bundled")
@pytest.mark.parametrize(("scene", "wish"), CONCEPT_WISHES)
def test_concepts_give_the_same_at_every_door(
    scene: int,
    wish: Wish,
    bundled: Segmenter,
    api: Api,
    paths: list[Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert_all_alike(bundled, api, paths[scene], wish, capsys)


@pytest.mark.usefixtures("commands_run_bundled")
@pytest.mark.parametrize(("scene", "wish"), OBJECT_WISHES)
def test_an_object_is_the_same_at_every_door(
    scene: int,
    wish: Wish,
    bundled: Segmenter,
    api: Api,
    paths: list[Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    (row,) = assert_all_alike(bundled, api, paths[scene], wish, capsys)
    assert len(row.scores) == 1 or "min_area" in wish.cleanup


def test_every_sort_of_wish_is_asked() -> None:
    wishes = [wish for _, wish in CONCEPT_WISHES]
    assert {wish.threshold for wish in wishes} == set(THRESHOLDS)
    assert {wish.nms and wish.nms[0] for wish in wishes} == set(MODES)
    assert {str(wish.cleanup) for wish in wishes} == set(map(str, CLEANUPS))
    first = [wish.concepts[0] for wish in wishes]
    signs = {(one.text is None, tuple(sign for _, sign in one.boxes)) for one in first}
    assert len(signs) == len(SORTS)
    assert {one.threshold is None for one in first} == {True, False}
    assert {len(wish.concepts) for wish in wishes} == {1, 2}
    assert sum(command_options(wish) is None for wish in wishes) < len(wishes) / 2


@pytest.fixture(scope="module")
def spread(bundled: Segmenter) -> Segmenter:
    return cast("Segmenter", EvenScores(bundled))


@pytest.fixture(scope="module")
def spread_api(spread: Segmenter) -> Iterator[Api]:
    with starting() as start:
        yield start(service=SegmenterService.of(spread))


def test_what_is_left_out_is_the_same_at_every_door(
    spread: Segmenter,
    spread_api: Api,
    paths: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: spread)
    found = []
    for said in SAID:
        wish = replace(LEFT_OUT, **said)
        rows = assert_all_alike(spread, spread_api, paths[0], wish, capsys)
        found.append([len(row.scores) for row in rows])
    # Each of it would show.
    assert all(counts != found[0] for counts in found[1:]), found
