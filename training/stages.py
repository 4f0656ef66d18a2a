"""What one step of training supervises: from scenes to losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sam3_playground.model.config import NetworkConfig
from scenes.vocabulary import COLOUR_NAMES, KIND_NAMES
from training import forward
from training.batches import SceneTensors, grounding_batch, patch_labels
from training.clicks import click_losses
from training.concept_masks import concept_coverage, prompt_mask_losses
from training.losses import (
    SEARCHING,
    SETTLING,
    Scoring,
    class_weights,
    detection_losses,
    match_queries,
)
from training.plan import Stage

# Scale of the cosine between a patch and a name.
CONTRAST_SCALE = 12.0
# Queries that learn each object in the one-to-many branch.
COPIES = 4

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

    levels = forward.encode_images(network, images)
    losses = weighted(probe_losses(probes, levels.trunk, kinds, colours), weights.probe)
    features = levels.concepts[-1]
    losses |= weighted(
        {"contrast": contrast_loss(network, features, kinds, colours)}, weights.contrast
    )

    batch = to_device(grounding_batch(scenes, rng), device)
    targets = [
        (image, list(query.targets))
        for image, scene in enumerate(scenes)
        for query in scene.queries
    ]
    without = [
        (image, list(query.negative))
        for image, scene in enumerate(scenes)
        for query in scene.queries
    ]
    coverage = [scene.coverage.to(device) for scene in scenes]
    encoded = forward.encode_prompts(network, levels, batch)
    losses |= weighted(
        {"token": token_loss(probes, encoded.memory, targets, without, coverage)}, weights.token
    )
    scoring = SETTLING if stage.settling else SEARCHING
    if weights.detection:
        boxes = [scenes[image].boxes[chosen].to(device) for image, chosen in targets]
        detected = forward.detect(network, encoded)
        decided = [one.to(device) for one in decided_boxes(scenes, everywhere=stage.on_objects)]
        found = all_detection_losses(detected, boxes, decided, scoring)
        losses |= weighted(found, weights.detection)
    if weights.mask:
        losses |= weighted(
            prompt_mask_losses(
                network,
                probes,
                levels,
                encoded,
                detected,
                batch,
                targets,
                boxes,
                coverage,
                scoring,
                rng,
                stage.masked,
            ),
            weights.mask,
        )
    if weights.click:
        clicks = click_losses(network, levels, scenes, stage.objects, config, rng, device)
        losses |= weighted(clicks, weights.click)
    return losses


def decided_boxes(scenes: Sequence[SceneTensors], *, everywhere: bool) -> list[Tensor]:
    """Of each prompt the (N, 4) boxes of the objects that it decides about.

    Where a negative box excludes, those that are meant or excluded, and none elsewhere;
    `everywhere` all objects of the scene, in every prompt.
    """
    decided = []
    for scene in scenes:
        for query in scene.queries:
            chosen = [*query.targets, *query.negative] if query.negative else []
            decided.append(scene.boxes if everywhere else scene.boxes[chosen])
    return decided


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
    names = forward.pooled_texts(forward.encode_texts(network, [*KIND_NAMES, *COLOUR_NAMES]))
    patches = F.normalize(features.permute(0, 2, 3, 1).flatten(0, 2), dim=-1)
    cosine = CONTRAST_SCALE * patches @ F.normalize(names, dim=-1).T
    by_kind, by_colour = cosine[:, : len(KIND_NAMES)], cosine[:, len(KIND_NAMES) :]
    loss = features.new_zeros(())
    for logits, labels in ((by_kind, kinds.flatten()), (by_colour, colours.flatten())):
        shown = labels > 0
        if shown.any():
            loss = loss + F.cross_entropy(logits[shown], labels[shown] - 1)
    return loss


def token_loss(
    probes: forward.Probes,
    memory: Tensor,
    targets: Sequence[tuple[int, list[int]]],
    excluded: Sequence[tuple[int, list[int]]],
    coverage: Sequence[Tensor],
) -> Tensor:
    """The fusion encoder's tokens (g * g, P, C) must tell the prompt's own objects.

    Cross-entropy in which a batch's object patches weigh as much as its other patches, and those
    of what is excluded as much as an object's.
    """
    logits = probes.token(memory).squeeze(-1).transpose(0, 1)  # (P, g * g)
    wanted = F.avg_pool2d(concept_coverage(targets, coverage), 4).flatten(1)
    positive = (wanted > 0.3).float()
    certain = ((wanted > 0.3) | (wanted < 0.05)).float()
    share = (positive.mean() + 1e-3).clamp(max=0.5)
    against = F.avg_pool2d(concept_coverage(excluded, coverage), 4).flatten(1) > 0.3
    heavy = (positive > 0) | against
    weight = torch.where(heavy, 0.5 / share, 0.5 / (1.0 - share)) * certain
    return (F.binary_cross_entropy_with_logits(logits, positive, reduction="none") * weight).mean()


def all_detection_losses(
    detected: forward.Detected, boxes: list[Tensor], decided: list[Tensor], scoring: Scoring
) -> Losses:
    """Classes, boxes and presence, summed over decoder layers and both branches.

    `boxes` are what each prompt means, `decided` what its queries weigh more on.
    """
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
                logits,
                predicted,
                boxes,
                matches,
                weights=class_weights(predicted, decided),
                scoring=scoring,
            )
            factor = {"class": scoring.weight, "l1": 5.0, "giou": 2.0}
            for name, loss in part.items():
                total[name] = total.get(name, torch.zeros_like(loss)) + factor[name] * loss / len(
                    branches
                )
        presence = F.binary_cross_entropy_with_logits(detected.presence[layer], present)
        total["presence"] = total.get("presence", torch.zeros_like(presence)) + 2.0 * presence
    return {name: loss / len(detected.logits) for name, loss in total.items()}
