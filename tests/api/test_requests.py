"""Every field of the contract does what the hosted API's page says."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from sam3_playground.core.candidates import SCORE_FLOOR
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.rle import rle_to_mask
from tests.api.conftest import PICTURE, Api, StartApi, base64_image, png
from tests.fakes import FakeSegmenter

RED = {"type": "text", "text": "red"}
BLUE = {"type": "text", "text": "blue"}
CLICK = {"points": [{"x": 60, "y": 95, "positive": True}]}
BOX = {"box": {"x": 60, "y": 95, "width": 20, "height": 10}}


def asked(api: Api) -> Any:
    """What the segmenter was asked last."""
    return api.segmenter.calls[-1]


def test_words_find_every_instance_of_each_concept(api: Api) -> None:
    answer = api.concept(RED, BLUE).json()
    first, second = answer["prompt_results"]
    assert [len(first["predictions"]), len(second["predictions"])] == [2, 1]
    assert first["echo"] == {"prompt_index": 0, "type": "text", "text": "red", "num_boxes": 0}
    assert second["prompt_index"] == 1
    assert answer["time"] >= 0


def test_polygons_lie_around_the_object(api: Api) -> None:
    found = api.concept(BLUE, format="polygon").json()["prompt_results"][0]["predictions"][0]
    corners = np.array(found["masks"][0])
    assert found["format"] == "polygon"
    assert found["confidence"] == pytest.approx(0.9)
    assert np.abs(corners.mean(axis=0) - (60, 95)).max() < 3


def test_rle_is_the_object_in_image_pixels(api: Api) -> None:
    found = api.concept(BLUE, format="rle").json()["prompt_results"][0]["predictions"][0]
    mask = rle_to_mask(found["masks"])
    assert mask.image_size == PICTURE.size
    assert mask.area == pytest.approx(np.pi * 15**2, rel=0.1)


@pytest.mark.parametrize(
    ("boxes", "labels", "exemplars"),
    [
        # top left corner and size
        (
            [{"x": 50, "y": 85, "width": 20, "height": 18}],
            [1],
            [Exemplar((50, 85, 70, 103))],
        ),
        # two corners
        ([{"x0": 50, "y0": 85, "x1": 70, "y1": 103}], [True], [Exemplar((50, 85, 70, 103))]),
        # both forms, labels as number and as boolean
        (
            [
                {"x": 50, "y": 85, "width": 20, "height": 18},
                {"x0": 20, "y0": 20, "x1": 60, "y1": 60},
            ],
            [1, False],
            [Exemplar((50, 85, 70, 103)), Exemplar((20, 20, 60, 60), positive=False)],
        ),
    ],
)
def test_boxes_are_exemplars(
    api: Api, boxes: list[Any], labels: list[Any], exemplars: list[Exemplar]
) -> None:
    answer = api.concept({"type": "visual", "boxes": boxes, "box_labels": labels})
    assert answer.status_code == 200
    assert asked(api) == [ConceptPrompt(None, tuple(exemplars))]
    assert len(answer.json()["prompt_results"][0]["predictions"]) == 1


@pytest.mark.parametrize("text", ["red, blue", "red，blue", "red; blue", "red\nblue"])
def test_a_text_is_one_concept_whatever_stands_in_it(api: Api, text: str) -> None:
    answer = api.concept({"type": "text", "text": text}).json()
    assert [result["echo"]["text"] for result in answer["prompt_results"]] == [text]
    assert asked(api) == [ConceptPrompt(text)]


def test_text_and_boxes_combine(api: Api) -> None:
    box = {"x": 50, "y": 85, "width": 20, "height": 18}
    answer = api.concept({"type": "visual", "text": "blue", "boxes": [box], "box_labels": [0]})
    assert asked(api) == [ConceptPrompt("blue", (Exemplar((50, 85, 70, 103), positive=False),))]
    assert answer.json()["prompt_results"][0]["echo"]["num_boxes"] == 1


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, [2, 2]),  # the default of 0.5
        ({"output_prob_thresh": 0.85}, [1, 2]),  # a prompt's own wins
        ({"output_prob_thresh": None}, [2, 2]),
        ({"output_prob_thresh": 0.0}, [2, 2]),
        ({"output_prob_thresh": 1.0}, [0, 2]),
    ],
)
def test_thresholds_of_request_and_prompt(
    api: Api, fields: dict[str, Any], counts: list[int]
) -> None:
    answer = api.concept(RED, RED | {"output_prob_thresh": 0.5}, **fields).json()
    assert [len(result["predictions"]) for result in answer["prompt_results"]] == counts


def test_a_threshold_of_zero_means_zero(start_api: StartApi) -> None:
    floors = []

    class Asked(FakeSegmenter):
        def segment_concepts(self, image: Any, prompts: Any, **options: Any) -> Any:
            floors.append(options["score_floor"])
            return super().segment_concepts(image, prompts)

    api = start_api(segmenter=Asked())
    api.concept(RED, output_prob_thresh=0.0)
    api.concept(RED, RED | {"output_prob_thresh": 0}, output_prob_thresh=0.7)
    api.concept(RED)
    assert floors == [0.0, 0.0, SCORE_FLOOR]


def test_nms_suppresses_across_prompts(api: Api) -> None:
    def counts(**fields: Any) -> list[int]:
        results = api.concept(RED, RED, **fields).json()["prompt_results"]
        return [len(result["predictions"]) for result in results]

    assert sum(counts()) == 4
    assert sum(counts(nms_iou_threshold=0.5)) == 2


def test_a_click_cuts_out_its_object(api: Api) -> None:
    answer = api.visual({"prompts": [CLICK]}, format="rle").json()
    assert asked(api) == VisualPrompt((Click(60, 95),))
    mask = rle_to_mask(answer["predictions"][0]["masks"])
    assert mask.area == pytest.approx(np.pi * 15**2, rel=0.1)
    assert answer["prompt_results"] == [{"prompt_index": 0, "predictions": answer["predictions"]}]


def test_the_best_candidate_is_answered(api: Api) -> None:
    for multimask in (True, False):
        answer = api.visual([CLICK], multimask_output=multimask).json()
        assert [found["confidence"] for found in answer["predictions"]] == [0.9]


def test_the_centre_of_a_visual_box_is_its_anchor(api: Api) -> None:
    assert api.visual([BOX]).status_code == 200
    assert asked(api) == VisualPrompt((), (50, 90, 70, 100))


@pytest.mark.parametrize(
    ("prompts", "count"),
    [
        ({"prompts": [CLICK, BOX]}, 2),
        ([CLICK, BOX], 2),
        ([CLICK], 1),
        (CLICK, 1),
        (BOX, 1),
        (CLICK | BOX, 1),
    ],
)
def test_prompts_come_in_three_shapes_and_are_answered_one_each(
    api: Api, prompts: Any, count: int
) -> None:
    answer = api.visual(prompts)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["predictions"]) == count
    assert [result["prompt_index"] for result in answer.json()["prompt_results"]] == [*range(count)]


def test_several_visual_prompts_are_answered_in_order(api: Api) -> None:
    red = {"points": [{"x": 40, "y": 40, "positive": True}]}
    both = api.visual([red, CLICK], format="rle").json()["predictions"]
    alone = [api.visual(prompt, format="rle").json()["predictions"][0] for prompt in (red, CLICK)]
    assert both == alone
    assert both[0]["masks"] != both[1]["masks"]


@pytest.mark.parametrize(("name", "form"), [("json", "polygon"), ("polygon", "polygon")])
def test_visual_formats(api: Api, name: str, form: str) -> None:
    assert api.visual([CLICK], format=name).json()["predictions"][0]["format"] == form


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "data:image/png;base64," + text,
        lambda text: "\n".join(text[start : start + 76] for start in range(0, len(text), 76)),
        lambda text: text.rstrip("="),
    ],
    ids=["plain", "data URL", "lines", "no padding"],
)
def test_base64_comes_in_several_dresses(api: Api, change: Any) -> None:
    text = base64.b64encode(png()).decode()
    assert api.embed({"type": "base64", "value": change(text)}).status_code == 200


@pytest.mark.parametrize("model", ["sam3/sam3_final", "sam3", None])
def test_served_models_by_name(api: Api, model: str | None) -> None:
    assert api.concept(RED, model_id=model).status_code == 200


def test_another_model_is_not_found_and_the_answer_names_what_is(api: Api) -> None:
    for answer in (
        api.concept(RED, model_id="sam2/hiera_large"),
        api.visual([CLICK], model_id="sam2/hiera_large"),
        api.embed(model_id="sam2/hiera_large"),
    ):
        assert answer.status_code == 404
        assert "sam3/sam3_final" in answer.json()["detail"]


def test_fields_of_other_servers_are_ignored(api: Api) -> None:
    answer = api.concept(RED, sam3_version_id="x", source="sdk", disable_model_monitoring=True)
    assert answer.status_code == 200
    assert api.visual([CLICK], sam2_version_id="hiera_tiny").status_code == 200


def test_embedding_answers_an_id_and_the_time(api: Api) -> None:
    made = api.embed().json()
    assert made["image_id"]
    assert made["image_id"] == api.embed().json()["image_id"]
    assert made["time"] >= 0


def test_a_made_id_stands_for_its_image(api: Api) -> None:
    made = api.embed().json()["image_id"]
    answer = api.visual([CLICK], image={"type": "base64"}, image_id=made)
    assert answer.json()["predictions"] == api.visual([CLICK]).json()["predictions"]


def test_an_image_behind_a_url(start_api: StartApi) -> None:
    class Fetched:
        async def fetch(self, url: str) -> bytes:
            return png() if url == "https://images.example/discs.png" else b""

    api = start_api(fetcher=Fetched())
    image = {"type": "url", "value": "https://images.example/discs.png"}
    answer = api.concept(RED, image=image)
    assert len(answer.json()["prompt_results"][0]["predictions"]) == 2


def test_the_image_goes_to_the_segmenter_as_it_is_seen(start_api: StartApi) -> None:
    seen = []

    class Seeing(FakeSegmenter):
        def embed(self, image: Any, progress: Any = None) -> Any:
            seen.append(image)
            return super().embed(image, progress)

    start_api(segmenter=Seeing()).embed(base64_image())
    assert seen[0].key == PICTURE.key
