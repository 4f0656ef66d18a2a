"""What is counted is never less than what Python and numpy hold."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from sam3_playground.core.candidates import Candidate
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.sizes import (
    OBJECT_BYTES,
    arrays_bytes,
    candidates_bytes,
    image_bytes,
    prompt_bytes,
)


def really(value: Any, seen: set[int] | None = None) -> int:
    """Bytes of an object and all that it refers to."""
    seen = set() if seen is None else seen
    if id(value) in seen or value is None or isinstance(value, type):
        return 0
    seen.add(id(value))
    size = sys.getsizeof(value)
    if isinstance(value, np.ndarray):
        return size + (really(value.base, seen) if value.base is not None else 0)
    if isinstance(value, dict):
        return size + sum(really(key, seen) + really(one, seen) for key, one in value.items())
    if isinstance(value, (tuple, list)):
        return size + sum(really(one, seen) for one in value)
    return size + really(getattr(value, "__dict__", None), seen)


def clicks(count: int) -> tuple[Click, ...]:
    return tuple(Click(place + 0.5, place + 0.25) for place in range(count))


@pytest.mark.parametrize(
    "prompt",
    [
        ConceptPrompt("dog"),
        ConceptPrompt("\N{DOG FACE}" * 256),
        ConceptPrompt("x", tuple(Exemplar((n, n + 0.5, n + 2.5, n + 3.5)) for n in range(64))),
        VisualPrompt(clicks(1)),
        VisualPrompt(clicks(100), (1.5, 2.5, 3.5, 4.5)),
    ],
)
def test_a_prompt(prompt: ConceptPrompt | VisualPrompt) -> None:
    assert really(prompt) <= prompt_bytes(prompt) < 4 * really(prompt) + 2 * OBJECT_BYTES


def test_parts_count_with_the_array_that_they_keep_alive() -> None:
    whole = np.zeros((8, 10, 10), np.float32)
    assert arrays_bytes([whole[0]]) == arrays_bytes([whole[1][:2], whole[3]]) == whole.nbytes
    assert arrays_bytes([whole[0].copy()]) == whole.nbytes // 8
    assert arrays_bytes([]) == 0
    part = RgbImage(np.zeros((100, 100, 3), np.uint8)[:5])
    assert image_bytes(part) >= 100 * 100 * 3


def test_a_mask_counts_from_when_it_was_made() -> None:
    logits = np.full((3, 8, 8), -1.0, np.float32)
    logits[:, 2:6, 2:6] = 1.0
    found = [Candidate(0.5, one, (4000, 4000)) for one in logits]
    before = candidates_bytes(found)
    assert logits.nbytes <= before < logits.nbytes + 5 * OBJECT_BYTES
    assert found[0].made_mask is None
    mask = found[0].mask
    assert found[0].made_mask is mask
    assert candidates_bytes(found) - before == mask.bits.nbytes >= 2000 * 2000
    assert really(found) <= candidates_bytes(found)
