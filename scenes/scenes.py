"""Scenes that are drawn, with the truth about every pixel, and the prompts one can ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scenes.backgrounds import camera, draw_background, draw_wild_background
from scenes.shading import coloured, outlined
from scenes.sprites import picture, shape_alpha
from scenes.vocabulary import COLOUR_NAMES, COLOURS, KINDS, Kind

# Streams of scenes: training draws from the first (and seeds derived from it), scores come
# from the second, the examples in assets/ from the third, a checkpoint's one fitted bias from
# the last.
TRAIN_SEED = 20_000
EVAL_SEED = 77
EXAMPLE_SEED = 5
CALIBRATION_SEED = 4_001
EXCLUSION_SEED = 313
HABIT_SEED = 911

MAX_OBJECTS = 20
# Sides of objects as shares of the scene's shorter side.
SMALLEST, LARGEST = 0.05, 0.6
# An object of which less than this share can be seen is taken out again.
VISIBLE_SHARE = 0.35
MIN_VISIBLE_PIXELS = 24
# Of wild scenes: those with nothing on their background, and outlined shapes.
EMPTY_SHARE = 0.08
OUTLINED_SHARE = 0.5

# Kind, colour (None for a picture), and side as a share of the scene's shorter side.
Player: TypeAlias = tuple[Kind, str | None, float]

_SHAPES = [kind for kind in KINDS if kind.is_shape]
_PICTURES = [kind for kind in KINDS if not kind.is_shape]


@dataclass(frozen=True)
class SceneObject:
    """One object.

    Attributes:
        kind: The name of its kind.
        colour: The name of its colour; None for a picture.
        box_xyxy: Its visible part in pixel edges.
    """

    kind: str
    colour: str | None
    box_xyxy: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Scene:
    """A drawn image and what it shows.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        label_map: (H, W) uint8; 0 is background, i + 1 the visible part of object i.
        objects: At most MAX_OBJECTS.
    """

    image: NDArray[np.uint8]
    label_map: NDArray[np.uint8]
    objects: tuple[SceneObject, ...]


def draw_scene(
    rng: np.random.Generator,
    size: int | tuple[int, int],
    *,
    wild: bool = False,
    cast: Sequence[Player] | None = None,
) -> Scene:
    """A random scene of `size` pixels: one side, or (height, width).

    Args:
        rng: Where it comes from.
        size: Its size.
        wild: With backgrounds and outlines of more kinds, and now and then with nothing on them.
        cast: Who plays, back to front; None draws it too.
    """
    height, width = (size, size) if isinstance(size, int) else size
    image = (draw_wild_background if wild else draw_background)(rng, height, width)
    mood = image.reshape(-1, 3).mean(axis=0)
    label_map = np.zeros((height, width), np.uint8)
    drawn: list[tuple[Kind, str | None, int]] = []
    if cast is None:
        cast = [] if wild and rng.random() < EMPTY_SHARE else _cast(rng)
    for kind, colour, share in cast:
        side = max(4, round(share * min(height, width)))
        rgba = _sprite(rng, kind, colour, mood, side, wild=wild)
        area = _paste(rng, image, label_map, rgba, len(drawn) + 1)
        drawn.append((kind, colour, area))
    label_map, objects = _visible(label_map, drawn)
    return Scene(camera(rng, image), label_map, objects)


def _cast(rng: np.random.Generator) -> list[Player]:
    """Who plays: kind, colour and side of each object, back to front.

    A few families of look-alikes rather than strangers: the same kind several times, the
    same shape in another colour, the same colour in another shape.
    """
    count = int(np.clip(np.round(np.exp(rng.uniform(0.0, np.log(MAX_OBJECTS)))), 1, MAX_OBJECTS))
    largest = min(LARGEST, 1.1 / np.sqrt(count))
    family = np.exp(rng.uniform(np.log(SMALLEST * 1.3), np.log(largest)))
    with_shapes, with_pictures = rng.random(2) < (0.65, 0.75)
    members: list[tuple[Kind, str | None]] = []
    for _ in range(count):
        if members and rng.random() < 0.55:
            kind, colour = members[int(rng.integers(len(members)))]
            if colour is not None and rng.random() < 0.5:
                if rng.random() < 0.7:
                    colour = str(rng.choice(COLOUR_NAMES))
                else:
                    kind = _SHAPES[int(rng.integers(len(_SHAPES)))]
        elif with_pictures and (not with_shapes or rng.random() < 0.65):
            kind, colour = _PICTURES[int(rng.integers(len(_PICTURES)))], None
        else:
            kind = _SHAPES[int(rng.integers(len(_SHAPES)))]
            colour = str(rng.choice(COLOUR_NAMES))
        members.append((kind, colour))
    shares = np.clip(family * np.exp(rng.normal(0.0, 0.35, count)), SMALLEST, largest)
    order = np.argsort(-shares)  # large ones at the back, so that small ones are seen
    return [(*members[place], float(shares[place])) for place in order]


def _sprite(
    rng: np.random.Generator,
    kind: Kind,
    colour: str | None,
    mood: NDArray[np.float64],
    side: int,
    *,
    wild: bool,
) -> NDArray[np.uint8]:
    """(h, w, 4) uint8 RGBA of about `side` pixels, turned a little (shapes: a lot)."""
    if colour is None:
        source = picture(kind.name)
        angle = float(rng.normal(0.0, 14.0))
        if rng.random() < 0.5:
            source = source[:, ::-1]
    else:
        alpha = shape_alpha(kind.name)
        source = coloured(rng, alpha, colour, mood)
        if wild and rng.random() < OUTLINED_SHARE:
            source = outlined(rng, source, COLOURS[colour])
        angle = float(rng.uniform(-180, 180)) if rng.random() < 0.7 else 0.0
    scale = side / max(source.shape[:2])
    stretch = float(np.exp(rng.normal(0.0, 0.06)))
    return _turned(source, scale * stretch, scale / stretch, angle)


def _turned(
    source: NDArray[np.uint8], scale_x: float, scale_y: float, degrees: float
) -> NDArray[np.uint8]:
    """The sprite scaled, then turned, with clean edges (premultiplied alpha)."""
    height, width = source.shape[:2]
    shrink = max(scale_x, scale_y)
    if shrink < 0.5:  # area averaging first: one bilinear step would alias
        width, height = max(2, round(width * shrink * 2)), max(2, round(height * shrink * 2))
        scale_x, scale_y = scale_x / (2 * shrink), scale_y / (2 * shrink)
        premultiplied = _premultiplied(source)
        source_pm = cv2.resize(premultiplied, (width, height), interpolation=cv2.INTER_AREA)
    else:
        source_pm = _premultiplied(source)
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos * scale_x, -sin * scale_y], [sin * scale_x, cos * scale_y]])
    corners = np.array([[x, y] for x in (0, width) for y in (0, height)]) - (width / 2, height / 2)
    reach = np.abs(corners @ turn.T).max(axis=0)
    out_width, out_height = (int(np.ceil(2 * side)) + 2 for side in reach)
    offset = np.array([out_width, out_height]) / 2 - turn @ (width / 2, height / 2)
    matrix = np.hstack([turn, offset[:, None]]).astype(np.float32)
    out = np.asarray(
        cv2.warpAffine(source_pm, matrix, (out_width, out_height), flags=cv2.INTER_LINEAR), np.uint8
    )
    shown = out[..., 3] > 8
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    if not rows.size:
        return out[:1, :1]
    return np.ascontiguousarray(out[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _premultiplied(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = rgba[..., 3:].astype(np.uint16)
    colour = (rgba[..., :3] * alpha + 127) // 255
    return np.dstack([colour.astype(np.uint8), rgba[..., 3]])


def _paste(
    rng: np.random.Generator,
    image: NDArray[np.uint8],
    label_map: NDArray[np.uint8],
    rgba: NDArray[np.uint8],
    label: int,
) -> int:
    """Blend a premultiplied sprite in at a random place; returns its full area in pixels.

    It may stick out of the scene by up to a fifth of its side. Of a few places, the one
    that hides least of the others is taken.
    """
    height, width = rgba.shape[:2]
    best: tuple[int, int] | None = None
    least = np.inf
    for _ in range(4):
        x = int(rng.integers(-width // 5, max(1, image.shape[1] - width * 4 // 5)))
        y = int(rng.integers(-height // 5, max(1, image.shape[0] - height * 4 // 5)))
        region = label_map[max(0, y) : y + height, max(0, x) : x + width]
        hidden = float((region > 0).mean()) if region.size else 1.0
        if hidden < least:
            least, best = hidden, (x, y)
        if hidden < 0.15:
            break
    x, y = best if best is not None else (0, 0)
    top, left = max(0, -y), max(0, -x)
    bottom = min(height, image.shape[0] - y)
    right = min(width, image.shape[1] - x)
    if bottom <= top or right <= left:
        return int((rgba[..., 3] > 127).sum())
    piece = rgba[top:bottom, left:right]
    alpha = piece[..., 3:].astype(np.uint16)
    target = image[y + top : y + bottom, x + left : x + right]
    target[:] = np.minimum(piece[..., :3] + (target * (255 - alpha) + 127) // 255, 255).astype(
        np.uint8
    )
    label_map[y + top : y + bottom, x + left : x + right][piece[..., 3] > 127] = label
    return int((rgba[..., 3] > 127).sum())


def _visible(
    label_map: NDArray[np.uint8], drawn: list[tuple[Kind, str | None, int]]
) -> tuple[NDArray[np.uint8], tuple[SceneObject, ...]]:
    """Only objects that can be told: the others stay in the picture, but not in the truth."""
    areas = np.bincount(label_map.ravel(), minlength=len(drawn) + 1)
    new_labels = np.zeros(len(drawn) + 1, np.uint8)
    objects: list[SceneObject] = []
    for label, (kind, colour, full) in enumerate(drawn, start=1):
        if areas[label] < max(MIN_VISIBLE_PIXELS, VISIBLE_SHARE * full):
            continue
        rows = np.flatnonzero((label_map == label).any(1))
        columns = np.flatnonzero((label_map == label).any(0))
        box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        x0, y0, x1, y1 = (float(edge) for edge in box)
        objects.append(SceneObject(kind.name, colour, (x0, y0, x1, y1)))
        new_labels[label] = len(objects)
    return new_labels[label_map], tuple(objects)
