"""Scenes by another hand: other outlines, pictures, colours and backgrounds, drawn by Pillow.

What is trained on the project's own scenes is scored on these too, and never trained on them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from scenes.scenes import Player, Scene, SceneObject
from scenes.vocabulary import KINDS

SIDE = 504
# Drawn so many times as large, and averaged: edges are soft, and truth is where half is filled.
_FINE = 3
_COLOURS = {
    "red": "crimson",
    "orange": "darkorange",
    "yellow": "gold",
    "green": "seagreen",
    "blue": "royalblue",
    "purple": "rebeccapurple",
    "pink": "hotpink",
    "brown": "saddlebrown",
    "black": "black",
    "white": "white",
}
_OUTLINES = ("black", "white", "dimgray")
_BACKGROUNDS = ("lightsteelblue", "darkslategray", "khaki", "thistle", "lightgray", "darkkhaki")
_SHAPES = (
    "circle", "square", "triangle", "star", "heart", "ring", "cross", "hexagon", "crescent"
)  # fmt: skip

_PICTURES = [kind.name for kind in KINDS if not kind.is_shape]
_PICTURE_SHARE = 0.4
# Side of a cell of the sheet of pictures, in pixels, and how many are in a row.
_CELL, _COLUMNS = 96, 7

Points = list[tuple[float, float]]
# The name of a kind, and of its colour; None for a picture.
Look: TypeAlias = tuple[str, str | None]


def draw_other_scene(rng: np.random.Generator, cast: Sequence[Player] | None = None) -> Scene:
    """One to nine shapes and pictures, each in a cell of its own of three by three.

    Args:
        rng: Where it comes from.
        cast: Who plays, at most nine, in sizes of its own here; None draws it too.
    """
    looks = _looks(rng) if cast is None else [(kind.name, colour) for kind, colour, _ in cast]
    image = _background(rng)
    label_map = np.zeros((SIDE, SIDE), np.uint8)
    objects: list[SceneObject] = []
    cell = SIDE / 3
    for (kind, colour), place in zip(looks, rng.permutation(9).tolist(), strict=False):
        radius = float(rng.uniform(0.2, 0.42)) * cell
        spare = cell / 2 - radius
        centre = np.array([place % 3 + 0.5, place // 3 + 0.5]) * cell + rng.uniform(-spare, spare)
        turn = float(rng.uniform(0, 2 * math.pi))
        if colour is None:
            image, inside = _with_picture(image, kind, centre, radius, turn)
        else:
            image, inside = _with_shape(rng, image, _filled(kind, centre, radius, turn), colour)
        shown = np.asarray(inside) > 127
        rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
        box = (float(columns[0]), float(rows[0]), columns[-1] + 1.0, rows[-1] + 1.0)
        objects.append(SceneObject(kind, colour, box))
        label_map[shown] = len(objects)
    return Scene(np.asarray(image, np.uint8).copy(), label_map, tuple(objects))


def _looks(rng: np.random.Generator) -> list[Look]:
    """Of each object: four looks in all, most of them shapes."""
    looks: list[Look] = [
        (str(rng.choice(_PICTURES)), None)
        if rng.random() < _PICTURE_SHARE
        else (str(rng.choice(_SHAPES)), str(rng.choice(list(_COLOURS))))
        for _ in range(4)
    ]
    return [looks[int(rng.integers(len(looks)))] for _ in range(int(rng.integers(1, 10)))]


def _with_shape(
    rng: np.random.Generator, image: Image.Image, filled: Image.Image, colour: str
) -> tuple[Image.Image, Image.Image]:
    """The image with a shape on it, outlined or not, and what the shape covers."""
    inside = _shrunk(filled)
    image = Image.composite(Image.new("RGB", image.size, _COLOURS[colour]), image, inside)
    if rng.random() < 0.5:
        line = _line(filled, _FINE * int(rng.integers(1, 4)))
        ink = Image.new("RGB", image.size, str(rng.choice(_OUTLINES)))
        image = Image.composite(ink, image, _shrunk(line))
    return image, inside


def _with_picture(
    image: Image.Image, kind: str, centre: NDArray[np.float64], radius: float, turn: float
) -> tuple[Image.Image, Image.Image]:
    """The image with a picture on it, a little turned, and what the picture covers."""
    picture = _picture(kind)
    scale = 2 * radius / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    picture = picture.rotate(15 * math.sin(turn), Image.Resampling.BICUBIC, expand=True)
    layer = Image.new("RGBA", image.size)
    corner = np.round(centre - np.array(picture.size) / 2).astype(int).tolist()
    layer.paste(picture, tuple(corner))
    inside = layer.getchannel("A")
    return Image.composite(layer.convert("RGB"), image, inside), inside


@cache
def _picture(kind: str) -> Image.Image:
    """One kind's picture, RGBA, cut tight."""
    row, column = divmod(_PICTURES.index(kind), _COLUMNS)
    x, y = column * _CELL, row * _CELL
    with Image.open(Path(__file__).with_name("other_pictures.png")) as sheet:
        cut = sheet.convert("RGBA").crop((x, y, x + _CELL, y + _CELL))
    return cut.crop(cut.getbbox())


def _background(rng: np.random.Generator) -> Image.Image:
    """One colour, a radial fade between two, or a tiling of squares or dots."""
    one, two = (Image.new("RGB", (SIDE, SIDE), str(c)) for c in rng.choice(_BACKGROUNDS, 2))
    sort = int(rng.integers(4))
    if sort == 0:
        return one
    if sort == 1:
        return Image.composite(one, two, Image.radial_gradient("L").resize((SIDE, SIDE)))
    tiles = Image.new("L", (SIDE, SIDE))
    pen, step = ImageDraw.Draw(tiles), int(rng.integers(20, 90))
    for x in range(0, SIDE, step):
        for y in range(0, SIDE, step):
            if sort == 2 and (x + y) // step % 2:
                pen.rectangle((x, y, x + step - 1, y + step - 1), fill=110)
            elif sort == 3:
                pen.ellipse((x, y, x + step // 6, y + step // 6), fill=160)
    return Image.composite(one, two, tiles)


def _filled(kind: str, centre: NDArray[np.float64], radius: float, turn: float) -> Image.Image:
    """The shape's inside, 255, `_FINE` times as large as the scene."""
    canvas = Image.new("L", (SIDE * _FINE, SIDE * _FINE))
    pen = ImageDraw.Draw(canvas)
    (x, y), r = centre * _FINE, radius * _FINE
    if kind in ("circle", "ring", "crescent"):
        pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
        hole, shift = (0.55, 0.0) if kind == "ring" else (0.8, 0.45)
        if kind != "circle":
            x, y, r = x + shift * r * math.cos(turn), y + shift * r * math.sin(turn), hole * r
            pen.ellipse((x - r, y - r, x + r, y + r), fill=0)
        return canvas
    cos, sin = math.cos(turn), math.sin(turn)
    pen.polygon(
        [(x + r * (u * cos - v * sin), y + r * (u * sin + v * cos)) for u, v in _corners(kind)],
        fill=255,
    )
    return canvas


def _corners(kind: str) -> Points:
    if kind == "heart":
        turns = [2 * math.pi * step / 90 for step in range(90)]
        return [
            (
                math.sin(t) ** 3 * 0.95,
                -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t))
                / 17,
            )
            for t in turns
        ]
    if kind == "cross":
        arm = 0.32
        quarter = [(arm, 0.95), (arm, arm), (0.95, arm)]
        corners: Points = []
        for _ in range(4):
            corners += quarter
            quarter = [(v, -u) for u, v in quarter]
        return corners
    count, inner = {"square": (4, 1.0), "triangle": (3, 1.0), "star": (10, 0.42)}.get(
        kind, (6, 1.0)
    )
    return [
        (
            (inner if step % 2 and kind == "star" else 1.0) * math.cos(2 * math.pi * step / count),
            (inner if step % 2 and kind == "star" else 1.0) * math.sin(2 * math.pi * step / count),
        )
        for step in range(count)
    ]


def _line(filled: Image.Image, width: int) -> Image.Image:
    """What of the inside is nearer to its edge than `width`: inside, but not where it shrank to."""
    inside = np.asarray(filled) > 0
    kept = inside.copy()
    for shift in (width, -width):
        for axis in (0, 1):
            kept &= np.roll(inside, shift, axis)
    return Image.fromarray(((inside & ~kept) * 255).astype(np.uint8))


def _shrunk(canvas: Image.Image) -> Image.Image:
    return canvas.reduce(_FINE)
