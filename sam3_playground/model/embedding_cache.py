"""Image embeddings, kept by the key of their pixels and bounded in bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sam3_playground.core.cache import ByteCache


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


@dataclass(eq=False)
class _Hold:
    """An embedding that calls in progress need, and how many they are."""

    calls: int = 0
    embedding: Embedding | None = None


class EmbeddingCache:
    """The embeddings used last, as many as fit; safe to share between threads.

    An embedding larger than the whole cache is not kept, and not an error.
    """

    def __init__(self, max_bytes: int) -> None:
        self._kept: ByteCache[str, Embedding] = ByteCache(max_bytes)
        self._holds: dict[str, _Hold] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> Embedding | None:
        """The embedding kept under a key, now the one used last; None if there is none."""
        found = self._kept.get(key)
        with self._lock:
            hold = self._holds.get(key)
            if hold is None:
                return found
            hold.embedding = found or hold.embedding
            return hold.embedding

    def put(self, key: str, embedding: Embedding) -> None:
        """Keep an embedding; the least recently used ones make room."""
        with self._lock:
            if key in self._holds:
                self._holds[key].embedding = embedding
        self._kept.put(key, embedding, byte_count=embedding.byte_count)

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Keep what is under a key, now or later, to the end of the block, whatever fits."""
        with self._lock:
            hold = self._holds.setdefault(key, _Hold())
            hold.calls += 1
        try:
            yield
        finally:
            with self._lock:
                hold.calls -= 1
                if not hold.calls:
                    del self._holds[key]

    @property
    def byte_count(self) -> int:
        """Bytes kept now, without those only held for a call."""
        return self._kept.byte_count

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forget everything and give the memory back."""
        self._kept.clear()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
