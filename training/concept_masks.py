"""What teaches the masks of concepts: those of the queries on an object, and the whole one's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import box_iou

from sam3_playground.model.shapes import ImageLevels, Segmented
from training import forward
from training.initial import position_waves
from training.losses import (
    Scoring,
    cxcywh_to_xyxy,
    dice_loss,
    mask_losses,
    match_queries,
)

# Queries whose box overlaps an object by so much learn its mask, matched or not.
MASK_IOU = 0.5
# Of so many pixels in a row, and of so many rows, one is asked for its place: that is enough
# to learn from, and a sixteenth of the work.
PLACE_STRIDE = 4


def concept_coverage(
    targets: Sequence[tuple[int, list[int]]], coverage: Sequence[Tensor]
) -> Tensor:
    """(P, m, m): how much of each pixel the prompt's objects fill together."""
    return torch.stack([coverage[image][chosen].sum(0) for image, chosen in targets]).clamp(max=1.0)


def prompt_mask_losses(
    network: Any,
    probes: forward.Probes,
    levels: ImageLevels,
    encoded: forward.Encoded,
    detected: forward.Detected,
    batch: forward.GroundingBatch,
    targets: Sequence[tuple[int, list[int]]],
    boxes: list[Tensor],
    coverage: Sequence[Tensor],
    scoring: Scoring,
    rng: np.random.Generator,
    most: int | None = None,
) -> dict[str, Tensor]:
    """Masks of the queries that stand on an object, and of the whole concept.

    Of `most` prompts at most, drawn at random.
    """
    rows = [row for row, (_, chosen) in enumerate(targets) if chosen]
    if most is not None and len(rows) > most:
        rows = sorted(rng.choice(rows, most, replace=False).tolist())
    if not rows:
        return {}
    index = torch.tensor(rows, device=encoded.memory.device)
    segmented = forward.segment(network, levels, encoded, detected.queries, batch, index)
    matches = queries_on_objects(
        detected.boxes[-1][index], [boxes[row] for row in rows], detected, index, scoring
    )
    predicted = picked(segmented.masks, matches)
    true = torch.cat(
        [
            coverage[targets[row][0]][targets[row][1]][chosen]
            for row, (_, chosen) in zip(rows, matches, strict=True)
        ]
    )
    whole = concept_coverage([targets[row] for row in rows], coverage)
    semantic = segmented.semantic
    semantic_loss = (
        F.binary_cross_entropy_with_logits(semantic, whole) + dice_loss(semantic, whole).mean()
    )
    return {
        "mask": 2.0 * mask_losses(predicted, true).mean(),
        "semantic": 0.5 * semantic_loss,
        "place": place_loss(probes, segmented, matches, [boxes[row] for row in rows], rng),
    }


def place_loss(
    probes: forward.Probes,
    segmented: Segmented,
    matches: Sequence[tuple[Tensor, Tensor]],
    boxes: Sequence[Tensor],
    rng: np.random.Generator,
) -> Tensor:
    """Pixels must tell where they are, and queries where their object is, in the same terms.

    Their product, which is the mask, can then end where the object does and not only where
    the likeness does. One pixel of each PLACE_STRIDE by PLACE_STRIDE is asked, at random.
    """
    cycles = torch.tensor(forward.PLACE_CYCLES)
    side = segmented.pixels.shape[-1]
    waves = position_waves(side, cycles).to(segmented.pixels.device)
    row, column = (slice(first, None, PLACE_STRIDE) for first in rng.integers(PLACE_STRIDE, size=2))
    told = probes.place(segmented.pixels[:, :, row, column].permute(0, 2, 3, 1))
    wanted = waves[row, column].expand_as(told)
    queries = picked(segmented.queries, matches)
    centres = torch.cat(
        [target[which][:, :2] for target, (_, which) in zip(boxes, matches, strict=True)]
    )
    x, y = (centres * side).long().clamp(0, side - 1).unbind(1)
    return F.mse_loss(told, wanted) + F.mse_loss(probes.place(queries), waves[y, x])


def picked(answers: Tensor, matches: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """(K, ...): what the matched queries of each prompt answered, of (R, Q, ...), in order.

    In one piece: going back, each selection on its own would make a gradient of the whole.
    """
    count = answers.shape[1]
    flat = torch.cat([row * count + queries for row, (queries, _) in enumerate(matches)])
    return answers.flatten(0, 1)[flat.to(answers.device)]


def queries_on_objects(
    predicted: Tensor,
    boxes: list[Tensor],
    detected: forward.Detected,
    rows: Tensor,
    scoring: Scoring,
) -> list[tuple[Tensor, Tensor]]:
    """The query matched to each object, and every other whose box is on one.

    A mask costs next to nothing once its pixels are embedded, and several times as many of
    them teach the embedding several times as fast.

    Args:
        predicted: (R, Q, 4) cxcywh. boxes: R tensors (T, 4) cxcywh, T at least 1.
        detected: What the decoder answered. rows: (R,) the prompts' rows in it.
        scoring: How scores are learned, so that the same query is matched there.

    Returns:
        For each prompt query indices and target indices, two (K,) int64.
    """
    matches = match_queries(
        detected.logits[-1][rows],
        predicted,
        boxes,
        places=detected.places,
        class_cost=scoring.class_cost,
    )
    pairs = []
    for (queries, chosen), prompt_boxes, target in zip(matches, predicted, boxes, strict=True):
        overlap, nearest = box_iou(cxcywh_to_xyxy(prompt_boxes), cxcywh_to_xyxy(target)).max(1)
        overlap[queries] = 0.0
        others = torch.nonzero(overlap > MASK_IOU).flatten()
        pairs.append(
            (
                torch.cat([queries.to(others.device), others]),
                torch.cat([chosen.to(others.device), nearest[others]]),
            )
        )
    return pairs
