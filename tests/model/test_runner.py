"""The runner answers as the package does, in float32 and bfloat16."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from sam3_playground.core.candidates import Candidate
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.errors import InvalidPromptError
from sam3_playground.model import Runner, calls
from tests.model.conftest import PROMPTS, SMALL, look, noise_image
from tests.model.reference import predict_inst, pretend_original, processor_answer

MakeRunner = Callable[..., Runner]


@pytest.fixture(scope="module")
def original(small_network: Any) -> Any:
    """The same weights in the package's own classes."""
    return pretend_original(deepcopy(small_network))


@pytest.mark.parametrize("prompt", PROMPTS, ids=["words", "box", "boxes", "both"])
def test_concepts_equal_the_packages_processor(
    prompt: ConceptPrompt, runner: Runner, original: Any
) -> None:
    image = noise_image(1)
    scores, boxes, probs = processor_answer(original, SMALL.image_size, image, prompt)
    found = look(runner, image, [prompt], score_floor=0.0)[0].candidates
    order = np.argsort(-scores, kind="stable")
    assert len(found) == len(scores) == SMALL.queries
    np.testing.assert_allclose([c.score for c in found], scores[order], atol=1e-4)
    found_boxes = np.array([c.box_xyxy for c in found])
    np.testing.assert_allclose(found_boxes, boxes[order], atol=1e-2)
    for candidate, prob in list(zip(found, probs[order], strict=True))[:10]:
        logits = torch.nn.functional.interpolate(
            torch.from_numpy(candidate.mask_logits)[None, None],
            image.size,
            mode="bilinear",
            align_corners=False,
        )[0, 0]
        np.testing.assert_allclose(logits.sigmoid(), prob, atol=1e-4)


@pytest.mark.parametrize(
    ("prompt", "package"),
    [
        (
            VisualPrompt((Click(30, 40), Click(100, 90, positive=False))),
            {"point_coords": np.array([[30, 40], [100, 90]]), "point_labels": np.array([1, 0])},
        ),
        (VisualPrompt(box_xyxy=(20, 10, 80, 70)), {"box": np.array([20, 10, 80, 70])}),
        (
            VisualPrompt((Click(30, 40),), (20, 10, 80, 70)),
            {
                "point_coords": np.array([[30, 40]]),
                "point_labels": np.array([1]),
                "box": np.array([20, 10, 80, 70]),
            },
        ),
    ],
    ids=["clicks", "box", "both"],
)
@pytest.mark.parametrize("with_mask", [False, True], ids=["fresh", "refined"])
@pytest.mark.parametrize("multimask", [True, False], ids=["three", "one"])
def test_clicks_equal_the_packages_predictor(
    prompt: VisualPrompt,
    package: dict[str, Any],
    with_mask: bool,
    multimask: bool,
    runner: Runner,
    original: Any,
) -> None:
    image = noise_image(2)
    rng = np.random.default_rng(0)
    mask = rng.normal(size=(SMALL.mask_size, SMALL.mask_size)).astype(np.float32)
    mask_input = mask if with_mask else None
    scores, low_res = predict_inst(
        original,
        SMALL.image_size,
        image,
        mask_input=None if mask_input is None else mask_input[None],
        multimask_output=multimask,
        **package,
    )
    found = runner.propose_visual(
        runner.encode(image), prompt, mask_input, multimask=multimask
    ).candidates
    order = np.argsort(-scores, kind="stable")
    np.testing.assert_allclose([c.score for c in found], scores[order], atol=1e-4)
    np.testing.assert_allclose(np.stack([c.mask_logits for c in found]), low_res[order], atol=1e-4)


def test_people_see_three_masks_of_one_click_and_the_single_one_first_of_more(
    runner: Runner, small_network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedding = runner.encode(noise_image(2))

    def shown(prompt: VisualPrompt, multimask: bool | None = None) -> list[Candidate]:
        return list(runner.propose_visual(embedding, prompt, multimask=multimask).candidates)

    click = VisualPrompt((Click(30, 40),))
    assert_same_masks(shown(click), shown(click, multimask=True))
    clear = VisualPrompt((Click(30, 40), Click(60, 10)))
    three = shown(clear, multimask=True)
    decoder = small_network.inst_interactive_predictor.model.sam_mask_decoder
    monkeypatch.setattr(decoder, "dynamic_multimask_stability_thresh", 0.0)
    single = shown(clear, multimask=False)
    assert_same_masks(shown(clear), [*single, *three])
    # No single mask is trusted.
    monkeypatch.setattr(decoder, "dynamic_multimask_stability_thresh", 1.01)
    assert_same_masks(shown(clear), three)
    assert_same_masks(shown(clear, multimask=False), three[:1])


def test_a_mask_without_a_pixel_is_not_the_first_that_people_see(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedding = runner.encode(noise_image(2))
    click = VisualPrompt((Click(30, 40),))
    answer = calls.click

    def emptied(*arguments: Any) -> Any:
        """The surest of the three has nothing in it."""
        clicked = answer(*arguments)
        best = int(clicked.ious[0][1:].argmax()) + 1
        masks = torch.ones_like(clicked.masks)
        masks[:, best] = -1
        return replace(clicked, masks=masks)

    monkeypatch.setattr(calls, "click", emptied)
    found = runner.propose_visual(embedding, click).candidates
    assert [one.mask.is_empty for one in found] == [False, False, True]
    assert found[0].score > found[1].score
    assert found[2].score > found[0].score
    # Who says how many masks there are to be gets them as the network's package gives them.
    asked = runner.propose_visual(embedding, click, multimask=True).candidates
    assert [one.mask.is_empty for one in asked] == [True, False, False]


def assert_same_masks(some: list[Candidate], others: list[Candidate]) -> None:
    """The same masks with the same scores, in the same order."""
    assert [one.score for one in some] == [other.score for other in others]
    for one, other in zip(some, others, strict=True):
        np.testing.assert_array_equal(one.mask_logits, other.mask_logits)


def test_bfloat16_encodes_and_float32_answers(make_runner: MakeRunner) -> None:
    image, click = noise_image(1), VisualPrompt((Click(9, 9),))
    features, scores = [], []
    for cpu_bfloat16 in (False, True):
        made = make_runner(cpu_bfloat16=cpu_bfloat16)
        found = look(made, image, PROMPTS, score_floor=0)
        embedding = made.encode(image)
        clicked = made.propose_visual(embedding, click)
        proposed = [*(item for one in found for item in one.candidates), *clicked.candidates]
        scores.append([item.score for item in proposed])
        levels = [embedding.level, embedding.patches, *embedding.masks, *embedding.clicks]
        assert {level.dtype for level in levels} == {torch.float32}
        features.append(torch.cat([level.flatten() for level in levels]))
    error = (features[0] - features[1]).norm() / features[0].norm()
    assert 0 < error < 0.03
    np.testing.assert_allclose(scores[1], scores[0], atol=0.02)


def test_pixels_that_cannot_be_written_to_are_taken_without_a_warning(runner: Runner) -> None:
    image = noise_image(1)
    pixels = image.pixels.copy()
    pixels.flags.writeable = False
    held = runner.encode(RgbImage(pixels)), runner.encode(image)
    assert torch.equal(held[0].level, held[1].level)
    assert not pixels.flags.writeable


def test_a_mask_of_another_size_is_refused(runner: Runner) -> None:
    said = rf"\({SMALL.mask_size}, {SMALL.mask_size}\).*\(5, 5\)"
    mask = np.zeros((5, 5), np.float32)
    embedding = runner.encode(noise_image(1))
    with pytest.raises(InvalidPromptError, match=said):
        runner.propose_visual(embedding, VisualPrompt((Click(1, 1),)), mask)
