"""The segmenter answers as the package does, in batches, from several threads, from its cache."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch

from sam3_playground.core.candidates import Candidate
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.errors import InvalidPromptError
from sam3_playground.model.config import TINY
from sam3_playground.model.segmenter import Segmenter
from tests.model.conftest import PROMPTS, assert_same, noise_image
from tests.model.reference import predict_inst, pretend_original, processor_answer

Make = Callable[..., Segmenter]


@pytest.fixture(scope="module")
def original(network: Any) -> Any:
    """The same weights in the package's own classes."""
    return pretend_original(deepcopy(network))


@pytest.mark.parametrize("prompt", PROMPTS, ids=["words", "box", "boxes", "both"])
def test_concepts_equal_the_packages_processor(
    prompt: ConceptPrompt, make_segmenter: Make, original: Any
) -> None:
    image = noise_image(1)
    scores, boxes, probs = processor_answer(original, TINY.image_size, image, prompt)
    answer = make_segmenter().segment_concepts(image, [prompt], score_floor=0.0)
    found = answer.candidates[0].candidates
    order = np.argsort(-scores, kind="stable")
    assert len(found) == len(scores) == TINY.queries
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
    make_segmenter: Make,
    original: Any,
) -> None:
    image = noise_image(2)
    rng = np.random.default_rng(0)
    mask = rng.normal(size=(TINY.mask_size, TINY.mask_size)).astype(np.float32)
    mask_input = mask if with_mask else None
    scores, low_res = predict_inst(
        original,
        TINY.image_size,
        image,
        mask_input=None if mask_input is None else mask_input[None],
        multimask_output=multimask,
        **package,
    )
    answer = make_segmenter().segment_visual(
        image, prompt, mask_input=mask_input, multimask=multimask
    )
    found = answer.candidates.candidates
    order = np.argsort(-scores, kind="stable")
    np.testing.assert_allclose([c.score for c in found], scores[order], atol=1e-4)
    np.testing.assert_allclose(np.stack([c.mask_logits for c in found]), low_res[order], atol=1e-4)


def test_people_see_three_masks_of_one_click_and_the_single_one_first_of_more(
    make_segmenter: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    segmenter = make_segmenter()
    image = noise_image(2)

    def shown(prompt: VisualPrompt, multimask: bool | None = None) -> list[Candidate]:
        answer = segmenter.segment_visual(image, prompt, multimask=multimask)
        return list(answer.candidates.candidates)

    click = VisualPrompt((Click(30, 40),))
    assert_same_masks(shown(click), shown(click, multimask=True))
    clear = VisualPrompt((Click(30, 40), Click(60, 10)))
    three = shown(clear, multimask=True)
    decoder = segmenter._tracker.sam_mask_decoder
    monkeypatch.setattr(decoder, "dynamic_multimask_stability_thresh", 0.0)
    single = shown(clear, multimask=False)
    assert_same_masks(shown(clear), [*single, *three])
    # No single mask is trusted.
    monkeypatch.setattr(decoder, "dynamic_multimask_stability_thresh", 1.01)
    assert_same_masks(shown(clear), three)
    assert_same_masks(shown(clear, multimask=False), three[:1])


def assert_same_masks(some: list[Candidate], others: list[Candidate]) -> None:
    """The same masks with the same scores, in the same order."""
    assert [one.score for one in some] == [other.score for other in others]
    for one, other in zip(some, others, strict=True):
        np.testing.assert_array_equal(one.mask_logits, other.mask_logits)


def test_an_image_is_encoded_once_for_both_tasks(make_segmenter: Make) -> None:
    segmenter = make_segmenter()
    first = segmenter.segment_concepts(noise_image(4), [PROMPTS[0]])
    again = segmenter.segment_visual(noise_image(4), VisualPrompt((Click(5, 5),)))
    other = segmenter.segment_visual(noise_image(5), VisualPrompt((Click(5, 5),)))
    assert first.timings.encoded
    assert first.timings.encode > 0
    assert not again.timings.encoded
    assert again.timings.encode == 0
    assert other.timings.encoded


def test_the_cache_is_bounded_and_evicts_the_least_recently_used(make_segmenter: Make) -> None:
    probe = make_segmenter()
    probe.embed(noise_image(0))
    size = probe.cache.byte_count
    segmenter = make_segmenter(cache_bytes=2 * size + size // 2)
    for seed in (1, 2, 1, 3):
        segmenter.embed(noise_image(seed))
        assert segmenter.cache.byte_count <= 2 * size
    assert segmenter.cache.get(noise_image(1).key) is not None
    assert segmenter.cache.get(noise_image(2).key) is None
    assert segmenter.cache.get(noise_image(3).key) is not None
    small = make_segmenter(cache_bytes=10)
    assert small.embed(noise_image(1)).encoded
    assert len(small.cache) == 0


def test_an_embedding_holds_its_features_and_one_levels_positions(make_segmenter: Make) -> None:
    segmenter = make_segmenter()
    segmenter.embed(noise_image(1))
    embedding = segmenter.cache.get(noise_image(1).key)
    assert embedding is not None
    clicks = embedding.backbone_out["sam2_backbone_out"]
    kept = ("backbone_fpn", "vision_pos_enc", "mask_features", "fusion_features")
    read = [*(embedding.backbone_out[name] for name in kept), clicks["backbone_fpn"]]
    assert embedding.byte_count == sum(level.nbytes for levels in read for level in levels)
    assert [len(levels) for levels in read] == [1, 1, 2, 1, 3]


def test_two_threads_with_two_images_do_not_mix_up(make_segmenter: Make) -> None:
    calm = make_segmenter()
    images = [noise_image(6, 120, 180), noise_image(7, 200, 100)]
    wanted = [calm.segment_concepts(image, PROMPTS[:2]).candidates for image in images]
    clicked = [calm.segment_visual(i, VisualPrompt((Click(9, 9),))).candidates for i in images]
    shared = make_segmenter(cache_bytes=10)
    failures: list[Exception] = []

    def work(index: int) -> None:
        try:
            for _ in range(3):
                got = shared.segment_concepts(images[index], PROMPTS[:2]).candidates
                for a, b in zip(got, wanted[index], strict=True):
                    assert_same(a, b)
                click = shared.segment_visual(images[index], VisualPrompt((Click(9, 9),)))
                np.testing.assert_allclose(
                    click.candidates.candidates[0].mask_logits,
                    clicked[index].candidates[0].mask_logits,
                    atol=1e-3,
                )
        except Exception as error:  # noqa: BLE001 (a thread's failure must reach the test)
            failures.append(error)

    threads = [threading.Thread(target=work, args=(index,)) for index in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_bfloat16_encodes_and_float32_answers(make_segmenter: Make) -> None:
    image, click = noise_image(1), VisualPrompt((Click(9, 9),))
    features, scores = [], []
    for cpu_bfloat16 in (False, True):
        made = make_segmenter(cpu_bfloat16=cpu_bfloat16)
        found = made.segment_concepts(image, PROMPTS, score_floor=0).candidates
        clicked = made.segment_visual(image, click).candidates
        proposed = [*(item for one in found for item in one.candidates), *clicked.candidates]
        scores.append([item.score for item in proposed])
        embedding = made.cache.get(image.key)
        assert embedding is not None
        levels = embedding.backbone_out["backbone_fpn"]
        assert {level.dtype for level in levels} == {torch.float32}
        features.append(torch.cat([level.flatten() for level in levels]))
    error = (features[0] - features[1]).norm() / features[0].norm()
    assert 0 < error < 0.03
    np.testing.assert_allclose(scores[1], scores[0], atol=0.02)


@pytest.mark.parametrize("cpu_bfloat16", [False, True])
def test_no_autocast_or_gradient_mode_leaks(make_segmenter: Make, cpu_bfloat16: bool) -> None:
    make_segmenter(cpu_bfloat16=cpu_bfloat16).segment_concepts(noise_image(1), [PROMPTS[0]])
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    assert not torch.is_autocast_enabled("cpu")
    assert not torch.is_autocast_enabled("cuda")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s, i: s.segment_concepts(i, []), "at least one concept"),
        (
            lambda s, i: s.segment_concepts(
                i, [ConceptPrompt(None, (Exemplar((500, 0, 600, 9)),))]
            ),
            "exemplar box",
        ),
        (lambda s, i: s.segment_visual(i, VisualPrompt(box_xyxy=(-9, -9, -1, -1))), "box"),
        (
            lambda s, i: s.segment_visual(
                i, VisualPrompt((Click(1, 1),)), mask_input=np.zeros((5, 5), np.float32)
            ),
            rf"\({TINY.mask_size}, {TINY.mask_size}\).*\(5, 5\)",
        ),
    ],
)
def test_impossible_prompts_are_refused(
    call: Callable[..., Any], message: str, make_segmenter: Make
) -> None:
    with pytest.raises(InvalidPromptError, match=message):
        call(make_segmenter(), noise_image(1))
