"""The package's tokenizer, which remembers nothing of what it reads."""

from __future__ import annotations

from typing import Any

from sam3_playground.model.package import import_sam3, vocabulary_path


class _Memory(dict[str, str]):
    """Takes nothing of what the tokenizer would remember of words for ever.

    To split a word anew costs some microseconds, and no more than 20 ms for the longest text.
    """

    def __setitem__(self, word: str, pieces: str) -> None:
        pass


def build_tokenizer() -> Any:
    """The `SimpleTokenizer` of the package."""
    tokenizer = import_sam3().SimpleTokenizer(bpe_path=str(vocabulary_path()))
    tokenizer.cache = _Memory(tokenizer.cache)
    return tokenizer
