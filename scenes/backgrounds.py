"""What scenes are drawn on: procedural backgrounds that hold no object."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


def draw_background(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    """An (H, W, 3) uint8 RGB background: two or three colours, mixed by a random field."""
    first, second = _colour(rng), _colour(rng)
    if rng.random() < 0.6:  # most are calm: two shades of one mood
        second = first + (second - first) * float(rng.uniform(0.1, 0.4))
    field = _FIELDS[int(rng.integers(len(_FIELDS)))](rng, height, width)[..., None]
    image = first + (second - first) * field
    if rng.random() < 0.4:
        grain = _noise(rng, height, width)[..., None] - 0.5
        image = image + grain * float(rng.uniform(10, 50))
    return np.clip(image, 0, 255).astype(np.uint8)


def draw_wild_background(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    """The same, or one with the statistics of photographs: 1/f noise, or leaves that overlap."""
    draw = rng.random()
    if draw < 0.4:
        return draw_background(rng, height, width)
    if draw < 0.7:
        return _natural(rng, height, width)
    return _leaves(rng, height, width)


def camera(rng: np.random.Generator, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A little light, softness and grain over everything."""
    if rng.random() < 0.25:
        image = np.asarray(cv2.GaussianBlur(image, (3, 3), 0), np.uint8)
    gain, lift = rng.normal(1.0, 0.07), rng.normal(0.0, 8.0)
    lit = cv2.convertScaleAbs(image, alpha=float(gain), beta=float(max(lift, 0.0)))
    image = np.asarray(lit, np.uint8)
    if rng.random() < 0.4:
        noise = rng.integers(-8, 9, image.shape[:2], dtype=np.int16)
        image = np.clip(image + noise[..., None], 0, 255).astype(np.uint8)
    return image


def _natural(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    """Colour noise whose amplitude falls as 1/f, which is that of photographs.

    Field, J. Opt. Soc. Am. A 4 (1987) 2379.
    """
    fall = rng.uniform(0.8, 1.4)
    vertical = np.fft.fftfreq(height)[:, None]
    frequency = np.hypot(vertical, np.fft.rfftfreq(width)[None])
    frequency[0, 0] = 1.0
    amplitude = frequency**-fall
    amplitude[0, 0] = 0.0
    image = np.empty((height, width, 3), np.float32)
    light = _spectrum(rng, amplitude, height, width)
    for band in range(3):  # mostly light and dark, a little hue
        image[..., band] = 0.85 * light + 0.3 * _spectrum(rng, amplitude, height, width)
    image = _colour(rng) + image * float(rng.uniform(20, 60))
    return np.clip(image, 0, 255).astype(np.uint8)


def _spectrum(rng: np.random.Generator, amplitude: Field, height: int, width: int) -> Field:
    phases = np.exp(2j * np.pi * rng.random(amplitude.shape))
    field = np.fft.irfft2(amplitude * phases, s=(height, width))
    return np.asarray((field - field.mean()) / max(float(field.std()), 1e-6), np.float32)


def _leaves(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    """Irregular patches of all sizes, one on the other: edges and occlusion without an object."""
    image = draw_background(rng, height, width)
    first, second = _colour(rng), _colour(rng)
    side = min(height, width)
    for _ in range(int(rng.integers(15, 120))):
        radius = side * float(np.exp(rng.uniform(np.log(0.02), np.log(0.3))))
        corners = int(rng.integers(7, 16))
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        reach = radius * rng.uniform(0.35, 1.3, corners)
        centre = rng.uniform(0, (width, height))
        points = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None]
        colour = first + (second - first) * float(rng.random()) + rng.normal(0, 12, 3)
        cv2.fillPoly(image, [points.astype(np.int32)], np.clip(colour, 0, 255).tolist())
    if rng.random() < 0.5:
        image = np.asarray(cv2.GaussianBlur(image, (5, 5), 0), np.uint8)
    return image


def _colour(rng: np.random.Generator) -> Field:
    hue, saturation = rng.uniform(0, 180), rng.uniform(0, 140)
    value = rng.uniform(50, 250)
    pixel = np.array([[[hue, saturation, value]]], np.uint8)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0], np.float32)


def _grid(height: int, width: int, rng: np.random.Generator) -> tuple[Field, Field]:
    """Coordinates along and across a random direction, in units of the shorter side."""
    angle = rng.uniform(0, np.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / min(height, width)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return x * cos + y * sin, y * cos - x * sin


def _plain(_rng: np.random.Generator, height: int, width: int) -> Field:
    return np.zeros((height, width), np.float32)


def _gradient(rng: np.random.Generator, height: int, width: int) -> Field:
    along, _ = _grid(height, width, rng)
    low, high = float(along.min()), float(along.max())
    return np.asarray((along - low) / max(high - low, 1e-6), np.float32)


def _noise(rng: np.random.Generator, height: int, width: int) -> Field:
    """Smooth noise of a random scale, in [0, 1]."""
    cells = int(rng.integers(3, 24))
    coarse = rng.random((cells, cells), dtype=np.float32)
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(field, 0, 1), np.float32)


def _clouds(rng: np.random.Generator, height: int, width: int) -> Field:
    return np.asarray((_noise(rng, height, width) * 2 + _noise(rng, height, width)) / 3, np.float32)


def _stripes(rng: np.random.Generator, height: int, width: int) -> Field:
    along, _ = _grid(height, width, rng)
    wave = np.sin(along * np.float32(rng.uniform(8, 60)))
    sharp = np.float32(rng.choice([1.0, 6.0]))
    return np.asarray(np.clip(wave * sharp * 0.5 + 0.5, 0, 1), np.float32)


def _checks(rng: np.random.Generator, height: int, width: int) -> Field:
    along, across = _grid(height, width, rng)
    cells = np.float32(rng.uniform(3, 14))
    odd = (np.floor(along * cells) + np.floor(across * cells)) % 2
    return np.asarray(odd, np.float32)


def _hills(rng: np.random.Generator, height: int, width: int) -> Field:
    """A horizon: sky above, ground below, with a wavy edge."""
    x = np.linspace(0, 1, width, dtype=np.float32)
    edge = rng.uniform(0.3, 0.75) + 0.06 * np.sin(x * rng.uniform(3, 14) + rng.uniform(0, 6))
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    return np.asarray(np.clip((y - edge[None].astype(np.float32)) * 60 + 0.5, 0, 1), np.float32)


def _tiles(rng: np.random.Generator, height: int, width: int) -> Field:
    cells = int(rng.integers(3, 12))
    coarse = rng.random((cells, cells), dtype=np.float32)
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(field, np.float32)


_FIELDS: tuple[Callable[[np.random.Generator, int, int], Field], ...] = (
    _plain,
    _gradient,
    _noise,
    _clouds,
    _clouds,
    _stripes,
    _checks,
    _hills,
    _tiles,
)
