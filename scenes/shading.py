"""How a shape is filled: shades of its colour, and lines around it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scenes.vocabulary import COLOURS


def coloured(
    rng: np.random.Generator, alpha: NDArray[np.uint8], colour: str, mood: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """A shape filled with a shade of the colour, sometimes shaded across or outlined.

    On a background of nearly its own colour it is always outlined.
    """
    base = np.array(COLOURS[colour], np.float32) + rng.normal(0.0, 9.0, 3).astype(np.float32)
    height, width = alpha.shape
    fill = np.broadcast_to(base, (height, width, 3)).copy()
    if rng.random() < 0.5:
        ramp = np.linspace(-1, 1, height, dtype=np.float32)[:, None, None]
        fill += ramp * rng.uniform(-22, 22)
    if rng.random() < 0.3 or np.abs(base - mood).max() < 60:
        edge = alpha - cv2.erode(alpha, np.ones((3, 3), np.uint8), iterations=6)
        fill[edge > 0] *= 0.55
    rgba = np.dstack([np.clip(fill, 0, 255).astype(np.uint8), alpha])
    return np.ascontiguousarray(rgba)


def outlined(
    rng: np.random.Generator, source: NDArray[np.uint8], colour: tuple[int, int, int]
) -> NDArray[np.uint8]:
    """A shape with a line around it, black, white or of any shade, or flat without shading."""
    alpha = np.ascontiguousarray(source[..., 3])
    iterations = int(rng.integers(2, 16))
    edge = alpha - cv2.erode(alpha, np.ones((3, 3), np.uint8), iterations=iterations)
    out = source.copy()
    if rng.random() < 0.5:
        out[..., :3] = colour
    shade = [np.zeros(3), np.full(3, 255.0), np.array(colour) * 0.4, rng.uniform(0, 255, 3)]
    out[edge > 0, :3] = shade[int(rng.integers(len(shade)))].astype(np.uint8)
    return np.ascontiguousarray(out)
