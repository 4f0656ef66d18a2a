"""What the hosted API's server takes and answers beyond its page, and what this one does better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import ConceptAnswer, Timings
from tests.api.conftest import Api, StartApi
from tests.fakes import FakeSegmenter

RED = {"text": "red"}
BOX = {"x": 50, "y": 85, "width": 20, "height": 18}
CLICK = {"points": [{"x": 60, "y": 95, "positive": True}]}


@pytest.mark.parametrize(
    ("prompt", "echo", "count"),
    [
        (RED, ("text", "red", 0), 2),
        (RED | {"type": None}, ("text", "red", 0), 2),
        ({"boxes": [BOX], "box_labels": [1]}, ("visual", None, 1), 1),
        (RED | {"boxes": [BOX], "box_labels": [0]}, ("visual", "red", 1), 2),
        # what is there counts, whatever the hint says
        ({"type": "text", "boxes": [BOX], "box_labels": [1]}, ("visual", None, 1), 1),
        (RED | {"type": "text", "boxes": []}, ("text", "red", 0), 2),
    ],
)
def test_a_concept_is_what_is_in_it(
    api: Api, prompt: dict[str, Any], echo: tuple[str, str | None, int], count: int
) -> None:
    answer = api.concept(prompt)
    assert answer.status_code == 200, answer.text
    result = answer.json()["prompt_results"][0]
    kind, text, boxes = echo
    assert result["echo"] == {"prompt_index": 0, "type": kind, "text": text, "num_boxes": boxes}
    assert len(result["predictions"]) == count


@pytest.mark.parametrize("name", ["json", None])
def test_a_concept_in_json_is_polygons_and_says_so(api: Api, name: str | None) -> None:
    found = api.concept(RED, format=name).json()["prompt_results"]
    assert found == api.concept(RED, format="polygon").json()["prompt_results"]
    assert {one["format"] for one in found[0]["predictions"]} == {"polygon"}


@pytest.mark.parametrize("name", ["polygon", None])
def test_a_click_in_no_format_is_polygons(api: Api, name: str | None) -> None:
    found = api.visual([CLICK], format=name).json()["predictions"]
    assert found == api.visual([CLICK], format="json").json()["predictions"]


def by_each_endpoint(api: Api, **fields: Any) -> list[Any]:
    return [api.concept(RED, **fields), api.visual([CLICK], **fields), api.embed(**fields)]


@pytest.mark.parametrize(
    "model",
    ["sam3", "sam3/sam3_final", "sam3/sam3_interactive", "sam3/sam3_image_model_only", "sam3/7"],
)
def test_every_version_of_the_model_is_served(api: Api, model: str) -> None:
    for answer in by_each_endpoint(api, model_id=model):
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "model",
    [
        "",
        "sam2",
        "sam2/hiera_large",
        "sam3/",
        "sam3/a/b",
        "sam3/a b",
        "sam3/" + "x" * 1000,
        "sam3/a\n",
        "SAM3",
        "sam30",
        # another model, and fine-tuned ones
        "sam3-3d-objects",
        "sam3-cracks/2",
        "workspace/sam3",
        "cracks/3",
    ],
)
def test_models_that_are_called_alike_are_not(api: Api, model: str) -> None:
    for answer in by_each_endpoint(api, model_id=model):
        assert answer.status_code == 404
        assert answer.json()["detail"].startswith("expected a model_id of SAM 3, such as sam3")


class Unsure(FakeSegmenter):
    """Finds what it hardly believes in: as much as it is asked to answer."""

    def segment_concepts(
        self,
        image: RgbImage,
        prompts: Sequence[ConceptPrompt],
        *,
        score_floor: float = 0.5,
        **_: Any,
    ) -> ConceptAnswer:
        answer = super().segment_concepts(image, prompts)
        found = []
        for concept in answer.candidates:
            best = concept.candidates[0]
            scores = [score for score in (0.9, 0.3, 0.0) if score >= score_floor]
            candidates = [Candidate(score, best.mask_logits, image.size) for score in scores]
            found.append(ConceptCandidates(concept.prompt, 1.0, tuple(candidates)))
        return ConceptAnswer(tuple(found), Timings(0.01, 0.02, encoded=True))


@pytest.mark.parametrize(
    ("fields", "own", "counts"),
    [
        ({}, {}, [1, 1]),
        ({"output_prob_thresh": 0.0}, {}, [3, 3]),
        ({"output_prob_thresh": 0}, {"output_prob_thresh": 0.2}, [3, 2]),
        ({"output_prob_thresh": 0.2}, {"output_prob_thresh": 0.0}, [2, 3]),
        ({}, {"output_prob_thresh": 0}, [1, 3]),
    ],
)
def test_a_threshold_of_zero_is_zero_for_request_and_prompt(
    start_api: StartApi, fields: dict[str, Any], own: dict[str, Any], counts: list[int]
) -> None:
    api = start_api(segmenter=Unsure())
    results = api.concept(RED, RED | own, **fields).json()["prompt_results"]
    assert [len(result["predictions"]) for result in results] == counts
