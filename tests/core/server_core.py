"""The reference server's last step, done by this project, on cases in the vectors' form."""

from __future__ import annotations

from typing import Any

from sam3_playground.core.polygons import mask_to_polygons
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Candidate, ConceptCandidates
from sam3_playground.core.rle import mask_to_rle, rle_to_mask
from sam3_playground.core.selection import select_concepts


def answer(case: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The kept instances of each prompt, in the form of the case's `expected`."""
    height, width = case["image_size_hw"]
    concepts = []
    for prompt in case["prompts"]:
        threshold = prompt["output_prob_thresh"]
        candidates = []
        for score, rle in zip(prompt["scores"], prompt["masks_rle"], strict=True):
            candidate = Candidate(score, None, (height, width))  # type: ignore[arg-type]
            # The case holds the mask itself, not the logits that it would be made from.
            candidate.__dict__["mask"] = rle_to_mask(rle)
            candidates.append(candidate)
        concepts.append(
            ConceptCandidates(
                ConceptPrompt("any", score_threshold=threshold), 1.0, tuple(candidates)
            )
        )
    segmentation = select_concepts(
        concepts,
        (height, width),
        score_threshold=case["output_prob_thresh"],
        iou_threshold=case["nms_iou_threshold"],
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
