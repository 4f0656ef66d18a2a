"""Words as the network reads them, each encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from sam3_playground.core.cache import ByteCache
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.sizes import OBJECT_BYTES
from sam3_playground.core.words import plain_words, shortened
from sam3_playground.errors import InvalidPromptError
from sam3_playground.model.tokenizer import count_tokens

# Hundreds of texts at the published size, thousands at the bundled one.
TEXT_BYTES = 16 * 2**20
# The word that stands for exemplars alone, as the network was trained with it.
EXEMPLARS_ONLY = "visual"

_Row = tuple[Tensor, Tensor]


class TextCache:
    """The texts encoded last, as many as fit, by what is read of them.

    Args:
        backbone: The network's, with its text encoder.
        device: Where that is.
        max_bytes: The most that they may take.
    """

    def __init__(self, backbone: Any, device: torch.device, max_bytes: int = TEXT_BYTES) -> None:
        self._backbone = backbone
        self._device = device
        self._kept: ByteCache[str, _Row] = ByteCache(max_bytes)

    def validate(self, prompt: ConceptPrompt) -> None:
        """Refuse a text that the network would read only the beginning of.

        Raises:
            InvalidPromptError: More tokens than its context holds.
        """
        text = _read_of(prompt)
        if self._kept.get(text) is not None:
            return
        encoder = self._backbone.language_backbone
        # A token of its own stands at each end.
        most = encoder.context_length - 2
        count = count_tokens(encoder.tokenizer, text)
        if count > most:
            raise InvalidPromptError(
                f"expected at most {most} tokens, words and parts of them, in a text, "
                f"got {count} in {shortened(prompt.label)!r}"
            )

    def encoded(self, prompts: Sequence[ConceptPrompt]) -> dict[str, Tensor]:
        """Features (L, P, C) and padding (P, L) of P concepts' texts, at least one."""
        texts = [_read_of(prompt) for prompt in prompts]
        found = {text: self._kept.get(text) for text in texts}
        missing = sorted(text for text, row in found.items() if row is None)
        rows = {text: row for text, row in found.items() if row is not None}
        if missing:
            out = self._backbone.forward_text(missing, device=self._device)
            for place, text in enumerate(missing):
                # Copies: a row alone would keep its whole batch.
                features = out["language_features"][:, place].clone()
                rows[text] = (features, out["language_mask"][place].clone())
                self._kept.put(text, rows[text], byte_count=_bytes_of(text, rows[text]))
        return {
            "language_features": torch.stack([rows[text][0] for text in texts], dim=1),
            "language_mask": torch.stack([rows[text][1] for text in texts]),
        }

    @property
    def byte_count(self) -> int:
        """Bytes kept now."""
        return self._kept.byte_count


def _read_of(prompt: ConceptPrompt) -> str:
    return plain_words(prompt.text) if prompt.text else EXEMPLARS_ONLY


def _bytes_of(text: str, row: _Row) -> int:
    # Of a tensor Python and torch hold about a kibibyte beside its values.
    letters = 4 * len(text)
    return 3 * OBJECT_BYTES + letters + sum(part.untyped_storage().nbytes() for part in row)
