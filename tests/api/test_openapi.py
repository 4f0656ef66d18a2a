"""The schema that is served says what the hosted API's page says, for all that the page names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from sam3_playground.api import build_app
from sam3_playground.config import Settings
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.pipeline.service import SegmenterService
from tests.fakes import FakeSegmenter

PAGE = json.loads((Path(__file__).parent / "page/openapi.json").read_text(encoding="utf-8"))
SERVED = build_app(SegmenterService.of(cast("Segmenter", FakeSegmenter())), Settings()).openapi()


# The page's schema has no place for RLE, nor for the text of boxes alone; its server sends
# both. Ours says so, after what the page says.
SAYS_MORE = {"masks", "text"}


# The page's server always sends the one, and does without the other, whatever its page says.
OTHERWISE = {"Sam2SegmentationResponse": {"predictions"}, "Sam3Prompt": {"type"}}


def first_form(served: dict[str, Any]) -> dict[str, Any]:
    """Of several forms of a field the first."""
    if "anyOf" not in served:
        return served
    rest = {key: value for key, value in served.items() if key != "anyOf"}
    form: dict[str, Any] = served["anyOf"][0]
    return form | rest


def missing(page: Any, served: Any, where: str = "") -> list[str]:
    """What the page says and the served schema does not; the served one may say more."""
    if isinstance(page, dict) and isinstance(served, dict):
        return [
            line
            for key, value in page.items()
            for line in (
                missing(value, served[key], f"{where}/{key}")
                if key in served
                else [f"{where}/{key} is missing"]
            )
        ]
    return [] if page == served else [f"{where}: expected {page!r}, got {served!r}"]


FIELDS = [
    (name, field)
    for name, schema in PAGE["components"]["schemas"].items()
    for field in schema["properties"]
]


@pytest.mark.parametrize(("schema", "field"), FIELDS)
def test_each_field_is_described_as_on_the_page(schema: str, field: str) -> None:
    page = PAGE["components"]["schemas"][schema]["properties"][field]
    served = SERVED["components"]["schemas"][schema]["properties"][field]
    if field in SAYS_MORE:
        served = first_form(served)
    assert missing(page, served) == []


@pytest.mark.parametrize("schema", sorted(PAGE["components"]["schemas"]))
def test_each_schema_requires_what_the_page_requires(schema: str) -> None:
    page, served = (it["components"]["schemas"][schema] for it in (PAGE, SERVED))
    assert served["type"] == page["type"]
    assert served["title"] == page["title"]
    assert set(served.get("required", [])) == set(page.get("required", [])) ^ OTHERWISE.get(
        schema, set()
    )


@pytest.mark.parametrize("path", sorted(PAGE["paths"]))
def test_each_operation_is_the_pages(path: str) -> None:
    page, served = PAGE["paths"][path]["post"], SERVED["paths"][path]["post"]
    for key in ("summary", "operationId"):
        assert served[key] == page[key]
    assert missing(page["requestBody"]["content"], served["requestBody"]["content"]) == []
    assert served["requestBody"]["required"]
    assert missing(page["responses"], served["responses"]) == []
    key = page["parameters"][0]
    ours = next(it for it in served["parameters"] if it["name"] == key["name"])
    assert (ours["in"], ours["schema"]["title"]) == (key["in"], key["schema"]["title"])


def test_the_comparison_can_fail() -> None:
    assert missing({"a": 1}, {"a": 2}) == ["/a: expected 1, got 2"]
    assert missing({"a": {"b": 1}}, {"a": {}}) == ["/a/b is missing"]
    assert missing({"a": 1}, {"a": 1, "b": 2}) == []


def test_every_endpoint_with_a_body_has_an_example() -> None:
    for path, item in SERVED["paths"].items():
        if "requestBody" in item.get("post", {}):
            content = item["post"]["requestBody"]["content"]["application/json"]
            assert content["examples"], path


REQUESTS = ("Sam3SegmentationRequest", "Sam2SegmentationRequest")


EXTENSIONS = [
    *((schema, field) for schema in REQUESTS for field in ("fill_holes", "min_area", "simplify")),
    ("Sam3SegmentationRequest", "nms_mode"),
]


@pytest.mark.parametrize(("schema", "field"), EXTENSIONS)
def test_extensions_say_that_they_are_none_of_the_published_contract(
    schema: str, field: str
) -> None:
    assert field not in PAGE["components"]["schemas"][schema]["properties"]
    served = SERVED["components"]["schemas"][schema]
    assert served["properties"][field]["description"].startswith("Extension of this server: ")
    assert field not in served.get("required", [])


@pytest.mark.parametrize("schema", REQUESTS)
def test_each_format_says_what_becomes_of_holes(schema: str) -> None:
    field = SERVED["components"]["schemas"][schema]["properties"]["format"]
    assert {entry["const"] for entry in field["oneOf"]} >= {"polygon", "rle"}
    assert all("hole" in entry["description"] for entry in field["oneOf"])


def test_the_texts_say_whose_ids_stand_for_images_without_keys() -> None:
    schemas = SERVED["components"]["schemas"]
    for schema in ("Sam3EmbeddingRequest", "Sam3EmbeddingResponse"):
        text = schemas[schema]["properties"]["image_id"]["description"]
        assert "made" in text
        assert "from the pixels" in text
    for path in ("/sam3/concept_segment", "/sam3/visual_segment", "/sam3/embed_image"):
        text = SERVED["paths"][path]["post"]["description"]
        assert "`image_id`" in text
        assert "without" in text.lower()


@pytest.mark.parametrize("field", ["save_logits_to_cache", "load_logits_from_cache"])
def test_logits_say_that_they_need_a_key(field: str) -> None:
    served = SERVED["components"]["schemas"]["Sam2SegmentationRequest"]["properties"][field]
    asked = next(entry for entry in served["oneOf"] if entry["const"] is True)
    assert "same API key" in asked["description"]
    assert "server without keys" in asked["description"]


def test_the_text_says_how_words_are_read() -> None:
    text = SERVED["paths"]["/sam3/concept_segment"]["post"]["description"]
    assert "the echo has it as it was sent" in text


@pytest.mark.parametrize("path", ["/sam3/concept_segment", "/sam3/visual_segment"])
def test_the_texts_say_that_negatives_alone_are_refused(path: str) -> None:
    assert "alone they are refused" in SERVED["paths"][path]["post"]["description"]


def test_answers_say_that_polygons_lose_holes() -> None:
    for schema in ("Sam3SegmentationPrediction", "Sam2SegmentationPrediction"):
        masks = SERVED["components"]["schemas"][schema]["properties"]["masks"]
        assert "without its holes" in masks["anyOf"][0]["description"]
