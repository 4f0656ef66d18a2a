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
from sam3_playground.model.fusion import FusionEncoder, one_level
from sam3_playground.model.mask_head import MaskHead


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
    backbone_out: dict[str, Any],
    texts: dict[str, Tensor],
    exemplars: Any,
    *,
    score_floor: float,
) -> list[Grounded]:
    """Look for P concepts on one image, in one batch.

    Args:
        network: As `build_network` makes it, in eval mode.
        fusion: The network's. mask_head: The network's.
        backbone_out: The image's features, as an `Embedding` holds them.
        texts: The encoded words: "language_features" (L, P, C) and "language_mask" (P, L).
        exemplars: The exemplar boxes as the package's `Prompt`.
        score_floor: Queries that score less are dropped before they get masks.
    """
    from sam3.model.data_misc import FindStage

    count, device = len(texts["language_mask"]), texts["language_mask"].device
    find_input = FindStage(
        img_ids=torch.zeros(count, dtype=torch.long, device=device),
        text_ids=torch.arange(count, device=device),
        input_boxes=None,
        input_boxes_mask=None,
        input_boxes_label=None,
        input_points=None,
        input_points_mask=None,
    )
    prompt, padding, _ = network._encode_prompt({**backbone_out, **texts}, find_input, exemplars)
    positions = backbone_out["vision_pos_enc"][-1]
    memory, places = fusion.fuse(backbone_out["fusion_features"], positions, prompt, padding)
    out, queries = network._run_decoder(
        memory=memory,
        pos_embed=places,
        src_mask=None,
        out={},
        prompt=prompt,
        prompt_mask=padding,
        encoder_out=one_level(positions, count),
    )
    # To the CPU in one go: what is chosen below would wait for the device each time.
    presence = out["presence_logit_dec"].float().sigmoid().flatten().cpu()  # (P,)
    scores = out["pred_logits"].float().sigmoid().squeeze(-1).cpu() * presence[:, None]
    scores, order = scores.sort(dim=1, descending=True, stable=True)
    boxes = out["pred_boxes_xyxy"].float().cpu()
    kept = (scores >= score_floor).sum(1)
    rows = torch.nonzero(kept).flatten()
    masks = torch.empty(0)
    if len(rows):
        chosen = order[rows, : int(kept.max())].to(device)
        there = rows.to(device)
        masks = mask_head.masks(
            backbone_out["mask_features"],
            queries[-1][there[:, None], chosen],
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
