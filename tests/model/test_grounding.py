"""Concepts in one batch: as one by one, words once, masks only where something was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.model import segmenter
from sam3_playground.model.config import PUBLISHED, TINY
from sam3_playground.model.segmenter import CONCEPT_BYTES, CPU_CONCEPT_BYTES, Segmenter
from tests.model.conftest import PROMPTS, assert_same, noise_image

Make = Callable[..., Segmenter]


def test_a_batch_gives_what_its_prompts_give_one_by_one(make_segmenter: Make) -> None:
    segmenter, image = make_segmenter(), noise_image(3)
    together = segmenter.segment_concepts(image, PROMPTS).candidates
    for prompt, batched in zip(PROMPTS, together, strict=True):
        assert batched.prompt is prompt
        assert_same(segmenter.segment_concepts(image, [prompt]).candidates[0], batched)


def test_words_are_encoded_once(make_segmenter: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter, image = make_segmenter(), noise_image(8)
    segmenter.segment_concepts(image, [ConceptPrompt("cat"), ConceptPrompt("dog")])
    calls: list[Any] = []
    backbone = segmenter._network.backbone
    monkeypatch.setattr(backbone, "forward_text", lambda *a, **k: calls.append(a))
    segmenter.segment_concepts(image, [ConceptPrompt("dog"), ConceptPrompt("cat")])
    assert calls == []


def test_concepts_are_chunked_by_their_memory(
    make_segmenter: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 < CONCEPT_BYTES // PUBLISHED.concept_bytes < 16
    assert 1 < CPU_CONCEPT_BYTES // TINY.concept_bytes < 16
    prompts = [ConceptPrompt(f"thing {number}") for number in range(5)]
    together = make_segmenter().segment_concepts(noise_image(9), prompts).candidates
    for room, sizes in ((2 * TINY.concept_bytes, [2, 2, 1]), (1, [1] * 5)):
        monkeypatch.setattr(segmenter, "CPU_CONCEPT_BYTES", room)
        made = make_segmenter()
        batches: list[int] = []
        encode = made._network._encode_prompt

        def counted(features: Any, find_input: Any, exemplars: Any) -> Any:
            batches.append(len(find_input.img_ids))  # noqa: B023
            return encode(features, find_input, exemplars)  # noqa: B023

        with monkeypatch.context() as patch:
            patch.setattr(made._network, "_encode_prompt", counted)
            chunked = made.segment_concepts(noise_image(9), prompts).candidates
        assert batches == sizes
        for one, other in zip(together, chunked, strict=True):
            assert_same(one, other)


def test_only_what_is_over_the_floor_gets_masks(
    make_segmenter: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmenter, "CPU_CONCEPT_BYTES", len(PROMPTS) * TINY.concept_bytes)
    made, image = make_segmenter(), noise_image(11)
    everything = made.segment_concepts(image, PROMPTS, score_floor=0).candidates
    best = [found.candidates[0].score for found in everything]
    asked: list[tuple[int, ...]] = []
    masks = made._mask_head.masks

    def counted(features: Any, queries: Any, *rest: Any) -> Any:
        asked.append(tuple(queries.shape[:2]))
        return masks(features, queries, *rest)

    monkeypatch.setattr(made._mask_head, "masks", counted)
    for floor in (max(best), sorted(best)[-2], 1.0):
        found = made.segment_concepts(image, PROMPTS, score_floor=floor).candidates
        for some, every in zip(found, everything, strict=True):
            wanted = [one for one in every.candidates if one.score >= floor]
            assert len(some.candidates) == len(wanted)
            for one, other in zip(some.candidates, wanted, strict=True):
                assert np.abs(one.mask_logits - other.mask_logits).max() < 1e-4
    assert asked[0] == (1, 1)
    assert asked[1][0] == 2
    assert len(asked) == 2
