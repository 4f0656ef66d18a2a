"""Of corrections of anything, whatever is done with thresholds, NMS and cleanup."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sam3_playground.core.candidates import ConceptCandidates
from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.corrections import Correction
from sam3_playground.core.nms import Nms
from sam3_playground.core.steps import Seed
from tests.core.drawing import properties
from tests.core.drawn_candidates import (
    CAT,
    GROWN,
    candidate,
    ids_of,
    mended,
    select,
    told,
)


@st.composite
def found_somewhere(draw: st.DrawFn) -> tuple[ConceptCandidates, dict[str, Any]]:
    """Candidates anywhere, twins and empty masks among them, and what is done with them."""
    scores = sorted(draw(st.lists(st.integers(1, 100), max_size=6)), reverse=True)
    names = draw(st.permutations(range(10)))
    corners = st.integers(0, 3).map(lambda part: 5 * part)
    candidates = []
    for name, score in zip(names, scores, strict=False):
        x, y = draw(corners), draw(corners)
        width, height = draw(st.integers(0, 6)), draw(st.integers(0, 6))
        candidates.append(candidate(name, score / 100, (x, y, x + width, y + height)))
    options = {
        "nms": Nms(draw(st.sampled_from(["off", "within", "across"])), 0.5),
        "score_threshold": draw(st.sampled_from([0.0, 0.3, 0.5, 0.9])),
        "cleanup": MaskCleanup(min_area=draw(st.sampled_from([0, 1, 8]))),
    }
    return ConceptCandidates(CAT, 1.0, tuple(candidates)), options


Found = tuple[ConceptCandidates, dict[str, Any]]


@properties
@given(found_somewhere())
def test_corrections_of_nothing_change_nothing(somewhere: Found) -> None:
    found, options = somewhere
    plain = select(found=[found], **options)
    lost = Correction("cats:77", "cats", (Seed(CAT, 77, (1, 1, 2, 2)),))
    for result in (
        select(found=[found], corrections=(), **options),
        select(found=[found], corrections=(lost,), **options),
    ):
        assert list(map(told, result.instances)) == list(map(told, plain.instances))
        assert [one.suppressed for one in result.prompt_results] == [
            one.suppressed for one in plain.prompt_results
        ]


@properties
@given(found_somewhere())
def test_removing_all_that_is_found_leaves_nothing(somewhere: Found) -> None:
    found, options = somewhere
    gone = [mended(f"cats:{one.id}", one) for one in found.candidates if not one.mask.is_empty]
    left = select(*gone, found=[found], **options).instances
    assert all(item.mask.is_empty for item in left)


@properties
@given(found_somewhere(), st.data())
def test_ranks_rise_and_ids_differ_and_all_that_was_mended_is_there(
    somewhere: Found, data: st.DataObject
) -> None:
    found, options = somewhere
    options["cleanup"] = MaskCleanup()
    corrected = []
    for one in found.candidates:
        if one.mask.is_empty:
            continue
        size = data.draw(st.integers(0, 8))
        parts = [candidate(0, 0.5, (5, 5, 5 + size, 5 + size))] * data.draw(st.integers(0, 2))
        if data.draw(st.booleans()):
            corrected.append(mended(f"cats:{one.id}", one, to=parts))
    corrected.append(mended("cats:+1", to=[GROWN]))
    result = select(*corrected, found=[found], **options)
    ranks = [item.rank for item in result.instances]
    assert ranks == sorted(ranks)
    assert len(set(ids_of(result))) == len(result.instances)
    wanted = {one.correction.id for one in corrected if one.parts}
    assert {item.id for item in result.instances if item.corrected} == wanted
    before = {item.id: told(item) for item in select(found=[found], **options).instances}
    if options["nms"].mode == "off":
        kept = [item for item in result.instances if not item.corrected]
        assert all(told(item) == before[item.id] for item in kept)
