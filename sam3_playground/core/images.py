"""An image as every part of the pipeline knows it: RGB pixels and a key made from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sam3_playground.errors import InvalidImageError


@dataclass(frozen=True, eq=False)
class RgbImage:
    """Decoded pixels, already turned the way a viewer shows them.

    Attributes:
        pixels: (H, W, 3) uint8, RGB, C-contiguous; not to be written to.
    """

    pixels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        pixels = self.pixels
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            raise InvalidImageError(
                "expected pixels of shape (height, width, 3) and dtype uint8, "
                f"got {pixels.shape} and {pixels.dtype}"
            )
        object.__setattr__(self, "pixels", np.ascontiguousarray(pixels))

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @cached_property
    def key(self) -> str:
        """A digest of shape and pixels: equal for equal images, whoever sends them."""
        digest = hashlib.blake2b(repr(self.pixels.shape).encode(), digest_size=16)
        digest.update(self.pixels.data)
        return digest.hexdigest()
