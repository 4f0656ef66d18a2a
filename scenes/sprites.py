"""The pictures that scenes are made of: one sheet of rendered emoji, and drawn shapes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from scenes.vocabulary import KINDS

# Side of a cell of the sheet, in pixels, and of a drawn shape.
CELL = 128
_COLUMNS = 7
# Noto Color Emoji holds bitmaps of this one size.
_FONT_SIZE = 109
_SHEET = "sprites.png"

_SHAPE_SIDE = 256


def render_sheet(font_path: Path) -> Image.Image:
    """Draw the sheet from Noto Color Emoji; the repository keeps the outcome.

    Returns:
        An RGBA image of cells in the order of the kinds that are pictures.
    """
    font = ImageFont.truetype(str(font_path), _FONT_SIZE)
    pictures = [kind for kind in KINDS if not kind.is_shape]
    rows = -(-len(pictures) // _COLUMNS)
    sheet = Image.new("RGBA", (_COLUMNS * CELL, rows * CELL))
    for index, kind in enumerate(pictures):
        glyph = Image.new("RGBA", (2 * CELL, 2 * CELL))
        ImageDraw.Draw(glyph).text((20, 20), kind.glyph, font=font, embedded_color=True)
        glyph = glyph.crop(glyph.getbbox())
        glyph.thumbnail((CELL - 2, CELL - 2), Image.Resampling.LANCZOS)
        place = (
            index % _COLUMNS * CELL + (CELL - glyph.width) // 2,
            index // _COLUMNS * CELL + (CELL - glyph.height) // 2,
        )
        sheet.paste(glyph, place)
    return sheet


@cache
def _sheet() -> NDArray[np.uint8]:
    path = Path(str(files("scenes"))) / _SHEET
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"))


@cache
def picture(name: str) -> NDArray[np.uint8]:
    """One kind's picture, cut tight: (h, w, 4) uint8 RGBA, straight alpha."""
    names = [kind.name for kind in KINDS if not kind.is_shape]
    index = names.index(name)
    y, x = index // _COLUMNS * CELL, index % _COLUMNS * CELL
    return _tight(_sheet()[y : y + CELL, x : x + CELL])


@cache
def shape_alpha(name: str) -> NDArray[np.uint8]:
    """One shape's coverage, cut tight: (h, w) uint8, 255 inside."""
    canvas = np.zeros((_SHAPE_SIDE, _SHAPE_SIDE, 4), np.uint8)
    alpha = np.zeros((_SHAPE_SIDE, _SHAPE_SIDE), np.uint8)
    _draw_shape(alpha, name)
    canvas[..., 3] = alpha
    return _tight(canvas)[..., 3]


def _tight(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    shown = rgba[..., 3] > 8
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    return np.ascontiguousarray(rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _draw_shape(alpha: NDArray[np.uint8], name: str) -> None:
    side = alpha.shape[0]
    centre, radius = (side // 2, side // 2), side // 2 - 4
    if name == "circle":
        cv2.circle(alpha, centre, radius, 255, -1, cv2.LINE_AA)
    elif name == "ring":
        cv2.circle(alpha, centre, radius, 255, -1, cv2.LINE_AA)
        cv2.circle(alpha, centre, radius * 11 // 20, 0, -1, cv2.LINE_AA)
    elif name == "crescent":
        cv2.circle(alpha, centre, radius, 255, -1, cv2.LINE_AA)
        cv2.circle(alpha, (side * 70 // 100, side // 2), radius * 8 // 10, 0, -1, cv2.LINE_AA)
    else:
        points = np.round(_outline(name) * radius + side / 2).astype(np.int32)
        cv2.fillPoly(alpha, [points], 255, cv2.LINE_AA)


def _outline(name: str) -> NDArray[np.float64]:
    """(K, 2) corners of a shape that fits the unit circle, y down."""
    if name == "heart":
        t = np.linspace(0, 2 * np.pi, 60)
        x = 16 * np.sin(t) ** 3
        y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        return np.stack([x, -y], axis=1) / 17
    if name == "cross":
        arm = 0.33
        corner = [(arm, arm), (1, arm), (1, -arm), (arm, -arm)]
        turns = [np.array([[c, -s], [s, c]]) for c, s in ((1, 0), (0, -1), (-1, 0), (0, 1))]
        return np.concatenate([np.array(corner) @ turn.T for turn in turns])
    corners = {"triangle": 3, "square": 4, "hexagon": 6, "star": 10}[name]
    angles = np.arange(corners) * 2 * np.pi / corners - np.pi / 2
    radii = np.where(np.arange(corners) % 2, 0.42, 1.0) if name == "star" else np.ones(corners)
    if name == "square":
        angles += np.pi / 4
    return np.asarray(np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None])
