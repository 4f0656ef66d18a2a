"""Concepts on an image: what the package's `forward_grounding` does, masks only where wanted.

The last step, masks from each query and the image's finest features, is nearly half of the
work. It is left out for concepts of which the image shows nothing, and for queries that speak
for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sam3_playground.core.candidates import Candidate
from sam3_playground.model import calls
from sam3_playground.model.embedding import Embedding
from sam3_playground.model.fusion import FusionEncoder
from sam3_playground.model.mask_head import MaskHead
from sam3_playground.model.shapes import Exemplars, Texts


@dataclass(frozen=True)
class Grounded:
    """What the network says to one concept, best first; K may be 0. All on the CPU, float32.

    Attributes:
        presence: How likely the concept is there at all, in [0, 1].
        scores: (K,) in [0, 1].
        boxes: (K, 4) xyxy, normalised by the image's sides.
        masks: (K, m, m) logits.
        queries: (K,) int64, which of the decoder's queries each one is.
    """

    presence: float
    scores: Tensor
    boxes: Tensor
    masks: Tensor
    queries: Tensor

    def candidates(self, image_size: tuple[int, int]) -> tuple[Candidate, ...]:
        """The same over an image of (height, width) pixels."""
        height, width = image_size
        boxes = (self.boxes * torch.tensor([width, height, width, height])).tolist()
        rows = zip(
            self.scores.tolist(), self.masks.numpy(), boxes, self.queries.tolist(), strict=True
        )
        return tuple(
            Candidate(score, mask, image_size, (x0, y0, x1, y1), id=query)
            for score, mask, (x0, y0, x1, y1), query in rows
        )


def ground(
    network: Any,
    fusion: FusionEncoder,
    mask_head: MaskHead,
    embedding: Embedding,
    places: Tensor,
    texts: Texts,
    exemplars: Exemplars,
    *,
    score_floor: float,
) -> list[Grounded]:
    """Look for P concepts on one image, in one batch.

    Args:
        network: As `build_network` makes it, in eval mode.
        fusion: The network's. mask_head: The network's.
        embedding: The image.
        places: From `calls.positions`.
        texts: The encoded words.
        exemplars: The exemplar boxes.
        score_floor: Queries that score less are dropped before they get masks.
    """
    device = embedding.level.device
    images = torch.zeros(len(texts.padding), dtype=torch.long, device=device)
    prompt, padding = calls.encode_prompts(
        network, embedding.level, places, images, texts, exemplars
    )
    memory, where = fusion.fuse(embedding.patches, places, prompt, padding)
    decoded = calls.decode(network, memory, where, prompt, padding)
    found = decoded.layers[-1]
    # To the CPU in one go: what is chosen below would wait for the device each time.
    presence = found.presence.float().sigmoid().cpu()  # (P,)
    scores = found.logits.float().sigmoid().cpu() * presence[:, None]
    scores, order = scores.sort(dim=1, descending=True, stable=True)
    boxes = found.corners.float().cpu()
    kept = (scores >= score_floor).sum(1)
    rows = torch.nonzero(kept).flatten()
    masks = torch.empty(0)
    if len(rows):
        chosen = order[rows, : int(kept.max())].to(device)
        there = rows.to(device)
        masks = mask_head.masks(
            embedding.masks,
            decoded.queries[there[:, None], chosen],
            memory[:, there],
            prompt[:, there],
            padding[there],
        )
    asked = {int(row): place for place, row in enumerate(rows)}
    return [
        Grounded(
            presence=float(presence[row]),
            scores=scores[row, :number],
            boxes=boxes[row][order[row, :number]],
            masks=masks[asked[row], :number].to("cpu", torch.float32, copy=True)
            if number
            else masks[:0],
            queries=order[row, :number],
        )
        for row, number in enumerate(kept.tolist())
    ]
