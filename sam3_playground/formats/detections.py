"""Results in supervision's form, without a full-size mask in between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import supervision as sv

from sam3_playground.core.masks import Mask
from sam3_playground.core.results import Instance, Result


def to_detections(result: Result) -> sv.Detections:
    """All instances but empty ones: boxes, masks, scores, and labels as `class_name`.

    A class is a prompt, by its place in the request.
    """
    listed = [
        (place, item)
        for place, found in enumerate(result.prompt_results)
        for item in found.instances
        if not item.mask.is_empty
    ]
    detections = detections_of([item for _, item in listed], [place for place, _ in listed])
    detections.data["class_name"] = np.array([item.label for _, item in listed], dtype=str)
    return detections


def detections_of(instances: Sequence[Instance], classes: Sequence[int]) -> sv.Detections:
    """Instances that are not empty, each with a class."""
    if not instances:
        return sv.Detections.empty()
    return sv.Detections(
        xyxy=np.array([item.mask.box_xyxy for item in instances], dtype=np.float64),
        mask=compact_masks([item.mask for item in instances]),
        confidence=np.array([item.score for item in instances]),
        class_id=np.array(classes),
    )


def compact_masks(masks: Sequence[Mask]) -> sv.CompactMask:
    """At least one non-empty mask as supervision's crops; no full-size bitmap is made."""
    crops = []
    for mask in masks:
        height, width = mask.bits.shape
        edges = np.array([[0, 0, width - 1, height - 1]])  # supervision's are inclusive
        crop = sv.CompactMask.from_dense(mask.bits[None], edges, (height, width))
        y, x = mask.offset
        crops.append(crop.with_offset(x, y, mask.image_size))
    return sv.CompactMask.merge(crops)
