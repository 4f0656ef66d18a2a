"""Small masks, by hand and at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sam3_playground.core.masks import Mask, mask_from_bitmap

Test = TypeVar("Test", bound=Callable[..., None])

# No deadline: a busy machine is not a bug.
properties: Callable[[Test], Test] = settings(max_examples=60, deadline=None)


def bitmap(*rows: str) -> NDArray[np.bool_]:
    """A drawing as an (H, W) bitmap: `#` is true."""
    return np.array([[character == "#" for character in row] for row in rows])


def mask(*rows: str) -> Mask:
    return mask_from_bitmap(bitmap(*rows))


def box_mask(x0: int, y0: int, x1: int, y1: int, *, image_size: tuple[int, int] = (20, 20)) -> Mask:
    """A filled rectangle between pixel edges; no pixels where it has no area."""
    pixels = np.zeros(image_size, dtype=bool)
    pixels[y0:y1, x0:x1] = True
    return mask_from_bitmap(pixels)


@st.composite
def bitmaps(draw: st.DrawFn, *, image_size: tuple[int, int] | None = None) -> NDArray[np.bool_]:
    """Any pixels at all inside any rectangle of a small image: empty, full, at the border."""
    height, width = image_size or draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    y0, x0 = draw(st.integers(0, height)), draw(st.integers(0, width))
    y1, x1 = draw(st.integers(y0, height)), draw(st.integers(x0, width))
    count = (y1 - y0) * (x1 - x0)
    drawn = draw(st.binary(min_size=-(-count // 8), max_size=-(-count // 8)))
    pixels = np.zeros((height, width), dtype=bool)
    bits = np.unpackbits(np.frombuffer(drawn, dtype=np.uint8))[:count]
    pixels[y0:y1, x0:x1] = bits.reshape(y1 - y0, x1 - x0)
    return pixels
