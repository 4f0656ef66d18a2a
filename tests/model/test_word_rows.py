"""A table of words is kept by its used rows, and is whole again in the network."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint import expected_tensors
from sam3_playground.model.config import TINY
from sam3_playground.model.parts import needed
from sam3_playground.model.word_rows import (
    TOKENS,
    WHICH,
    WORDS,
    with_all_rows,
    without_empty_rows,
)
from sam3_playground.weights.bundled_file import bundled_path

USED = (0, 7, TOKENS - 1)


def table(used: tuple[int, ...]) -> dict[str, Tensor]:
    words = torch.zeros(TOKENS, 3)
    for place, row in enumerate(used):
        words[row] = place + 1.0
    return {WORDS: words, "other": torch.ones(2)}


@pytest.mark.parametrize("used", [USED, ()])
def test_what_is_kept_is_small_and_comes_back(used: tuple[int, ...]) -> None:
    whole = table(used)
    kept = without_empty_rows(whole)
    assert kept[WORDS].shape == (len(used), 3)
    back = with_all_rows("a file", kept)
    assert back.keys() == whole.keys()
    assert all(torch.equal(back[name], whole[name]) for name in whole)


def test_a_table_in_use_stays_as_it_is() -> None:
    whole = {WORDS: torch.ones(TOKENS, 2)}
    assert without_empty_rows(whole).keys() == whole.keys()
    assert with_all_rows("a file", whole).keys() == whole.keys()


@pytest.mark.parametrize(
    "change",
    [
        {WHICH: torch.tensor([0, 7], dtype=torch.int32)},
        {WHICH: torch.tensor([0, 7, TOKENS], dtype=torch.int32)},
        {WHICH: torch.tensor([0, 7, -1], dtype=torch.int32)},
        {WHICH: torch.tensor([0, 7, 7], dtype=torch.int32)},
        {WHICH: torch.tensor([0.0, 7.0, 8.0])},
        {WHICH: torch.tensor(3, dtype=torch.int32)},
        {WORDS: torch.ones(3)},
        {WORDS: None},
    ],
)
def test_rows_that_do_not_fit_are_refused_in_words(change: dict[str, Tensor | None]) -> None:
    changed = {**without_empty_rows(table(USED)), **change}
    tensors = {name: value for name, value in changed.items() if value is not None}
    with pytest.raises(CheckpointError, match=r"expected the rows of .* in a file, got"):
        with_all_rows("a file", tensors)


def test_the_bundled_file_holds_what_results_depend_on_and_no_more() -> None:
    held = load_file(bundled_path())
    learned = expected_tensors(TINY).learned
    assert held.keys() - {WHICH} == set(needed(learned))
    assert len(held[WORDS]) < 1000
    assert bundled_path().stat().st_size < 12e6
