"""Corrections on their way: what the network is asked for them, with which mask, and how often."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sam3_playground.core.candidates import ConceptCandidates
from sam3_playground.core.corrections import Correction
from sam3_playground.core.nms import Nms
from sam3_playground.core.prompts import ConceptPrompt, Exemplar
from sam3_playground.core.requests import ConceptRequest, Request, VisualObject, VisualRequest
from sam3_playground.core.steps import Seed, Step
from sam3_playground.errors import InvalidPromptError, NoClicksError
from sam3_playground.pipeline.answer import Proposal, answer, propose
from sam3_playground.ui.session import Answers, Sessions
from tests.pipeline.noting import (
    DISCS,
    GREEN,
    OFF,
    ON_BLUE,
    ON_GREEN,
    RED,
    Faint,
    Noting,
    corrected,
    found,
    one_of,
    same,
    seed,
)


@pytest.fixture
def segmenter() -> Noting:
    return Noting()


@pytest.fixture
def answers(segmenter: Noting) -> Answers:
    """What a visitor's session keeps."""
    return Sessions().of("one").answers(segmenter.key)


def test_the_network_is_given_the_mask_of_the_instance(segmenter: Noting) -> None:
    one, two = found(segmenter)
    refined = Correction("1:2", "1", (seed(two),), (Step(ON_GREEN, base=seed(two)),))
    result = answer(segmenter, DISCS, corrected(refined))
    assert segmenter.calls == [[RED], ON_GREEN]
    (given,) = segmenter.masks
    assert given is not None
    assert np.array_equal(given, two.mask_logits)
    assert [item.id for item in result.instances] == ["1:1", "1:2"]
    mask = one_of(result, "1:2").mask.to_bitmap()
    assert (mask[50, 110], mask[95, 60], mask[40, 40]) == (True, True, False)
    assert np.array_equal(one_of(result, "1:1").mask.to_bitmap(), one.mask.to_bitmap())
    assert result.prompt_results[0].misfits == ()


def test_what_is_added_starts_without_a_mask(segmenter: Noting) -> None:
    result = answer(segmenter, DISCS, corrected(Correction("1:+1", "1", (), (Step(ON_GREEN),))))
    assert segmenter.masks == [None]
    assert [item.id for item in result.instances] == ["1:1", "1:2", "1:+1"]
    assert one_of(result, "1:+1").score == 0.9


def test_a_refined_mask_is_refined_again_from_the_one_that_was_chosen(segmenter: Noting) -> None:
    one, _ = found(segmenter)
    first = Step(ON_GREEN, choice=1, base=seed(one))
    second = Step(ON_BLUE, base=first)
    result = answer(segmenter, DISCS, corrected(Correction("1:1", "1", (seed(one),), (second,))))
    assert segmenter.calls == [[RED], ON_GREEN, ON_BLUE]
    # The second choice was what is green alone.
    assert segmenter.masks[1] is not None
    green, *_ = found(segmenter, GREEN)
    assert np.array_equal(segmenter.masks[1] > 0, green.mask_logits > 0)
    mask = one_of(result, "1:1").mask.to_bitmap()
    assert (mask[40, 40], mask[95, 60], mask[100, 130]) == (False, True, True)


@pytest.mark.parametrize(("choice", "there"), [(0, (1, 1, 0)), (1, (0, 1, 0)), (2, (1, 0, 1))])
def test_a_choice_among_a_steps_masks(
    segmenter: Noting, choice: int, there: tuple[int, ...]
) -> None:
    one, _ = found(segmenter)
    step = Step(ON_GREEN, choice, seed(one))
    result = answer(segmenter, DISCS, corrected(Correction("1:1", "1", (seed(one),), (step,))))
    mask = one_of(result, "1:1").mask.to_bitmap()
    assert (mask[40, 40], mask[95, 60], mask[5, 5]) == there


def test_a_choice_that_there_is_not_is_refused_in_words(segmenter: Noting) -> None:
    one, _ = found(segmenter)
    step = Step(ON_GREEN, 3, seed(one))
    for last in (step, Step(ON_GREEN, base=step)):
        refined = Correction("1:1", "1", (seed(one),), (last,))
        with pytest.raises(Exception, match="expected a mask from 0 to 2, got 3"):
            answer(segmenter, DISCS, corrected(refined))


def all_kinds(segmenter: Noting) -> ConceptRequest:
    one, two = found(segmenter)
    step = Step(OFF, base=Step(ON_GREEN, base=seed(two)))
    return corrected(
        Correction("1:1", "1", (seed(one),)),
        Correction("1:2", "1", (seed(two),), (step,)),
        Correction("1:+1", "1", (), (Step(ON_GREEN),)),
        Correction("1:+2", "1", (), (seed(one), Step(ON_BLUE))),
    )


def test_what_is_kept_is_not_asked_again(segmenter: Noting, answers: Answers) -> None:
    request = all_kinds(segmenter)
    first = propose(segmenter, DISCS, request, answers)
    assert first.timings.calls == 6  # the image, the words, and four clicks
    segmenter.calls.clear()
    again = propose(segmenter, DISCS, request, answers)
    assert (segmenter.calls, again.timings.calls) == ([], 0)
    assert same(first.select(), again.select())
    # Another choice, threshold or suppression needs nothing either; one more click is one call.
    refined = request.corrections[1]
    (last,) = refined.steps
    chosen = replace(refined, parts=(replace(last, choice=1),))
    changed = replace(request, corrections=(chosen,), score_threshold=0.9, nms=Nms("across", 0.1))
    propose(segmenter, DISCS, changed, answers)
    assert segmenter.calls == []
    more = replace(refined, parts=(replace(last, prompt=ON_BLUE),))
    propose(segmenter, DISCS, replace(request, corrections=(more,)), answers)
    assert segmenter.calls == [ON_BLUE]


def test_what_is_kept_changes_nothing(segmenter: Noting, answers: Answers) -> None:
    request = all_kinds(segmenter)
    propose(segmenter, DISCS, replace(request, score_threshold=0.0), answers)
    kept = propose(segmenter, DISCS, request, answers).select()
    assert same(kept, answer(segmenter, DISCS, request))


def test_seeds_of_another_prompt_are_asked_for_in_the_same_batch(
    segmenter: Noting, answers: Answers
) -> None:
    former = ConceptPrompt(None, (Exemplar((45, 80, 75, 110)),))
    (green,) = found(segmenter, former)
    refined = Correction(
        "1:1", "1", (seed(green, former),), (Step(ON_BLUE, base=seed(green, former)),)
    )
    proposal = propose(segmenter, DISCS, corrected(refined), answers)
    assert segmenter.calls == [[RED, former], ON_BLUE]
    assert [one.prompt for one in proposal.found] == [RED]
    assert [one.prompt for one in proposal.seeds] == [former]
    result = proposal.select()
    # By that id the former prompt found another thing: both are there, by different ids.
    assert len({item.id for item in result.instances}) == 3
    mask = one_of(result, "1:1").mask.to_bitmap()
    assert (mask[95, 60], mask[100, 130], mask[40, 40]) == (True, True, False)


def test_two_concepts_and_their_seeds_are_one_batch(segmenter: Noting) -> None:
    one, _ = found(segmenter)
    (green,) = found(segmenter, GREEN)
    request = ConceptRequest(
        (RED, GREEN),
        ("1", "2"),
        corrections=(
            Correction("1:1", "1", (seed(one),)),
            Correction("2:1", "2", (seed(green, GREEN),), (seed(green, GREEN), Step(ON_BLUE))),
        ),
    )
    result = answer(segmenter, DISCS, request)
    assert segmenter.calls == [[RED, GREEN], ON_BLUE]
    assert [item.id for item in result.instances] == ["1:2", "2:1"]
    assert one_of(result, "2:1").mask.to_bitmap()[[95, 100], [60, 130]].all()


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
def test_no_threshold_takes_what_scored_next_to_nothing(threshold: float) -> None:
    """Shown at a threshold of 0, refined, and there at every other, kept or not."""
    segmenter = Faint()
    answers = Sessions().of("one").answers(segmenter.key)
    *_, faint = found(segmenter)
    refined = Correction("1:2", "1", (seed(faint),), (Step(ON_GREEN, base=seed(faint)),))
    request = replace(corrected(refined), score_threshold=threshold)
    result = answer(segmenter, DISCS, request)
    assert (one_of(result, "1:2").rank, result.prompt_results[0].misfits) == (1, ())
    assert segmenter.floors == ([0.0] if threshold == 0 else [0.02, 0.0])
    propose(segmenter, DISCS, replace(request, score_threshold=0.0), answers)
    segmenter.floors.clear()
    assert same(propose(segmenter, DISCS, request, answers).select(), result)
    assert segmenter.floors == []


def test_what_fits_no_more_is_left_out_and_told_and_the_network_is_not_clicked_for_it(
    segmenter: Noting, answers: Answers
) -> None:
    nowhere = Seed(RED, 9, (1, 1, 3, 3))
    lost = Correction("1:9", "1", (nowhere,), (Step(ON_GREEN, base=nowhere), Step(ON_BLUE)))
    result = propose(segmenter, DISCS, corrected(lost), answers).select()
    assert same(result, answer(Noting(), DISCS, corrected()))
    assert result.prompt_results[0].misfits == ("1:9",)
    assert segmenter.masks == []
    # It was looked for among the lowest scores, once.
    assert segmenter.floors == [0.02, 0.0]


def test_weights_without_a_click_head_refuse_clicks_alone(segmenter: Noting) -> None:
    segmenter.weights = replace(segmenter.weights, name="tuned.pt", clicks=False)
    one, two = map(seed, found(segmenter))
    merged = Correction("1:1", "1", (one, two), (one, two))
    result = answer(segmenter, DISCS, corrected(merged))
    assert [item.id for item in result.instances] == ["1:1"]
    assert one_of(result, "1:1").mask.to_bitmap()[[40, 50], [40, 110]].all()
    assert not answer(segmenter, DISCS, corrected(Correction("1:1", "1", (one, two)))).instances
    segmenter.embedded.clear()
    for parts in ((Step(ON_GREEN, base=one),), (two, Step(ON_GREEN))):
        with pytest.raises(NoClicksError):
            answer(segmenter, DISCS, corrected(Correction("1:1", "1", (one,), parts)))
    assert not segmenter.embedded


def objects(*steps: Step) -> VisualRequest:
    return VisualRequest(tuple(map(VisualObject, steps)))


def test_an_object_may_begin_with_what_a_concept_found(segmenter: Noting, answers: Answers) -> None:
    one, _ = found(segmenter)
    request = objects(Step(ON_BLUE), Step(OFF, base=seed(one)))
    result = propose(segmenter, DISCS, request, answers).select()
    assert segmenter.calls == [[RED], ON_BLUE, OFF]
    assert np.array_equal(segmenter.masks[1], one.mask_logits)  # type: ignore[arg-type]
    assert result.instances[1].mask.to_bitmap()[40, 40]
    segmenter.calls.clear()
    assert same(propose(segmenter, DISCS, request, answers).select(), result)
    assert segmenter.calls == []


def test_an_object_that_began_with_what_is_nowhere_is_refused_in_words(segmenter: Noting) -> None:
    request = objects(Step(ON_BLUE), Step(OFF, base=Seed(RED, 9, (1, 1, 3, 3))))
    with pytest.raises(InvalidPromptError, match="the instance to refine, got none") as refusal:
        answer(segmenter, DISCS, request)
    assert refusal.value.where == ("objects", 1)


def test_a_mask_given_as_numbers_counts_for_more_than_what_is_kept(
    segmenter: Noting, answers: Answers
) -> None:
    propose(segmenter, DISCS, objects(Step(ON_GREEN)), answers)
    one, _ = found(segmenter)
    item = VisualObject(Step(ON_GREEN), mask_input=one.mask_logits)
    result = propose(segmenter, DISCS, VisualRequest((item,)), answers).select()
    assert segmenter.masks[-1] is one.mask_logits
    assert result.instances[0].mask.to_bitmap()[[40, 95], [40, 60]].all()
    # Nor is what it gives kept for those who give none.
    plain: Proposal = propose(segmenter, DISCS, objects(Step(ON_GREEN)), answers)
    assert not plain.select().instances[0].mask.to_bitmap()[40, 40]


class ShortContext(Noting):
    def validate_text(self, prompt: ConceptPrompt) -> None:
        if prompt.text == "too long":
            raise InvalidPromptError("expected a shorter text")


@pytest.mark.parametrize("of_objects", [True, False])
def test_texts_of_seeds_are_read_before_an_image_is_encoded(*, of_objects: bool) -> None:
    segmenter = ShortContext()
    former = Seed(ConceptPrompt("too long"), 1, (0, 0, 9, 9))
    request: Request = corrected(Correction("1:1", "1", (former,)))
    if of_objects:
        request = objects(Step(ON_BLUE, base=former))
    with pytest.raises(InvalidPromptError, match="a shorter text"):
        answer(segmenter, DISCS, request)
    assert not segmenter.embedded


def test_other_weights_find_the_instance_by_its_box(segmenter: Noting) -> None:
    """Their ids are others; what fits none of theirs is told."""
    one, two = found(segmenter)
    moved = replace(seed(two), candidate=1), replace(seed(one), candidate=17)
    refined = Correction("1:1", "1", (moved[0],), (Step(ON_GREEN, base=moved[0]),))
    result = answer(segmenter, DISCS, corrected(refined, Correction("1:17", "1", (moved[1],))))
    assert [item.id for item in result.instances] == ["1:1"]
    assert one_of(result, "1:1").mask.to_bitmap()[[50, 95], [110, 60]].all()
    assert np.array_equal(segmenter.masks[0], two.mask_logits)  # type: ignore[arg-type]


def test_the_fakes_candidates_are_as_the_pipeline_has_them(segmenter: Noting) -> None:
    """So that what is said here of seeds is true of what a visitor clicks."""
    result = answer(segmenter, DISCS, corrected())
    for item, one in zip(result.instances, found(segmenter), strict=True):
        assert item.candidate is not None
        assert (item.candidate.id, item.mask.box_xyxy) == (one.id, one.mask.box_xyxy)
    assert isinstance(propose(segmenter, DISCS, corrected()).found[0], ConceptCandidates)
