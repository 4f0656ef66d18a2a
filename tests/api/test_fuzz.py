"""Requests made from the schema itself, right and wrong ones: never a fault of the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sam3_playground.api import build_app
from sam3_playground.config import Settings
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import InvalidImageError
from sam3_playground.pipeline.service import SegmenterService
from tests.api.conftest import PICTURE, base64_image, png, running
from tests.fakes import FakeSegmenter

EXAMPLES = 60
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


class Fetched:
    """An image behind every other URL."""

    async def fetch(self, url: str) -> bytes:
        if len(url) % 2:
            raise InvalidImageError("expected a URL that can be fetched, got another")
        return png()


APP = build_app(
    SegmenterService.of(cast("Segmenter", FakeSegmenter())),
    Settings(),
    fetcher=cast("Any", Fetched()),
)
schema = schemathesis.openapi.from_dict(APP.openapi()).exclude(path="/sam3_3d/infer")  # 501
schema.config.generation.update(modes=list(GenerationMode))


def into_picture(value: Any) -> None:
    """Bring coordinates into the picture: random ones hardly ever lie there."""
    if isinstance(value, list):
        for item in value:
            into_picture(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in {"x", "y"} and isinstance(item, int | float):
                value[name] = item % PICTURE.size[0]
            into_picture(item)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(APP) as base:
        yield base


@schema.include(method="POST").parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_from_the_schema_is_a_fault_of_the_server(case: Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url, checks=CHECKS)


@schema.include(method="POST").parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_nor_is_one_with_an_image_in_it(case: Case[Any], url: str) -> None:
    body: Any = case.body
    if isinstance(body, dict):
        body["image"] = base64_image()
        body.pop("model_id", None)
        into_picture(body.get("prompts"))
    case.call_and_validate(base_url=url, checks=CHECKS)
