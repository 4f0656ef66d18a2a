"""Suppression of masks that show the same object."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.masks import Mask
from sam3_playground.core.prompts import validated_unit_interval
from sam3_playground.errors import InvalidInputError, InvalidPromptError

NmsMode = Literal["off", "within", "across"]
DEFAULT_IOU_THRESHOLD = 0.7


@dataclass(frozen=True)
class Nms:
    """Which masks compete with each other, and how much of each other two of them may show.

    Attributes:
        mode: "off", "within" each concept, or "across" all concepts of a request.
        iou_threshold: In [0, 1]; of two masks that overlap by more the better one stays.

    Raises:
        InvalidPromptError: Another mode, or a threshold outside [0, 1].
    """

    mode: NmsMode = "within"
    iou_threshold: float = DEFAULT_IOU_THRESHOLD

    def __post_init__(self) -> None:
        if self.mode not in get_args(NmsMode):
            raise InvalidPromptError(
                f"expected NMS to be {', '.join(get_args(NmsMode))}, got {self.mode!s:.40}"
            )
        value = validated_unit_interval(self.iou_threshold, name="the IoU threshold of NMS")
        object.__setattr__(self, "iou_threshold", value)

    @property
    def line(self) -> str:
        """What it does, for a status line."""
        return "NMS off" if self.mode == "off" else f"NMS {self.mode}, IoU {self.iou_threshold:.2f}"


NO_NMS = Nms("off")
DEFAULT_NMS = Nms()


def mask_iou(one: Mask, other: Mask) -> float:
    """Intersection over union in [0, 1]; 0 if both are empty. Only the common crop is read.

    Raises:
        InvalidInputError: Masks over images of different sizes.
    """
    _check_one_image([one, other])
    overlap = _overlap(one, other)
    return overlap / (one.area + other.area - overlap) if overlap else 0.0


def suppress(masks: Sequence[Mask], scores: Sequence[float], *, iou_threshold: float) -> list[int]:
    """Greedy non-maximum suppression over mask IoU: who stays of `suppressors`.

    Returns:
        Indices of the masks that stay, in their given order.
    """
    found = suppressors(masks, scores, iou_threshold=iou_threshold)
    return [index for index, better in enumerate(found) if better is None]


def suppressors(
    masks: Sequence[Mask],
    scores: Sequence[float],
    *,
    iou_threshold: float,
    staying: Collection[int] = (),
) -> list[int | None]:
    """Greedy non-maximum suppression over mask IoU: for whom each mask gives way.

    The best mask stays, all that overlap it by more than the threshold go, and so on. Of
    equal scores the later one is the better, as on the reference server (roboflow/inference,
    which sorts in rising order and reverses). Empty masks overlap nothing and stay.

    Args:
        masks: Over one image.
        scores: One for each mask.
        iou_threshold: In [0, 1].
        staying: The places of masks that give way to none, and come before all others.

    Returns:
        For each mask the index of the better one that it shows too much of; None where it stays.

    Raises:
        InvalidInputError: Not one score for each mask, a score that is NaN, masks over
            images of different sizes, or a threshold outside [0, 1].
    """
    if len(masks) != len(scores):
        raise InvalidInputError(
            f"expected one score for each of {len(masks)} masks, got {len(scores)}"
        )
    validated_unit_interval(iou_threshold, name="iou_threshold")
    values = np.asarray(scores, dtype=np.float64)
    if np.isnan(values).any():
        raise InvalidInputError("expected scores as numbers, got NaN")
    _check_one_image(masks)
    better: list[int | None] = [None] * len(masks)
    alive = np.ones(len(masks), dtype=bool)
    boxes = np.array([mask.box_xyxy for mask in masks]).reshape(-1, 4)
    areas = np.array([mask.area for mask in masks], dtype=np.float64)
    first = np.array([place in staying for place in range(len(masks))], dtype=bool)
    waiting = np.lexsort((values, first))[::-1]
    while waiting.size:
        best, waiting = int(waiting[0]), waiting[1:]
        reach = _highest_iou(boxes[best], areas[best], boxes[waiting], areas[waiting])
        for index in waiting[(reach > iou_threshold) & ~first[waiting]].tolist():
            if mask_iou(masks[best], masks[index]) > iou_threshold:
                alive[index] = False
                better[index] = best
        waiting = waiting[alive[waiting]]
    return better


def _check_one_image(masks: Sequence[Mask]) -> None:
    sizes = {mask.image_size for mask in masks}
    if len(sizes) > 1:
        raise InvalidInputError(f"expected masks of one image, got sizes {sorted(sizes)}")


def _overlap(one: Mask, other: Mask) -> int:
    """Pixels that both masks hold."""
    (ay, ax), (by, bx) = one.offset, other.offset
    (ah, aw), (bh, bw) = one.bits.shape, other.bits.shape
    y0, y1 = max(ay, by), min(ay + ah, by + bh)
    x0, x1 = max(ax, bx), min(ax + aw, bx + bw)
    if x1 <= x0 or y1 <= y0:
        return 0
    ours = one.bits[y0 - ay : y1 - ay, x0 - ax : x1 - ax]
    theirs = other.bits[y0 - by : y1 - by, x0 - bx : x1 - bx]
    return int(np.count_nonzero(ours & theirs))


def _highest_iou(
    box: NDArray[np.float64],
    area: np.float64,
    boxes: NDArray[np.float64],
    areas: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What the mask IoU of one mask with N others cannot exceed, from boxes and areas; (N,).

    Exact in rounding too: a quotient of whole numbers never falls as the overlap grows.
    """
    corners = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    common = np.prod(np.maximum(corners, 0), axis=1)
    overlap = np.minimum(common, np.minimum(area, areas))
    # Two empty masks have no union to divide by.
    highest: NDArray[np.float64] = overlap / np.maximum(area + areas - overlap, 1)
    return highest
