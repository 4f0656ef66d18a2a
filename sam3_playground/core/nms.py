"""Suppression of masks that show the same object."""

from __future__ import annotations

from collections.abc import Sequence

from sam3_playground.core.masks import Mask
from sam3_playground.core.prompts import validated_unit_interval
from sam3_playground.errors import InvalidInputError


def mask_iou(one: Mask, other: Mask) -> float:
    """Intersection over union in [0, 1]; 0 if both are empty. Only the common crop is read.

    Raises:
        InvalidInputError: Masks over images of different sizes.
    """
    if one.image_size != other.image_size:
        raise InvalidInputError(
            f"expected masks of one image, got sizes {one.image_size} and {other.image_size}"
        )
    ax0, ay0, ax1, ay1 = (int(edge) for edge in one.box_xyxy)
    bx0, by0, bx1, by1 = (int(edge) for edge in other.box_xyxy)
    x0, y0, x1, y1 = max(ax0, bx0), max(ay0, by0), min(ax1, bx1), min(ay1, by1)
    if x1 <= x0 or y1 <= y0:
        return 0.0
    ours = one.bits[y0 - ay0 : y1 - ay0, x0 - ax0 : x1 - ax0]
    theirs = other.bits[y0 - by0 : y1 - by0, x0 - bx0 : x1 - bx0]
    overlap = int((ours & theirs).sum())
    return overlap / (one.area + other.area - overlap)


def suppress(
    masks: Sequence[Mask], scores: Sequence[float], *, iou_threshold: float
) -> list[int]:
    """Greedy non-maximum suppression over mask IoU.

    The best mask stays, all that overlap it by more than the threshold go, and so on. Of
    equal scores the earlier one is the better.

    Returns:
        Indices of the masks that stay, in their given order.

    Raises:
        InvalidInputError: Not one score for each mask, or a threshold outside [0, 1].
    """
    if len(masks) != len(scores):
        raise InvalidInputError(
            f"expected one score for each of {len(masks)} masks, got {len(scores)}"
        )
    validated_unit_interval(iou_threshold, name="iou_threshold")
    kept: list[int] = []
    for index in sorted(range(len(masks)), key=lambda i: -scores[i]):
        if all(mask_iou(masks[index], masks[best]) <= iou_threshold for best in kept):
            kept.append(index)
    return sorted(kept)
