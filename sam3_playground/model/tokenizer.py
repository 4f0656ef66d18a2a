"""The package's tokenizer: how many tokens a text takes, with a memory that is bounded."""

from __future__ import annotations

from typing import Any

from sam3_playground.model.package import import_sam3, vocabulary_path

# Of the words that were met, so many stay split, and none that is longer.
KEPT_WORDS = 4096
KEPT_WORD_LETTERS = 32


class _Memory(dict[str, str]):
    """Takes what the tokenizer remembers of words, until it is full; others are split anew."""

    def __setitem__(self, word: str, pieces: str) -> None:
        if len(self) < KEPT_WORDS and len(word) <= KEPT_WORD_LETTERS:
            super().__setitem__(word, pieces)


def build_tokenizer() -> Any:
    """The `SimpleTokenizer` of the package, which by itself keeps every word for ever."""
    tokenizer = import_sam3().SimpleTokenizer(bpe_path=str(vocabulary_path()))
    tokenizer.cache = _Memory(tokenizer.cache)
    return tokenizer


def count_tokens(tokenizer: Any, text: str) -> int:
    """Words, and parts of them that are not in the vocabulary, without the ends' own two."""
    return len(tokenizer.encode(text))
