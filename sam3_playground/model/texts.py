"""The words of concepts, as they are read and as they are encoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.words import plain_words
from sam3_playground.model.embedding import tensor_bytes
from sam3_playground.model.shapes import Texts

# The word that stands for exemplars alone, as the network was trained with it.
EXEMPLARS_ONLY = "visual"


@dataclass(frozen=True, eq=False)
class EncodedText:
    """One text as the network sees it: plain tensors, to be kept or sent anywhere.

    It lies and pickles as an `Embedding` does.

    Attributes:
        features: (L, C), L being the context's length.
        padding: (L,) bool, True where there is no token.
    """

    features: Tensor
    padding: Tensor

    @property
    def byte_count(self) -> int:
        """Memory that its tensors hold."""
        return tensor_bytes((self.features, self.padding))

    def cpu(self) -> EncodedText:
        """The same in the computer's own memory."""
        return EncodedText(self.features.cpu(), self.padding.cpu())


def read_words(prompt: ConceptPrompt) -> str:
    """What the network reads of a concept."""
    return plain_words(prompt.text) if prompt.text else EXEMPLARS_ONLY


def rows(texts: Texts) -> tuple[EncodedText, ...]:
    """One for each text: copies, for a view would keep and send them all."""
    return tuple(
        EncodedText(features.clone(), padding.clone())
        for features, padding in zip(texts.features.unbind(1), texts.padding, strict=True)
    )


def batch(texts: Sequence[EncodedText], device: torch.device) -> Texts:
    """At least one text, in one batch on a device."""
    features = torch.stack([text.features.to(device) for text in texts], dim=1)
    return Texts(features, torch.stack([text.padding.to(device) for text in texts]))
