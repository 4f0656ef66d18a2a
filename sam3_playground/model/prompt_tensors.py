"""Prompts in image pixels as the tensors that the network takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sam3_playground.core.boxes import xyxy_to_cxcywh
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.model.shapes import Exemplars

# How the click head knows a box: its two corners, as points of their own kinds.
_BOX_CORNERS = (2, 3)


def exemplar_tensors(
    prompts: Sequence[ConceptPrompt], image_size: tuple[int, int], device: torch.device
) -> Exemplars:
    """The exemplars of at least one concept, in one batch."""
    longest = max(len(prompt.exemplars) for prompt in prompts)
    height, width = image_size
    boxes = np.zeros((longest, len(prompts), 4), dtype=np.float32)
    labels = np.zeros((longest, len(prompts)), dtype=np.int64)
    padding = np.ones((len(prompts), longest), dtype=bool)
    for row, prompt in enumerate(prompts):
        for place, exemplar in enumerate(prompt.exemplars):
            box = np.array([exemplar.box_xyxy]) / (width, height, width, height)
            boxes[place, row] = xyxy_to_cxcywh(box)[0]
            labels[place, row] = int(exemplar.positive)
            padding[row, place] = False
    return Exemplars(
        torch.from_numpy(boxes).to(device),
        torch.from_numpy(labels).to(device),
        torch.from_numpy(padding).to(device),
    )


def click_tensors(
    prompt: VisualPrompt, image_size: tuple[int, int], side: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """A box's corners, then the clicks: (1, K, 2) float32 and (1, K) int32.

    Points are pixels of the network's square input of `side`; labels are 1 on the object,
    0 off it, 2 and 3 for the corners.
    """
    height, width = image_size
    points = [(click.x, click.y) for click in prompt.clicks]
    labels = [int(click.positive) for click in prompt.clicks]
    if prompt.box_xyxy is not None:
        x0, y0, x1, y1 = prompt.box_xyxy
        points = [(x0, y0), (x1, y1), *points]
        labels = [*_BOX_CORNERS, *labels]
    coords = torch.tensor([points], dtype=torch.float32, device=device)
    coords = coords / coords.new_tensor([width, height]) * side
    return coords, torch.tensor([labels], dtype=torch.int, device=device)


def mask_tensor(mask: NDArray[np.float32] | None, device: torch.device) -> Tensor | None:
    """(m, m) logits as (1, 1, m, m); None for none."""
    if mask is None:
        return None
    values = np.ascontiguousarray(mask, dtype=np.float32)
    if not values.flags.writeable:  # of which torch would warn
        values = values.copy()
    return torch.from_numpy(values).to(device)[None, None]
