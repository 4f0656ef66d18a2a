"""What one step of training supervises: from scenes to losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import box_iou

from sam3_playground.model.config import NetworkConfig
from sam3_playground.training import forward
from sam3_playground.training.batches import SceneTensors, grounding_batch, patch_labels
from sam3_playground.training.clicks import click_losses
from sam3_playground.training.initial import position_waves
from sam3_playground.training.losses import (
    SEARCHING,
    SETTLING,
    Scoring,
    cxcywh_to_xyxy,
    detection_losses,
    dice_loss,
    mask_losses,
    match_queries,
)
from sam3_playground.training.recipe import Stage
from sam3_playground.training.vocabulary import COLOUR_NAMES, KIND_NAMES

# Scale of the cosine between a patch and a name.
CONTRAST_SCALE = 12.0
# Queries that learn each object in the one-to-many branch.
COPIES = 4
# Class loss of prompts for what is absent, against that of prompts for what is there.
ABSENT_WEIGHT = 1.0
# Queries whose box overlaps an object by so much learn its mask, matched or not.
MASK_IOU = 0.5
# Of so many pixels in a row, and of so many rows, one is asked for its place: that is enough
# to learn from, and a sixteenth of the work.
PLACE_STRIDE = 4

Losses = dict[str, Tensor]


def step_losses(
    network: Any,
    probes: forward.Probes,
    scenes: Sequence[SceneTensors],
    stage: Stage,
    config: NetworkConfig,
    rng: np.random.Generator,
    device: torch.device,
) -> Losses:
    """The stage's losses on a batch of scenes, already weighted; their sum is the loss."""
    weights = stage.weights
    images = torch.stack([scene.image for scene in scenes]).to(device)
    labels = [patch_labels(scene, config) for scene in scenes]
    kinds = torch.stack([kind for kind, _ in labels]).to(device)
    colours = torch.stack([colour for _, colour in labels]).to(device)
    if stage.prompts == 0:
        trunk = network.backbone.vision_backbone.trunk(images)[-1]
        return weighted(probe_losses(probes, trunk, kinds, colours), weights.probe)

    backbone_out, trunk = forward.encode_images(network, images)
    losses = weighted(probe_losses(probes, trunk, kinds, colours), weights.probe)
    features = backbone_out["backbone_fpn"][-1]
    losses |= weighted(
        {"contrast": contrast_loss(network, features, kinds, colours)}, weights.contrast
    )

    batch = to_device(grounding_batch(scenes, rng), device)
    targets = [
        (image, list(query.targets))
        for image, scene in enumerate(scenes)
        for query in scene.queries
    ]
    coverage = [scene.coverage.to(device) for scene in scenes]
    encoded = forward.encode_prompts(network, backbone_out, batch)
    losses |= weighted(
        {"token": token_loss(probes, encoded.memory, targets, coverage)}, weights.token
    )
    if weights.detection:
        boxes = [scenes[image].boxes[chosen].to(device) for image, chosen in targets]
        detected = forward.detect(network, encoded)
        scoring = SETTLING if stage.settling else SEARCHING
        losses |= weighted(all_detection_losses(detected, boxes, scoring), weights.detection)
    if weights.mask:
        losses |= weighted(
            prompt_mask_losses(
                network,
                probes,
                backbone_out,
                encoded,
                detected,
                batch,
                targets,
                boxes,
                coverage,
                rng,
            ),
            weights.mask,
        )
    if weights.click:
        clicks = click_losses(network, backbone_out, scenes, stage.objects, config, rng, device)
        losses |= weighted(clicks, weights.click)
    return losses


def weighted(losses: Losses, weight: float) -> Losses:
    """The losses times a weight; none at weight 0."""
    return {name: loss * weight for name, loss in losses.items()} if weight else {}


def to_device(batch: forward.GroundingBatch, device: torch.device) -> forward.GroundingBatch:
    """The batch on the device."""
    return forward.GroundingBatch(
        image_ids=batch.image_ids.to(device),
        phrases=batch.phrases,
        boxes=batch.boxes.to(device),
        box_labels=batch.box_labels.to(device),
        box_padding=batch.box_padding.to(device),
    )


def probe_losses(probes: forward.Probes, trunk: Tensor, kinds: Tensor, colours: Tensor) -> Losses:
    """Classify each patch of (B, C, g, g) trunk features; background counts a fifth."""
    patches = trunk.permute(0, 2, 3, 1)
    losses: Losses = {}
    for name, head, labels in (("kind", probes.kind, kinds), ("colour", probes.colour, colours)):
        logits = head(patches).flatten(0, 2)
        class_weights = torch.ones(logits.shape[1], device=logits.device)
        class_weights[0] = 0.2
        losses[name] = F.cross_entropy(logits, labels.flatten(), weight=class_weights)
    return losses


def contrast_loss(network: Any, features: Tensor, kinds: Tensor, colours: Tensor) -> Tensor:
    """Features (B, C, g, g) of objects' patches must point at the encoded name of what they show.

    The target among colours, too, where the object has one.
    """
    names = forward.pooled_texts(
        forward.encode_texts(network, [*KIND_NAMES, *COLOUR_NAMES], features.device)
    )
    patches = F.normalize(features.permute(0, 2, 3, 1).flatten(0, 2), dim=-1)
    cosine = CONTRAST_SCALE * patches @ F.normalize(names, dim=-1).T
    by_kind, by_colour = cosine[:, : len(KIND_NAMES)], cosine[:, len(KIND_NAMES) :]
    loss = features.new_zeros(())
    for logits, labels in ((by_kind, kinds.flatten()), (by_colour, colours.flatten())):
        shown = labels > 0
        if shown.any():
            loss = loss + F.cross_entropy(logits[shown], labels[shown] - 1)
    return loss


def concept_coverage(
    targets: Sequence[tuple[int, list[int]]], coverage: Sequence[Tensor]
) -> Tensor:
    """(P, m, m): how much of each pixel the prompt's objects fill together."""
    return torch.stack([coverage[image][chosen].sum(0) for image, chosen in targets]).clamp(max=1.0)


def token_loss(
    probes: forward.Probes,
    memory: Tensor,
    targets: Sequence[tuple[int, list[int]]],
    coverage: Sequence[Tensor],
) -> Tensor:
    """The fusion encoder's tokens (g * g, P, C) must tell the prompt's own objects.

    Cross-entropy in which a batch's object patches weigh as much as its other patches.
    """
    logits = probes.token(memory).squeeze(-1).transpose(0, 1)  # (P, g * g)
    wanted = F.avg_pool2d(concept_coverage(targets, coverage), 4).flatten(1)
    positive = (wanted > 0.3).float()
    certain = ((wanted > 0.3) | (wanted < 0.05)).float()
    share = (positive.mean() + 1e-3).clamp(max=0.5)
    weight = torch.where(positive > 0, 0.5 / share, 0.5 / (1.0 - share)) * certain
    return (F.binary_cross_entropy_with_logits(logits, positive, reduction="none") * weight).mean()


def all_detection_losses(
    detected: forward.Detected, boxes: list[Tensor], scoring: Scoring
) -> Losses:
    """Classes, boxes and presence, summed over decoder layers and both branches."""
    present = torch.tensor([float(len(box) > 0) for box in boxes], device=detected.logits[0].device)
    total: Losses = {}
    for layer in range(len(detected.logits)):
        branches = [(detected.logits[layer], detected.boxes[layer], 1)]
        if detected.many_logits:
            branches.append((detected.many_logits[layer], detected.many_boxes[layer], COPIES))
        for logits, predicted, copies in branches:
            matches = match_queries(
                logits,
                predicted,
                boxes,
                places=detected.places,
                copies=copies,
                class_cost=scoring.class_cost,
            )
            part = detection_losses(
                logits, predicted, boxes, matches, absent_weight=ABSENT_WEIGHT, scoring=scoring
            )
            factor = {"class": scoring.weight, "l1": 5.0, "giou": 2.0}
            for name, loss in part.items():
                total[name] = total.get(name, torch.zeros_like(loss)) + factor[name] * loss / len(
                    branches
                )
        presence = F.binary_cross_entropy_with_logits(detected.presence[layer], present)
        total["presence"] = total.get("presence", torch.zeros_like(presence)) + 2.0 * presence
    return {name: loss / len(detected.logits) for name, loss in total.items()}


def prompt_mask_losses(
    network: Any,
    probes: forward.Probes,
    backbone_out: dict[str, Any],
    encoded: forward.Encoded,
    detected: forward.Detected,
    batch: forward.GroundingBatch,
    targets: Sequence[tuple[int, list[int]]],
    boxes: list[Tensor],
    coverage: Sequence[Tensor],
    rng: np.random.Generator,
) -> Losses:
    """Masks of the queries that stand on an object, and of the whole concept."""
    rows = [row for row, (_, chosen) in enumerate(targets) if chosen]
    if not rows:
        return {}
    index = torch.tensor(rows, device=encoded.memory.device)
    segmented = forward.segment(network, backbone_out, encoded, detected.queries, batch, index)
    matches = queries_on_objects(
        detected.boxes[-1][index], [boxes[row] for row in rows], detected, index
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
    segmented: forward.Segmented,
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
    predicted: Tensor, boxes: list[Tensor], detected: forward.Detected, rows: Tensor
) -> list[tuple[Tensor, Tensor]]:
    """The query matched to each object, and every other whose box is on one.

    A mask costs next to nothing once its pixels are embedded, and several times as many of
    them teach the embedding several times as fast.

    Args:
        predicted: (R, Q, 4) cxcywh. boxes: R tensors (T, 4) cxcywh, T at least 1.
        detected: What the decoder answered. rows: (R,) the prompts' rows in it.

    Returns:
        For each prompt query indices and target indices, two (K,) int64.
    """
    matches = match_queries(detected.logits[-1][rows], predicted, boxes, places=detected.places)
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
