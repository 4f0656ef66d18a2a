"""The tokenizer splits as the package's does, and remembers no more than so many words."""

from __future__ import annotations

import random
import string

from sam3_playground.model.package import import_sam3, vocabulary_path
from sam3_playground.model.tokenizer import KEPT_WORD_LETTERS, KEPT_WORDS, build_tokenizer


def test_it_remembers_so_many_words_and_splits_the_others_alike() -> None:
    tokenizer = build_tokenizer()
    original = import_sam3().SimpleTokenizer(bpe_path=str(vocabulary_path()))
    rng = random.Random(1)
    for number in range(KEPT_WORDS + 500):
        word = "".join(rng.choices(string.ascii_lowercase, k=rng.randrange(1, 60)))
        if number % 50 == 0 or number > KEPT_WORDS:
            assert tokenizer.encode(f"<end_of_text> {word}") == original.encode(
                f"<end_of_text> {word}"
            )
        else:
            tokenizer.encode(word)
    assert KEPT_WORDS // 4 < len(tokenizer.cache) <= KEPT_WORDS
    assert max(map(len, tokenizer.cache)) <= KEPT_WORD_LETTERS
    assert len(original.cache) > 500  # which keeps all
