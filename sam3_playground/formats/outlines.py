"""Outlines for formats that know polygons alone: exact for their readers, holes and all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from sam3_playground.core.masks import Mask
from sam3_playground.core.polygons import Polygon, trace_parts

# (K, 2) float64 corners (x, y) in image pixels by their column and row.
Outline = NDArray[np.float64]

# How far the corners lie apart that make a polygon of a part of one or two pixels: readers that
# round to whole pixels, and those that cut off, give back the same ones.
_SPREAD = 0.2


def edge_polygons(mask: Mask) -> list[Polygon]:
    """The outer outlines of a mask along the edges of its pixels, as pycocotools reads them.

    Each is (K, 2) int32 corners (x, y): the pixel (0, 0) has (0, 0), (0, 1), (1, 1), (1, 0).
    Holes are lost; parts that touch at a corner are one polygon. None of an empty mask.
    """
    if mask.is_empty:
        return []
    # Twice as large, a pixel's own contour has different corners at its two edges.
    double = np.repeat(np.repeat(mask.bits.view(np.uint8), 2, axis=0), 2, axis=1)
    contours, _ = cv2.findContours(np.pad(double, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    y, x = mask.offset
    polygons = []
    for contour in contours:
        corners = contour.reshape(-1, 2) // 2  # the frame's pixel, and half a pixel to the edge
        moved = np.any(corners != np.roll(corners, 1, axis=0), axis=1)
        polygons.append((corners[moved] + [x, y]).astype(np.int32))
    return polygons


def part_outlines(mask: Mask) -> list[Outline]:
    """One closed outline for each connected part, its holes joined to it by seams.

    Filled by the even-odd rule with its border, as `cv2.fillPoly` does it, each gives its part
    to the pixel, but for what seams draw across a hole's corner.

    Returns:
        Each with three corners or more. None of an empty mask.
    """
    shift = np.array(mask.offset[::-1], dtype=np.float64)
    return [
        joined([_spread(contour) for contour in (part.outline, *part.holes)]) + shift
        for part in trace_parts(mask)
    ]


def joined(outlines: Sequence[Outline]) -> Outline:
    """One outline that goes around all of them, over a seam to each next one and back.

    A seam leads from an outline to the nearest corner of those before it, or nearly so; no area
    lies in it.

    Args:
        outlines: At least one.
    """
    corners = np.concatenate(outlines)
    ends = np.cumsum([len(outline) for outline in outlines]).tolist()
    # For a corner the rounds that leave from it: of an outline, and back.
    rounds: dict[int, list[list[int]]] = {}
    # A new tree for each of them would take the square of their number.
    step = math.isqrt(len(outlines))
    for number, (begin, end) in enumerate(pairwise(ends)):
        if number % step == 0:
            tree = KDTree(corners[:begin])
        distances, nearest = tree.query(corners[begin:end])
        start = int(np.argmin(distances))
        corner, start = int(nearest[start]), begin + start
        way = [*range(start, end), *range(begin, start), ~start, ~corner]
        rounds.setdefault(corner, []).append(way)
    return corners[list(_walk(range(ends[0]), rounds))]


def _walk(first: Iterable[int], rounds: Mapping[int, list[list[int]]]) -> Iterator[int]:
    """All corners in the order of their one outline; inverted ones are passed without leaving."""
    ways = [iter(first)]
    while ways:
        corner = next(ways[-1], None)
        if corner is None:
            ways.pop()
        elif corner < 0:
            yield ~corner
        else:
            yield corner
            ways += map(iter, rounds.get(corner, ()))


def _spread(contour: Polygon) -> Outline:
    """At least three corners that are not all on one line, within their pixels."""
    corners = contour.astype(np.float64)
    if len(corners) >= 3:
        return corners
    return np.concatenate([corners, corners[-1] + np.array([[_SPREAD, 0], [0, _SPREAD]])])


def corners_of(outline: Outline) -> Iterator[list[float]]:
    """Its corners as plain numbers."""
    return ([round(x, 2), round(y, 2)] for x, y in outline.tolist())
