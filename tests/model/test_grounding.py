"""Concepts in one batch: as one by one, and masks only where something was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.model import Runner, calls
from sam3_playground.model import runner as module
from sam3_playground.model.config import PUBLISHED, TINY
from sam3_playground.model.runner import CONCEPT_BYTES, CPU_CONCEPT_BYTES
from tests.model.conftest import PROMPTS, SMALL, assert_same, look, noise_image

MakeRunner = Callable[..., Runner]


def test_a_batch_gives_what_its_prompts_give_one_by_one(runner: Runner) -> None:
    image = noise_image(3)
    together = look(runner, image, PROMPTS)
    for prompt, batched in zip(PROMPTS, together, strict=True):
        assert batched.prompt is prompt
        assert_same(look(runner, image, [prompt])[0], batched)


def test_no_concept_has_no_answer(runner: Runner) -> None:
    assert runner.propose_concepts(runner.encode(noise_image(3)), [], []) == ()


def test_concepts_are_chunked_by_their_memory(
    runner: Runner, make_runner: MakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 < CONCEPT_BYTES // PUBLISHED.concept_bytes < 16
    assert 1 < CPU_CONCEPT_BYTES // TINY.concept_bytes < 16
    prompts = [ConceptPrompt(f"thing {number}") for number in range(5)]
    together = look(runner, noise_image(9), prompts)
    batches: list[int] = []
    encode = calls.encode_prompts

    def counted(network: Any, level: Any, places: Any, image_ids: Any, *rest: Any) -> Any:
        batches.append(len(image_ids))
        return encode(network, level, places, image_ids, *rest)

    monkeypatch.setattr(calls, "encode_prompts", counted)
    for room, sizes in ((2 * SMALL.concept_bytes, [2, 2, 1]), (1, [1] * 5)):
        monkeypatch.setattr(module, "CPU_CONCEPT_BYTES", room)
        batches.clear()
        chunked = look(make_runner(), noise_image(9), prompts)
        assert batches == sizes
        for one, other in zip(together, chunked, strict=True):
            assert_same(one, other)


def test_only_what_is_over_the_floor_gets_masks(
    make_runner: MakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, image = make_runner(), noise_image(11)
    everything = look(made, image, PROMPTS, score_floor=0)
    best = [found.candidates[0].score for found in everything]
    asked: list[tuple[int, ...]] = []
    masks = made._mask_head.masks

    def counted(features: Any, queries: Any, *rest: Any) -> Any:
        asked.append(tuple(queries.shape[:2]))
        return masks(features, queries, *rest)

    monkeypatch.setattr(made._mask_head, "masks", counted)
    for floor in (max(best), sorted(best)[-2], 1.0):
        found = look(made, image, PROMPTS, score_floor=floor)
        for some, every in zip(found, everything, strict=True):
            assert some.score_floor == floor
            wanted = [one for one in every.candidates if one.score >= floor]
            assert len(some.candidates) == len(wanted)
            for one, other in zip(some.candidates, wanted, strict=True):
                assert one.id == other.id
                assert np.abs(one.mask_logits - other.mask_logits).max() < 1e-4
    assert asked[0] == (1, 1)
    assert asked[1][0] == 2
    assert len(asked) == 2
