"""The truth about an example scene, and what is predicted of it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tests.servers import ROOT

SCENE = ROOT / "assets/examples/rockets.jpg"
TRUTH = next(
    entry
    for entry in json.loads((ROOT / "assets/examples/examples.json").read_text(encoding="utf-8"))
    if entry["file"] == SCENE.name
)


def true_boxes(kind: str) -> list[Any]:
    return [it["box_xyxy"] for it in TRUTH["objects"] if it["kind"] == kind]


def box_of(prediction: dict[str, Any]) -> tuple[float, ...]:
    corners = np.array([point for part in prediction["masks"] for point in part])
    return (*corners.min(0), *(corners.max(0) + 1))


def box_iou(one: Any, other: Any) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    common = max(0.0, wide) * max(0.0, high)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(common / (sum(areas) - common))


def best_iou(box: Any, boxes: list[Any]) -> float:
    return max(box_iou(box, other) for other in boxes)
