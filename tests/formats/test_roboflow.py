"""Results in the API's form."""

from __future__ import annotations

import json

import numpy as np

from sam3_playground.core.masks import Mask
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.results import Instance, PromptResult, Result
from sam3_playground.formats.masks import mask_way
from sam3_playground.formats.roboflow import concept_response, visual_response

MASK = Mask((10, 12), (2, 3), np.ones((4, 5), dtype=bool))


def test_concepts_come_back_with_their_echo_and_their_polygons() -> None:
    prompts = [ConceptPrompt("dog"), ConceptPrompt(None, (Exemplar((0, 0, 2, 2)),))]
    segmentation = Result(
        (10, 12),
        (
            PromptResult(prompts[0], (Instance("dog", 0.75, MASK),)),
            PromptResult(prompts[1], ()),
        ),
    )
    response = concept_response(segmentation, way=mask_way("polygon"), seconds=0.5)
    assert json.loads(json.dumps(response)) == {
        "prompt_results": [
            {
                "prompt_index": 0,
                "echo": {"prompt_index": 0, "type": "text", "text": "dog", "num_boxes": 0},
                "predictions": [
                    {
                        "format": "polygon",
                        "confidence": 0.75,
                        "masks": [[[3, 2], [3, 5], [7, 5], [7, 2]]],
                    }
                ],
            },
            {
                "prompt_index": 1,
                "echo": {"prompt_index": 1, "type": "visual", "text": None, "num_boxes": 1},
                "predictions": [],
            },
        ],
        "time": 0.5,
    }


def test_a_visual_answer_is_both_flat_and_by_prompt() -> None:
    prompt = VisualPrompt((Click(1, 1),))
    segmentation = Result((10, 12), (PromptResult(prompt, (Instance("o", 0.5, MASK),)),))
    response = visual_response(segmentation, way=mask_way("rle"), seconds=0.1)
    assert response["predictions"] == response["prompt_results"][0]["predictions"]
    assert response["predictions"][0]["masks"]["size"] == [10, 12]
