"""Scenes by another hand: other outlines, colours and backgrounds, drawn by Pillow.

What is trained on the project's own scenes is scored on these too, and never trained on them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from scenes.scenes import Scene, SceneObject

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

Points = list[tuple[float, float]]


def draw_other_scene(rng: np.random.Generator) -> Scene:
    """One to nine shapes, each in a cell of its own of three by three."""
    image = _background(rng)
    label_map = np.zeros((SIDE, SIDE), np.uint8)
    objects: list[SceneObject] = []
    cell = SIDE / 3
    looks = [(str(rng.choice(_SHAPES)), str(rng.choice(list(_COLOURS)))) for _ in range(4)]
    for place in rng.permutation(9)[: int(rng.integers(1, 10))].tolist():
        kind, colour = looks[int(rng.integers(len(looks)))]
        radius = float(rng.uniform(0.2, 0.42)) * cell
        spare = cell / 2 - radius
        centre = np.array([place % 3 + 0.5, place // 3 + 0.5]) * cell + rng.uniform(-spare, spare)
        filled = _filled(kind, centre, radius, float(rng.uniform(0, 2 * math.pi)))
        paint = Image.new("RGB", (SIDE, SIDE), _COLOURS[colour])
        image = Image.composite(paint, image, _shrunk(filled))
        if rng.random() < 0.5:
            line = _line(filled, _FINE * int(rng.integers(1, 4)))
            image = Image.composite(
                Image.new("RGB", (SIDE, SIDE), str(rng.choice(_OUTLINES))), image, _shrunk(line)
            )
        shown = np.asarray(_shrunk(filled)) > 127
        rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
        box = (float(columns[0]), float(rows[0]), columns[-1] + 1.0, rows[-1] + 1.0)
        objects.append(SceneObject(kind, colour, box))
        label_map[shown] = len(objects)
    return Scene(np.asarray(image, np.uint8).copy(), label_map, tuple(objects))


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
