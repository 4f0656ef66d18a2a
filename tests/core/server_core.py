"""The reference server's last step, done by this project, on cases in the vectors' form."""

from __future__ import annotations

from typing import Any

import numpy as np

from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.polygons import mask_to_polygons
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.rle import mask_to_rle, rle_to_mask
from tests.selecting import across, select_concepts


def answer(case: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The kept instances of each prompt, in the form of the case's `expected`."""
    height, width = case["image_size_hw"]
    segmentation = select_concepts(
        [_candidates(prompt, (height, width)) for prompt in case["prompts"]],
        (height, width),
        score_threshold=case["output_prob_thresh"],
        nms=across(case["nms_iou_threshold"]),
    )
    return [
        [
            {
                "confidence": instance.score,
                "polygons": [polygon.tolist() for polygon in mask_to_polygons(instance.mask)],
                "rle": dict(mask_to_rle(instance.mask)),
            }
            for instance in result.instances
        ]
        for result in segmentation.prompt_results
    ]


def _candidates(prompt: dict[str, Any], image_size: tuple[int, int]) -> ConceptCandidates:
    """A case holds masks; logits of the image's own size give back the same ones."""
    bitmaps = [rle_to_mask(rle).to_bitmap() for rle in prompt["masks_rle"]]
    return ConceptCandidates(
        ConceptPrompt("any", score_threshold=prompt["output_prob_thresh"]),
        presence_score=1.0,
        candidates=tuple(
            Candidate(score, np.where(bitmap, 1, -1).astype(np.float32), image_size)
            for score, bitmap in zip(prompt["scores"], bitmaps, strict=True)
        ),
    )
