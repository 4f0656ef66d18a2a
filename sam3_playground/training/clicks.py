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
from numpy.typing import NDArray
from torch import Tensor

from sam3_playground.model.config import NetworkConfig
from sam3_playground.training import forward
from sam3_playground.training.batches import SceneTensors, jittered, random_point
from sam3_playground.training.losses import mask_iou, mask_losses

ROUNDS = 3
# Shares of simulated users: who begin with a box, and who send the former mask along.
BOX_FIRST = 0.4
MASK_INPUT = 0.6
# Objects thinner than this many mask pixels in all cannot be clicked.
MIN_PIXELS = 2.0

_ON, _OFF, _CORNER, _PADDING = 1, 0, 2, -1


def click_losses(
    network: Any,
    backbone_out: dict[str, Any],
    scenes: Sequence[SceneTensors],
    objects: int,
    config: NetworkConfig,
    rng: np.random.Generator,
    device: torch.device,
) -> dict[str, Tensor]:
    """Losses of masks, predicted IoU and presence over `ROUNDS` rounds of clicks."""
    chosen = [
        (image, int(index))
        for image, scene in enumerate(scenes)
        for index in rng.permutation(len(scene.kinds))[:objects]
        if scene.coverage[index].sum() >= MIN_PIXELS
    ]
    if not chosen:
        return {}
    features = forward.click_features(network, backbone_out)
    image_ids = torch.tensor([image for image, _ in chosen], device=device)
    truth = torch.stack([scenes[image].coverage[index] for image, index in chosen])
    targets = truth.to(device)
    solid = truth.numpy() > 0.5
    solid |= truth.numpy() >= truth.amax((1, 2), keepdim=True).numpy()
    users = [
        _first_prompt(scenes[image].boxes[index], mask, config, rng)
        for (image, index), mask in zip(chosen, solid, strict=True)
    ]
    mask_input: Tensor | None = None
    losses: dict[str, Tensor] = {}
    for turn in range(ROUNDS):
        points, labels = _padded(users, device)
        masks, iou, present = forward.click(
            network, features, image_ids, points, labels, mask_input
        )
        part, best = _round_losses(masks, iou, present, targets)
        for name, loss in part.items():
            losses[name] = losses.get(name, torch.zeros_like(loss)) + loss / ROUNDS
        if turn == ROUNDS - 1:
            break
        shown = masks.detach()[torch.arange(len(best)), best]
        for user, mask, true in zip(users, (shown > 0).cpu().numpy(), solid, strict=True):
            user.extend(_correction(mask, true, config, rng))
        mask_input = shown[:, None].clamp(-32.0, 32.0) if rng.random() < MASK_INPUT else None
    return losses


def _round_losses(
    masks: Tensor, iou: Tensor, present: Tensor, targets: Tensor
) -> tuple[dict[str, Tensor], Tensor]:
    """The losses of one round, and for each prompt the mask (1..3) that a user would see."""
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
        "click_present": torch.nn.functional.softplus(-present).mean() * 0.1,
    }, 1 + iou[:, 1:].detach().argmax(1)


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
    scale = side / mask.shape[0]
    point = random_point(mask, rng)
    x, y = point if point is not None else (mask.shape[1] / 2, mask.shape[0] / 2)
    return [(x * scale, y * scale, _ON)]


def _correction(
    mask: NDArray[np.bool_],
    true: NDArray[np.bool_],
    config: NetworkConfig,
    rng: np.random.Generator,
) -> list[tuple[float, float, int]]:
    missing, extra = true & ~mask, mask & ~true
    errors = int(missing.sum()), int(extra.sum())
    scale = config.image_size / mask.shape[0]
    if not any(errors):  # a careful user confirms: once on the object, or once beside it
        on = rng.random() < 0.5
        point = random_point(true if on else ~true, rng)
        label = _ON if on else _OFF
    elif rng.random() < errors[0] / sum(errors):
        point, label = random_point(missing, rng), _ON
    else:
        point, label = random_point(extra, rng), _OFF
    return [(point[0] * scale, point[1] * scale, label)] if point is not None else []


def _padded(
    users: Sequence[Sequence[tuple[float, float, int]]], device: torch.device
) -> tuple[Tensor, Tensor]:
    """(N, K, 2) points and (N, K) labels; shorter prompts end in padding points."""
    longest = max(len(user) for user in users)
    filler = (0.0, 0.0, _PADDING)
    rows = [[*user, *([filler] * (longest - len(user)))] for user in users]
    table = torch.tensor(rows, device=device)
    return table[..., :2], table[..., 2].int()
