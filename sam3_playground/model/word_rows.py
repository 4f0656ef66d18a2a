"""The table of words in a file: where most of its rows are zeros, the others and which they are.

A network that was taught a few hundred words has a vector for each of the 49,408 tokens all the
same; those that it never met are zero, and a file need not carry them.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from sam3_playground.errors import CheckpointError

WORDS = "backbone.language_backbone.encoder.token_embedding.weight"
WHICH = "backbone.language_backbone.encoder.token_embedding.rows"
# Tokens of CLIP's vocabulary, which is every network's of this family.
TOKENS = 49_408


def without_empty_rows(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors with the used rows of the table of words alone, if they are less than half.

    Args:
        tensors: By the network's names; WORDS is (TOKENS, width).

    Returns:
        The same, or with WORDS as (R, width) and WHICH as (R,) int32, ascending; R may be 0.
    """
    table = tensors[WORDS]
    rows = torch.nonzero((table != 0).any(dim=1)).flatten()
    if 2 * len(rows) > len(table):
        return dict(tensors)
    return {**tensors, WORDS: table[rows].contiguous(), WHICH: rows.to(torch.int32)}


def with_all_rows(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors with a whole table of words again; others than `without_empty_rows` gave stay.

    Args:
        name: What their file is called.
        tensors: By the network's names.

    Raises:
        CheckpointError: WHICH does not say one row of the table for each that is there.
    """
    rows, kept = tensors.get(WHICH), tensors.get(WORDS)
    if rows is None:
        return dict(tensors)
    if (
        kept is None
        or kept.ndim != 2
        or rows.dtype is not torch.int32
        or rows.shape != kept.shape[:1]
        or bool(((rows < 0) | (rows >= TOKENS)).any())
        or len(set(rows.tolist())) != len(rows)
    ):
        raise CheckpointError(
            f"expected the rows of {WORDS} by their numbers below {TOKENS:,} in {name}, "
            "got something else"
        )
    table = kept.new_zeros(TOKENS, kept.shape[1])
    table[rows.long()] = kept
    return {key: value for key, value in tensors.items() if key != WHICH} | {WORDS: table}
