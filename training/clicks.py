"""Simulated users who click: a first click or box, then corrections where the mask is wrong.

The scheme is that of SAM (arXiv:2304.02643, appendix A): each correction is drawn from the
error of the mask so far, positive where it is missing, negative where it is too much, and
the mask so far is fed back in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from torchvision.ops import box_iou

from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.shapes import ImageLevels
from training import forward
from training.batches import SceneTensors, inner_point, jittered, random_point
from training.losses import cxcywh_to_xyxy, mask_iou, mask_losses

ROUNDS = 3
# Shares of simulated users: who begin with a box, and who send the former mask along.
BOX_FIRST = 0.3
MASK_INPUT = 0.6
# Share of clicks that aim at the middle of what is meant; the others land anywhere on it.
AIMED = 0.5
# How much likelier an object is meant whose box another one reaches into.
CROWDED = 3.0
# What users look at is finer than masks are: so many of their pixels along one of a mask.
FINER = 3
# Objects thinner than this many mask pixels in all cannot be clicked.
MIN_PIXELS = 2.0

_ON, _OFF, _CORNER, _PADDING = 1, 0, 2, -1


def click_losses(
    network: Any,
    levels: ImageLevels,
    scenes: Sequence[SceneTensors],
    objects: int,
    config: NetworkConfig,
    rng: np.random.Generator,
    device: torch.device,
) -> dict[str, Tensor]:
    """Losses of masks, predicted IoU and presence over `ROUNDS` rounds of clicks."""
    chosen = [
        (image, index)
        for image, scene in enumerate(scenes)
        for index in _shared_out(scene.boxes, objects, rng)
        if scene.coverage[index].sum() >= MIN_PIXELS
    ]
    if not chosen:
        return {}
    features = forward.click_features(network, levels)
    image_ids = torch.tensor([image for image, _ in chosen], device=device)
    truth = torch.stack([scenes[image].coverage[index] for image, index in chosen])
    targets = truth.to(device)
    solid = as_seen(truth)
    users = [
        _first_prompt(scenes[image].boxes[index], mask, config, rng)
        for (image, index), mask in zip(chosen, solid, strict=True)
    ]
    rows = torch.arange(len(users))
    mask_input: Tensor | None = None
    losses: dict[str, Tensor] = {}
    for turn in range(ROUNDS):
        points, labels = _padded(users, device)
        masks, iou, present = forward.click(
            network, features, image_ids, points, labels, mask_input
        )
        part, best = _round_losses(masks, iou, present, targets)
        # What says enough gets the one mask, as users do.
        best[torch.tensor([len(user) > 1 for user in users])] = 0
        for name, loss in part.items():
            losses[name] = losses.get(name, torch.zeros_like(loss)) + loss / ROUNDS
        if turn == ROUNDS - 1:
            break
        shown = masks.detach()[rows, best]
        seen = (enlarged(shown) > 0).cpu().numpy()
        for user, mask, true in zip(users, seen, solid, strict=True):
            user.extend(_correction(mask, true, config, rng))
        mask_input = shown[:, None].clamp(-32.0, 32.0) if rng.random() < MASK_INPUT else None
    return losses


def enlarged(masks: Tensor) -> Tensor:
    """(N, h, w) coverage or logits at the size at which users see them, `FINER` times as large."""
    return F.interpolate(masks[:, None], scale_factor=FINER, mode="bilinear")[:, 0]


def as_seen(coverage: Tensor) -> NDArray[np.bool_]:
    """Objects of (N, h, w) coverage as users see them, (N, H, W); none of them is empty.

    The smallest ones fill half of no pixel, and are seen where they fill most.
    """
    shown = enlarged(coverage)
    return (shown > shown.amax((1, 2), keepdim=True) / 2).numpy()


def _round_losses(
    masks: Tensor, iou: Tensor, present: Tensor, targets: Tensor
) -> tuple[dict[str, Tensor], Tensor]:
    """The losses of one round, and for each prompt the best rated of masks 1 to 3."""
    count = len(targets)
    flat_targets = targets.repeat_interleave(4, dim=0)
    each = mask_losses(masks.flatten(0, 1), flat_targets).view(count, 4)
    # The single mask is always right to learn; of three candidates the best one, and a
    # little of the others, lest they die.
    candidates = each[:, 1:]
    mask_loss = each[:, 0] + 0.8 * candidates.amin(1) + 0.2 * candidates.mean(1)
    true_iou = mask_iou(masks.flatten(0, 1), flat_targets).view(count, 4)
    return {
        "click_mask": mask_loss.mean(),
        "click_iou": (iou - true_iou).abs().mean(),
        "click_present": F.softplus(-present).mean() * 0.1,
    }, 1 + iou[:, 1:].detach().argmax(1)


def _shared_out(boxes: Tensor, users: int, rng: np.random.Generator) -> list[int]:
    """Which of the objects with (T, 4) cxcywh `boxes` each user means.

    All different, or all of them in turn; those that reach into another's box come first more
    often, for there masks leak.
    """
    if not len(boxes):
        return []
    corners = cxcywh_to_xyxy(boxes)
    crowded = (box_iou(corners, corners) > 0).sum(1).numpy() > 1
    weights = np.where(crowded, CROWDED, 1.0)
    order = rng.choice(len(boxes), len(boxes), replace=False, p=weights / weights.sum())
    return [int(index) for index in np.resize(order, users)]


def _first_prompt(
    box: Tensor, mask: NDArray[np.bool_], config: NetworkConfig, rng: np.random.Generator
) -> list[tuple[float, float, int]]:
    side = config.image_size
    if rng.random() < BOX_FIRST:
        x, y, width, height = (jittered(box, rng) * side).tolist()
        return [
            (x - width / 2, y - height / 2, _CORNER),
            (x + width / 2, y + height / 2, _CORNER + 1),
        ]
    return [(*_clicked(mask, config, rng), _ON)]


def _correction(
    mask: NDArray[np.bool_],
    true: NDArray[np.bool_],
    config: NetworkConfig,
    rng: np.random.Generator,
) -> list[tuple[float, float, int]]:
    missing, extra = true & ~mask, mask & ~true
    errors = int(missing.sum()), int(extra.sum())
    if not any(errors):  # a careful user confirms: once on the object, or once beside it
        on = bool(true.all() or rng.random() < 0.5)
        meant = true if on else ~true
    else:
        on = rng.random() < errors[0] / sum(errors)
        meant = missing if on else extra
    return [(*_clicked(meant, config, rng), _ON if on else _OFF)]


def _clicked(
    meant: NDArray[np.bool_], config: NetworkConfig, rng: np.random.Generator
) -> tuple[float, float]:
    """Where a user clicks on a non-empty (h, w) mask, in pixels of the network's input."""
    aimed = rng.random() < AIMED
    point = (None if aimed else random_point(meant, rng)) or inner_point(meant)
    x, y = np.add(point, rng.uniform(-0.5, 0.5, 2)) * config.image_size / meant.shape[0]
    return float(x), float(y)


def _padded(
    users: Sequence[Sequence[tuple[float, float, int]]], device: torch.device
) -> tuple[Tensor, Tensor]:
    """(N, K, 2) points and (N, K) labels; shorter prompts end in padding points."""
    longest = max(len(user) for user in users)
    filler = (0.0, 0.0, _PADDING)
    rows = [[*user, *([filler] * (longest - len(user)))] for user in users]
    table = torch.tensor(rows, device=device)
    return table[..., :2], table[..., 2].int()
