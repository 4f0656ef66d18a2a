"""The tokenizer splits as the package's does, and remembers nothing."""

from __future__ import annotations

import random
import string

from sam3_playground.model.package import import_sam3, vocabulary_path
from sam3_playground.model.tokenizer import build_tokenizer


def test_it_splits_alike_and_remembers_no_word() -> None:
    tokenizer = build_tokenizer()
    original = import_sam3().SimpleTokenizer(bpe_path=str(vocabulary_path()))
    before = dict(tokenizer.cache)
    assert before == original.cache
    rng = random.Random(1)
    words = ["".join(rng.choices(string.ascii_lowercase, k=rng.randrange(1, 60))) for _ in range(9)]
    for word in [*words, "red circle", "the end", "<end_of_text> end"] * 2:
        assert tokenizer.encode(word) == original.encode(word)
    assert tokenizer.cache == before
    assert len(original.cache) > len(before) + len(words)  # which keeps all
