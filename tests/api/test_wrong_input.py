"""What is wrong is refused with the field's name, what was expected and what came."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from sam3_playground.config import Settings
from tests.api.conftest import Api, StartApi, base64_image, png

RED: dict[str, Any] = {"type": "text", "text": "red"}
CORNER = {"x": 1, "y": 1, "width": 5, "height": 5}


def visual(*boxes: Any, labels: Any = None) -> list[dict[str, Any]]:
    return [{"type": "visual", "boxes": list(boxes), "box_labels": labels or [1] * len(boxes)}]


def refused(answer: Any, *location: str | int) -> str:
    """The message of the one error, which names that field."""
    assert answer.status_code == 422, answer.text
    detail = answer.json()["detail"]
    assert [error["loc"] for error in detail] == [["body", *location]], detail
    assert set(detail[0]) == {"loc", "msg", "type"}
    message: str = detail[0]["msg"]
    assert message.startswith("expected "), message
    assert ", got " in message, message
    return message


BOX = ("prompts", 0, "boxes", 0)


@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"prompts": []}, ("prompts",)),
        ({"prompts": [RED] * 17}, ("prompts",)),
        ({"prompts": None}, ("prompts",)),
        ({"prompts": "red"}, ("prompts",)),
        ({"prompts": [{}]}, ("prompts", 0, "text")),
        ({"prompts": [{"type": None, "boxes": []}]}, ("prompts", 0, "text")),
        ({"prompts": [RED | {"type": "sound"}]}, ("prompts", 0, "type")),
        ({"prompts": [{"type": "text"}]}, ("prompts", 0, "text")),
        ({"prompts": [RED | {"text": ""}]}, ("prompts", 0, "text")),
        ({"prompts": [RED | {"text": " \n"}]}, ("prompts", 0, "text")),
        ({"prompts": [RED | {"text": "x" * 10_000}]}, ("prompts", 0, "text")),
        ({"prompts": [RED | {"text": 7}]}, ("prompts", 0, "text")),
        ({"prompts": [RED, {"type": "visual"}]}, ("prompts", 1, "boxes")),
        ({"prompts": visual()}, ("prompts", 0, "boxes")),
        # boxes without labels, or of another number
        (
            {"prompts": [{"type": "visual", "boxes": [CORNER]}]},
            ("prompts", 0, "box_labels"),
        ),
        ({"prompts": visual(CORNER, labels=[1, 0])}, ("prompts", 0, "box_labels")),
        ({"prompts": [RED | {"box_labels": [1]}]}, ("prompts", 0, "box_labels")),
        ({"prompts": visual(CORNER, labels=[2])}, ("prompts", 0, "box_labels", 0)),
        ({"prompts": visual(CORNER, labels=["yes"])}, ("prompts", 0, "box_labels", 0)),
        # boxes outside the image of 160 x 120, or without area
        ({"prompts": visual(CORNER | {"x": 160})}, BOX),
        ({"prompts": visual(CORNER | {"y": -5})}, BOX),
        ({"prompts": visual(CORNER | {"width": 0})}, (*BOX, "width")),
        ({"prompts": visual(CORNER | {"height": -3})}, (*BOX, "height")),
        ({"prompts": visual({"x0": 5, "y0": 5, "x1": 5, "y1": 9})}, BOX),
        ({"prompts": visual({"x0": 5, "y0": 9, "x1": 8, "y1": 5})}, BOX),
        ({"prompts": visual({"x0": 5, "y0": 9, "x1": 8})}, (*BOX, "y1")),
        ({"prompts": visual([1, 2, 3, 4])}, BOX),
        # NaN and infinities, as Python's JSON writes them
        ({"prompts": visual(CORNER | {"x": float("nan")})}, (*BOX, "x")),
        ({"prompts": visual(CORNER | {"width": float("inf")})}, (*BOX, "width")),
        ({"prompts": visual(CORNER | {"x": 1e300})}, (*BOX, "x")),
        ({"prompts": visual(CORNER | {"x": 10**400})}, (*BOX, "x")),
        ({"prompts": visual(CORNER | {"x": "left"})}, (*BOX, "x")),
        ({"output_prob_thresh": float("nan")}, ("output_prob_thresh",)),
        ({"output_prob_thresh": -0.1}, ("output_prob_thresh",)),
        ({"output_prob_thresh": 1.01}, ("output_prob_thresh",)),
        (
            {"prompts": [RED | {"output_prob_thresh": 2}]},
            ("prompts", 0, "output_prob_thresh"),
        ),
        ({"nms_iou_threshold": 50}, ("nms_iou_threshold",)),
        ({"format": "bitmap"}, ("format",)),
        ({"format": "binary"}, ("format",)),
        ({"image": None}, ("image",)),
        ({"image": "https://images.example/a.png"}, ("image",)),
        ({"image": {"value": "x"}}, ("image", "type")),
        ({"image": {"type": "numpy", "value": "x"}}, ("image", "type")),
        ({"image": {"type": "base64"}}, ("image", "value")),
        ({"image": {"type": "base64", "value": ""}}, ("image", "value")),
        ({"image": {"type": "base64"}, "image_id": "unknown"}, ("image", "value")),
        ({"image_id": "x" * 1000}, ("image_id",)),
    ],
)
def test_a_wrong_concept_request(api: Api, fields: Any, location: Any) -> None:
    body = {"image": base64_image(), "prompts": [RED], **fields}
    refused(api.post("/sam3/concept_segment", body), *location)


@pytest.mark.parametrize(
    ("prompts", "location"),
    [
        (None, ("prompts",)),
        ([], ("prompts",)),
        ({"prompts": []}, ("prompts",)),
        ([{"points": [{"x": 1, "y": 1, "positive": True}]}] * 33, ("prompts",)),
        ([{}], ("prompts", 0)),
        ([{"points": []}], ("prompts", 0)),
        ([{"points": [{"x": 1}]}], ("prompts", 0, "points", 0, "y")),
        ([{"points": [{"x": 300, "y": 1, "positive": True}]}], ("prompts", 0, "points", 0)),
        ([{"box": {"x": 500, "y": 1, "width": 4, "height": 4}}], ("prompts", 0, "box")),
        (
            [{"box": {"x": 5, "y": 1, "width": 0, "height": 4}}],
            ("prompts", 0, "box", "width"),
        ),
    ],
)
def test_a_wrong_visual_request(api: Api, prompts: Any, location: Any) -> None:
    refused(api.visual(prompts), *location)


def test_an_unknown_visual_format(api: Api) -> None:
    click = {"points": [{"x": 1, "y": 1, "positive": True}]}
    assert "json or polygon or rle" in refused(api.visual(click, format="binary"), "format")


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((160, 120), 50).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("!" * 100, "as base64"),
        ("äöü", "as base64"),
        ("A", "as base64"),
        ("\x00", "as base64"),
        ("http://images.example/a.png", "as base64"),
        (base64.b64encode(b"no image at all").decode(), "expected an image"),
        (base64.b64encode(b"").decode() or "====", "got"),
        (base64_image(jpeg()[:-2000])["value"], "whole image"),
        (base64_image(png()[:-40])["value"], "whole image"),
        ("data:image/png;base64,", "expected an image"),
    ],
)
def test_base64_without_a_whole_image(api: Api, value: str, words: str) -> None:
    message = refused(api.embed({"type": "base64", "value": value}), "image", "value")
    assert words in message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nothing",
        b"\xff\xfe",
        b"[" * 100_000,
        b"9" * 10_000,
        b'{"image": ' * 50_000,
    ],
)
def test_what_is_not_json(api: Api, body: bytes) -> None:
    refused(api.post("/sam3/embed_image", body))


@pytest.mark.parametrize("body", [[], 7, "x", None, True])
def test_json_that_is_no_object(api: Api, body: Any) -> None:
    refused(api.post("/sam3/embed_image", body))


def test_a_body_that_does_not_call_itself_json(api: Api) -> None:
    body = {"image": base64_image()}
    refused(api.post("/sam3/embed_image", body, headers={"content-type": "text/plain"}))


def test_text_that_is_half_a_surrogate_pair(api: Api) -> None:
    refused(api.concept(RED | {"text": "\ud800"}), "prompts", 0, "text")


def test_the_whole_list_of_errors_comes_at_once(api: Api) -> None:
    answer = api.concept(RED | {"type": "x"}, format="y", nms_iou_threshold=3)
    assert [error["loc"][-1] for error in answer.json()["detail"]] == [
        "type",
        "format",
        "nms_iou_threshold",
    ]


def test_a_failing_request_fails_alone(api: Api) -> None:
    assert api.concept(RED, format="x").status_code == 422
    assert api.concept(RED).status_code == 200


def test_an_image_above_the_pixel_limit_is_refused_before_it_is_decoded(
    start_api: StartApi,
) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG", compress_level=9)
    assert len(bomb.getvalue()) < 100_000
    api = start_api(Settings(max_pixels=1_000_000))
    answer = api.embed(base64_image(bomb.getvalue()))
    assert answer.status_code == 413
    assert "1,000,000 pixels" in answer.json()["detail"]


def test_a_file_above_the_byte_limit_is_refused(start_api: StartApi) -> None:
    api = start_api(Settings(max_image_bytes=300))
    answer = api.embed(base64_image(png() + b"\x00" * 300))
    assert answer.status_code == 413
    assert "300 bytes" in answer.json()["detail"]
