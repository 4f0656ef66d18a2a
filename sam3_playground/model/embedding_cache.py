"""Image embeddings, kept by the key of their pixels and bounded in bytes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import torch
from cachetools import LRUCache
from torch import Tensor


@dataclass(frozen=True)
class Embedding:
    """One image as the network sees it, for concept and visual prompts alike.

    Attributes:
        backbone_out: The backbone's output under the package's own names, as far as prompts
            read it: of the concepts' levels and positions the coarsest; the click head's two
            finer levels already projected, as its decoder expects them. "mask_features" and
            "fusion_features" are ours: what `MaskHead` made of the finer levels, and
            `FusionEncoder` of the coarsest.
        image_size: (height, width) of the image in pixels.
        byte_count: Memory that the tensors hold.
    """

    backbone_out: dict[str, Any]
    image_size: tuple[int, int]
    byte_count: int


def tensor_bytes(values: Any) -> int:
    """Bytes of all distinct tensors in nested dicts and lists."""
    seen: dict[int, int] = {}

    def visit(value: Any) -> None:
        if isinstance(value, Tensor):
            storage = value.untyped_storage()
            seen[storage.data_ptr()] = storage.nbytes()
        elif isinstance(value, dict):
            for item in value.values():
                visit(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                visit(item)

    visit(values)
    return sum(seen.values())


class EmbeddingCache:
    """The embeddings used last, as many as fit; safe to share between threads.

    An embedding larger than the whole cache is not kept, and not an error.
    """

    def __init__(self, max_bytes: int) -> None:
        self._entries: LRUCache[str, Embedding] = LRUCache(
            max_bytes, getsizeof=lambda entry: entry.byte_count
        )
        self._lock = threading.Lock()

    def get(self, key: str) -> Embedding | None:
        """The embedding kept under a key, now the one used last; None if there is none."""
        with self._lock:
            return self._entries.get(key)

    def put(self, key: str, embedding: Embedding) -> None:
        """Keep an embedding; the least recently used ones make room."""
        with self._lock:
            if embedding.byte_count <= self._entries.maxsize:
                self._entries[key] = embedding

    @property
    def byte_count(self) -> int:
        """Bytes held now."""
        with self._lock:
            return int(self._entries.currsize)

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    def clear(self) -> None:
        """Forget everything and give the memory back."""
        with self._lock:
            self._entries.clear()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
