"""The losses that teach the network to find, box, mask and name objects.

Boxes are normalised to [0, 1] by the side of the squashed image, masks are logits at the
network's mask size. All losses are means over what they supervise; none gives NaN for an
empty selection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torchvision.ops import (
    box_iou,
    generalized_box_iou,
    generalized_box_iou_loss,
    sigmoid_focal_loss,
)

Matches = list[tuple[Tensor, Tensor]]

# Against 5 for a box's L1 distance. Neighbouring queries start an eighth of the image apart.
PLACE_COST = 10.0
# Queries whose box overlaps an object's by so much stand on it, and weigh so much more in the
# class loss where it is to be decided about: they are few, and in a prompt that excludes, nothing
# but the box tells some of them to be silent and the others, on what is alike, to speak.
DECIDED_IOU = 0.4
DECIDED_WEIGHT = 3.0
# What a mask puts outside the object's box weighs so much more: specks on what looks alike are too
# few pixels to be felt beside those of the outline, yet it is there that a mask's box then ends.
STRAY_WEIGHT = 4.0


@dataclass(frozen=True)
class Scoring:
    """How queries learn whether to speak for an object.

    Attributes:
        class_cost: What a query's own score counts when objects are assigned to queries.
        gamma: The focal loss's (arXiv:1708.02002); 0 is plain cross-entropy.
        alpha: The weight of queries that stand for an object against those that don't: more
            than a half, so that 0.5 is where as many objects are missed as are found too many.
        weight: Of the class loss among those of detection.
    """

    class_cost: float
    gamma: float
    alpha: float
    weight: float


# While it is still being learned what to look for, the many queries beside every object must
# not drown the one on it.
SEARCHING = Scoring(class_cost=2.0, gamma=2.0, alpha=0.7, weight=4.0)
# Focal loss leaves several queries half sure of one object, all of them under 0.5 or two of
# them above. In the end the one that is surest is told to be sure, and the others to be silent.
SETTLING = Scoring(class_cost=6.0, gamma=0.0, alpha=0.6, weight=2.0)


def cxcywh_to_xyxy(boxes: Tensor) -> Tensor:
    """(..., 4) centre boxes to corner boxes, in the frame they came in."""
    centre, half = boxes[..., :2], boxes[..., 2:] / 2
    return torch.cat([centre - half, centre + half], dim=-1)


@torch.no_grad()
def match_queries(
    logits: Tensor,
    boxes: Tensor,
    targets: list[Tensor],
    *,
    places: Tensor,
    copies: int = 1,
    class_cost: float = SEARCHING.class_cost,
) -> Matches:
    """Assign targets to queries at the least cost (Hungarian; DETR, arXiv:2005.12872).

    To the usual costs comes the distance from where a query starts to look. Of several
    queries that found the same object, the one that started nearest is to speak: a query
    can tell from its own place, and need not first learn to agree with the others.

    Args:
        logits: (P, Q) class logits of each prompt's queries.
        boxes: (P, Q, 4) predicted cxcywh.
        targets: P tensors (T, 4) of true cxcywh; T may be 0.
        places: (Q, 2) normalised centres where the queries start.
        copies: How many queries each target is assigned to (one-to-many for more than one).
        class_cost: What a query's score counts.

    Returns:
        For each prompt the query indices and the target indices, two (T * copies,) int64.
    """
    matches: Matches = []
    for prompt_logits, prompt_boxes, target in zip(logits, boxes, targets, strict=True):
        if not len(target):
            empty = torch.zeros(0, dtype=torch.long)
            matches.append((empty, empty))
            continue
        cost = (
            -class_cost * prompt_logits.sigmoid()[:, None]
            + 5.0 * torch.cdist(prompt_boxes, target, p=1)
            - 2.0 * generalized_box_iou(cxcywh_to_xyxy(prompt_boxes), cxcywh_to_xyxy(target))
            + PLACE_COST * torch.cdist(places, target[:, :2])
        )
        repeats = min(copies, max(1, len(prompt_logits) // len(target)))
        table = np.nan_to_num(cost.float().cpu().numpy(), nan=1e3)
        rows, columns = linear_sum_assignment(np.tile(table, (1, repeats)))
        matches.append((torch.from_numpy(rows), torch.from_numpy(columns % len(target))))
    return matches


@torch.no_grad()
def class_weights(boxes: Tensor, decided: list[Tensor]) -> Tensor:
    """(P, Q): what the class loss of each query counts, more where it stands on an object.

    Args:
        boxes: (P, Q, 4) predicted cxcywh.
        decided: P tensors (N, 4) of true cxcywh, the objects that a prompt decides about; N may
            be 0.
    """
    weights = torch.ones_like(boxes[..., 0])
    for row, objects in enumerate(decided):
        if not len(objects):
            continue
        overlap = box_iou(cxcywh_to_xyxy(boxes[row]), cxcywh_to_xyxy(objects)).max(1).values
        weights[row, overlap > DECIDED_IOU] = DECIDED_WEIGHT
    return weights


def detection_losses(
    logits: Tensor,
    boxes: Tensor,
    targets: list[Tensor],
    matches: Matches,
    *,
    weights: Tensor,
    scoring: Scoring = SEARCHING,
) -> dict[str, Tensor]:
    """Class and box losses of one decoder layer.

    The class target of a matched query is 1, hard: while boxes are still poor, a target that
    follows their IoU teaches the queries to be silent.

    Args:
        logits: (P, Q). boxes: (P, Q, 4) cxcywh. targets: P tensors (T, 4) cxcywh.
        matches: From `match_queries`.
        weights: (P, Q), from `class_weights`.
        scoring: How scores are learned.

    Returns:
        "class", "l1" and "giou", each divided by the number of targets of the batch.
    """
    target_logits = torch.zeros_like(logits)
    for row, (queries, _) in enumerate(matches):
        target_logits[row, queries.to(logits.device)] = 1.0
    total = max(1, sum(len(queries) for queries, _ in matches))
    focal = sigmoid_focal_loss(
        logits, target_logits, alpha=scoring.alpha, gamma=scoring.gamma, reduction="none"
    )
    losses = {"class": (focal * weights).sum() / total}
    predicted = torch.cat([boxes[row, queries] for row, (queries, _) in enumerate(matches)])
    true = torch.cat([target[index] for target, (_, index) in zip(targets, matches, strict=True)])
    losses["l1"] = F.l1_loss(predicted, true, reduction="sum") / total
    losses["giou"] = (
        generalized_box_iou_loss(cxcywh_to_xyxy(predicted), cxcywh_to_xyxy(true), reduction="sum")
        / total
    )
    return losses


def dice_loss(mask_logits: Tensor, targets: Tensor) -> Tensor:
    """1 - Dice of (N, ...) logits against (N, ...) coverage in [0, 1]; shape (N,).

    V-Net, arXiv:1606.04797.
    """
    probs = mask_logits.sigmoid().flatten(1)
    targets = targets.flatten(1)
    overlap = (probs * targets).sum(1)
    return 1.0 - (2.0 * overlap + 1.0) / (probs.sum(1) + targets.sum(1) + 1.0)


def mask_losses(mask_logits: Tensor, targets: Tensor) -> Tensor:
    """Per-mask loss (N,): cross-entropy, weighted towards the object's own extent, plus Dice.

    Outside the box around the object a pixel's cross-entropy counts STRAY_WEIGHT times.

    Args:
        mask_logits: (N, h, w).
        targets: (N, h, w) coverage in [0, 1].
    """
    cross_entropy = F.binary_cross_entropy_with_logits(mask_logits, targets, reduction="none")
    covered = targets > 0
    boxed = covered.any(2, keepdim=True) & covered.any(1, keepdim=True)
    cross_entropy = torch.where(boxed, cross_entropy, STRAY_WEIGHT * cross_entropy)
    extent = targets.flatten(1).sum(1).clamp(min=4.0)
    # An object's pixels and as many around it carry the weight, whatever its size.
    balanced = cross_entropy.flatten(1).sum(1) / (2.0 * extent)
    return balanced.clamp(max=20.0) + dice_loss(mask_logits, targets)


@torch.no_grad()
def mask_iou(mask_logits: Tensor, targets: Tensor) -> Tensor:
    """IoU (N,) of masks cut at 0 with targets cut at a half; 1 where both are empty."""
    masks = mask_logits.flatten(1) > 0
    true = targets.flatten(1) > 0.5
    union = (masks | true).sum(1)
    overlap = (masks & true).sum(1)
    return torch.where(union > 0, overlap / union.clamp(min=1), torch.ones_like(union).float())
