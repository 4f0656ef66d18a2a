"""How much memory values take, for those who keep them: never less than they do take.

Arrays count with the whole array that they are a part of, since that is what stays alive.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.candidates import Candidate
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt

# What Python takes beside the arrays: an object with its fields, its place in a cache.
OBJECT_BYTES = 2**10
# A click or a box: an object, its fields, up to four numbers.
_MARK_BYTES = 2**9
_LETTER_BYTES = 4


def arrays_bytes(arrays: Iterable[NDArray[Any]]) -> int:
    """Bytes of the arrays that these are, or are parts of; each counts once."""
    owners = {id(owner): owner.nbytes for owner in map(_owner, arrays)}
    return sum(owners.values())


def _owner(array: NDArray[Any]) -> NDArray[Any]:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def image_bytes(image: RgbImage) -> int:
    """Bytes of an image."""
    return OBJECT_BYTES + arrays_bytes([image.pixels])


def prompt_bytes(prompt: ConceptPrompt | VisualPrompt) -> int:
    """Bytes of a prompt."""
    if isinstance(prompt, VisualPrompt):
        return OBJECT_BYTES + _MARK_BYTES * (len(prompt.clicks) + 1)
    letters = len(prompt.text or "")
    return OBJECT_BYTES + _LETTER_BYTES * letters + _MARK_BYTES * len(prompt.exemplars)


def candidates_bytes(candidates: Iterable[Candidate]) -> int:
    """Bytes of candidates, with the masks that they have made so far."""
    found = tuple(candidates)
    arrays: list[NDArray[Any]] = [candidate.mask_logits for candidate in found]
    arrays += [one.made_mask.bits for one in found if one.made_mask is not None]
    return OBJECT_BYTES * (1 + len(found)) + arrays_bytes(arrays)
