"""Words as the network reads them, each encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from cachetools import LRUCache
from torch import Tensor

CACHED_TEXTS = 256


class TextCache:
    """The texts encoded last; not safe to share between threads.

    Args:
        backbone: The network's, with its text encoder.
        device: Where that is.
    """

    def __init__(self, backbone: Any, device: torch.device) -> None:
        self._backbone = backbone
        self._device = device
        self._texts: LRUCache[str, tuple[Tensor, Tensor]] = LRUCache(CACHED_TEXTS)

    def encoded(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """Features (L, P, C) and padding (P, L) of P texts, at least one."""
        missing = sorted({text for text in texts if text not in self._texts})
        rows: dict[str, tuple[Tensor, Tensor]] = {}
        if missing:
            out = self._backbone.forward_text(missing, device=self._device)
            for row, text in enumerate(missing):
                rows[text] = (out["language_features"][:, row], out["language_mask"][row])
        rows |= {text: self._texts[text] for text in texts if text not in rows}
        for text in texts:
            self._texts[text] = rows[text]
        return {
            "language_features": torch.stack([rows[text][0] for text in texts], dim=1),
            "language_mask": torch.stack([rows[text][1] for text in texts]),
        }
