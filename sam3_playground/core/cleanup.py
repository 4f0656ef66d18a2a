"""What may be done to masks before they go out: holes filled, specks dropped, outlines simplified.

All of it works inside the object's box. Pixels touch where polygons go on: an object's parts are
connected over corners too, holes over sides only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.masks import Mask, mask_from_crop
from sam3_playground.core.polygons import Polygon, trace_parts
from sam3_playground.errors import InvalidInputError

# More than any image has, and within OpenCV's int32.
MAX_CLEANUP_PIXELS = 2**31 - 1


@dataclass(frozen=True)
class MaskCleanup:
    """What is done to every mask, in this order; zeros leave it as the network drew it.

    Attributes:
        fill_holes: Holes of at most so many pixels are filled. What reaches the image's edge
            is no hole.
        min_area: Parts of fewer pixels are dropped, filled holes counted; an instance without
            a part left goes altogether.
        simplify: Outlines may move by so many pixels to need fewer corners, but keep three. The
            mask is then what the simplified outlines hold, so all formats agree.

    Raises:
        InvalidInputError: No number of pixels from 0 to `MAX_CLEANUP_PIXELS`, or no whole one
            where pixels are counted.
    """

    fill_holes: int = 0
    min_area: int = 0
    simplify: float = 0.0

    def __post_init__(self) -> None:
        for name in ("fill_holes", "min_area", "simplify"):
            value = getattr(self, name)
            whole = name != "simplify"
            kinds = (int,) if whole else (int, float)
            # NaN is in no range.
            right = isinstance(value, kinds) and not isinstance(value, bool)
            if not right or not 0 <= value <= MAX_CLEANUP_PIXELS:
                raise InvalidInputError(
                    f"expected {name} in {'whole ' if whole else ''}pixels from 0 to "
                    f"{MAX_CLEANUP_PIXELS}, got {value!s:.40}"
                )

    @property
    def does_nothing(self) -> bool:
        """Whether every mask stays as it is."""
        return not (self.fill_holes or self.min_area or self.simplify)


NO_CLEANUP = MaskCleanup()


@dataclass(frozen=True, eq=False)
class Shape:
    """A mask after its cleanup.

    Attributes:
        mask: Its pixels.
        polygons: The outlines that the pixels were drawn from, as `mask_to_polygons` would give
            them, holes left out; None where the mask is all there is.
    """

    mask: Mask
    polygons: tuple[Polygon, ...] | None = None


def clean(mask: Mask, cleanup: MaskCleanup) -> Shape | None:
    """The mask with its cleanup done; None where `min_area` leaves nothing of it.

    An empty mask stays one unless `min_area` asks for a pixel.
    """
    if cleanup.fill_holes:
        mask = fill_holes(mask, cleanup.fill_holes)
    if cleanup.min_area:
        mask = drop_small_parts(mask, cleanup.min_area)
        if mask.is_empty:
            return None
    if cleanup.simplify and not mask.is_empty:
        return simplify(mask, cleanup.simplify)
    return Shape(mask)


def fill_holes(mask: Mask, max_area: int) -> Mask:
    """The mask with its holes of at most `max_area` pixels filled."""
    # Contours are traced in a small part of the time that regions take.
    if not any(part.holes for part in trace_parts(mask)):
        return mask
    # Inside a false frame all that lies outside the mask is one region, the frame's.
    outside = np.pad(~mask.bits, 1, constant_values=True).astype(np.uint8)
    labels, areas = _regions(outside, connectivity=4)
    filled = areas <= max_area
    filled[[0, labels[0, 0]]] = False  # the mask's own pixels, and the outside
    return Mask(mask.image_size, mask.offset, mask.bits | filled[labels[1:-1, 1:-1]])


def drop_small_parts(mask: Mask, min_area: int) -> Mask:
    """The mask without its parts of fewer than `min_area` pixels; it may be empty then."""
    if mask.area < min_area:
        return Mask(mask.image_size, (0, 0), np.zeros((0, 0), dtype=bool))
    if len(trace_parts(mask)) <= 1:
        return mask
    labels, areas = _regions(mask.bits.astype(np.uint8), connectivity=8)
    kept = areas >= min_area
    kept[0] = False  # what is not the mask
    return mask_from_crop(kept[labels], mask.offset, mask.image_size)


def simplify(mask: Mask, tolerance: float) -> Shape:
    """A mask whose outlines, holes' too, need fewer corners: by Douglas and Peucker.

    Args:
        mask: With at least one pixel.
        tolerance: No pixel of an outline is further from the new one, in pixels. Where fewer
            than three corners would be left of three or more, it is halved until they are.
    """
    canvas = np.zeros(mask.bits.shape, np.uint8)
    y, x = mask.offset
    shift = np.array([x, y], dtype=np.int32)
    outer = []
    for part in trace_parts(mask):
        outline = _simplified(part.outline, tolerance)
        _draw(canvas, outline, [_simplified(hole, tolerance) for hole in part.holes])
        if part.outermost:
            outer.append(outline + shift)
    drawn = mask_from_crop(canvas.view(bool), mask.offset, mask.image_size)
    return Shape(drawn, tuple(outer))


def _simplified(contour: Polygon, tolerance: float) -> Polygon:
    if len(contour) <= 3:
        return contour
    # No pixel is further away than this: a larger tolerance would only take more halvings.
    tolerance = min(tolerance, math.hypot(*np.ptp(contour, axis=0)))
    while tolerance >= 0.5:
        simple = cv2.approxPolyDP(contour[:, None], tolerance, closed=True).reshape(-1, 2)
        if len(simple) >= 3:
            return np.asarray(simple, np.int32)
        tolerance /= 2
    return contour


def _draw(canvas: NDArray[np.uint8], contour: Polygon, holes: Sequence[Polygon]) -> None:
    """Add a part to the (h, w) canvas, in whose pixels the contours are."""
    if not holes:
        cv2.fillPoly(canvas, [contour], 1)
        return
    left, top = contour.min(axis=0)
    right, bottom = contour.max(axis=0) + 1
    part = np.zeros((bottom - top, right - left), np.uint8)
    shift = np.array([left, top], dtype=np.int32)
    cv2.fillPoly(part, [contour - shift], 1)
    for hole in holes:
        gap = np.zeros_like(part)
        cv2.fillPoly(gap, [hole - shift], 1)
        # A hole's outline runs over pixels of the mask.
        cv2.polylines(gap, [hole - shift], isClosed=True, color=0)
        part &= 1 - gap
    canvas[top:bottom, left:right] |= part


def _regions(bits: NDArray[np.uint8], *, connectivity: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """A label for each pixel, 0 for false ones, and each label's pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bits, connectivity=connectivity)
    return labels, stats[:, cv2.CC_STAT_AREA]
