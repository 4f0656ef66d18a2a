"""Which masks a request lets compete: none by default, and across concepts by the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sam3_playground.api.schemas import Sam3SegmentationRequest
from sam3_playground.api.translation import nms_of
from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.nms import DEFAULT_IOU_THRESHOLD, NO_NMS, Nms
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import ConceptAnswer, Timings
from tests.api.conftest import StartApi, base64_image
from tests.fakes import FakeSegmenter

RED = {"text": "red"}
OTHER = {"text": "blue"}


@pytest.mark.parametrize(
    ("fields", "nms"),
    [
        ({}, NO_NMS),
        ({"nms_iou_threshold": None, "nms_mode": None}, NO_NMS),
        ({"nms_iou_threshold": 0.3}, Nms("across", 0.3)),
        ({"nms_iou_threshold": 0}, Nms("across", 0.0)),
        ({"nms_mode": "across"}, Nms("across", DEFAULT_IOU_THRESHOLD)),
        ({"nms_mode": "within"}, Nms("within", DEFAULT_IOU_THRESHOLD)),
        ({"nms_mode": "within", "nms_iou_threshold": 0.0}, Nms("within", 0.0)),
        ({"nms_mode": "across", "nms_iou_threshold": 1}, Nms("across", 1.0)),
        ({"nms_mode": "off"}, NO_NMS),
        ({"nms_mode": "off", "nms_iou_threshold": 0.3}, NO_NMS),
    ],
)
def test_what_the_fields_mean(fields: dict[str, Any], nms: Nms) -> None:
    body = {"image": base64_image(), "prompts": [RED], **fields}
    assert nms_of(Sam3SegmentationRequest.model_validate(body)) == nms


class Pairs(FakeSegmenter):
    """Finds the same two stripes for each concept; they share half of what they cover."""

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **_: Any
    ) -> ConceptAnswer:
        found = []
        for place, prompt in enumerate(prompts):
            candidates = []
            for number, start in enumerate((0, 12)):
                logits = np.full((72, 72), -5, np.float32)
                logits[:, start : start + 36] = 5
                score = 0.9 - 0.2 * number - 0.1 * place
                candidates.append(Candidate(score, logits, image.size, id=number))
            found.append(ConceptCandidates(prompt, 1.0, tuple(candidates)))
        return ConceptAnswer(tuple(found), Timings(0.01, 0.02, encoded=True))


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, [2, 2]),
        ({"nms_mode": "off", "nms_iou_threshold": 0.1}, [2, 2]),
        ({"nms_mode": "within"}, [2, 2]),  # they overlap by less than 0.7
        ({"nms_mode": "within", "nms_iou_threshold": 0.3}, [1, 1]),
        ({"nms_mode": "across"}, [2, 0]),  # each gives way to its like
        ({"nms_iou_threshold": 0.7}, [2, 0]),
        ({"nms_iou_threshold": 0.3}, [1, 0]),
        ({"nms_mode": "across", "nms_iou_threshold": 0.3}, [1, 0]),
    ],
)
def test_what_is_left_of_overlapping_masks(
    start_api: StartApi, fields: dict[str, Any], counts: list[int]
) -> None:
    answer = start_api(segmenter=Pairs()).concept(RED, OTHER, **fields)
    assert answer.status_code == 200, answer.text
    assert [len(result["predictions"]) for result in answer.json()["prompt_results"]] == counts


def test_another_mode_is_refused(start_api: StartApi) -> None:
    answer = start_api().concept(RED, nms_mode="around")
    assert answer.status_code == 422
    (error,) = answer.json()["detail"]
    assert error["loc"] == ["body", "nms_mode"]
    assert error["msg"] == "expected 'off', 'within' or 'across', got 'around'"
