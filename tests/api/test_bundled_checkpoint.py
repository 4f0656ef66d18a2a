"""`python app.py` with the bundled checkpoint answers as the command line does."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sam3_playground.cli.main import main
from sam3_playground.core.nms import mask_iou
from sam3_playground.core.rle import rle_to_mask
from tests.drawn import drawn_example
from tests.servers import serving

PICTURE = Path(__file__).parents[2] / "assets/examples/rockets.jpg"
IMAGE = {"type": "base64", "value": base64.b64encode(PICTURE.read_bytes()).decode()}
WORDS = [{"type": "text", "text": word} for word in ("rocket", "dog", "cat")]


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    command = ("app.py", "--weights", "tiny", "--device", "cpu", "--port")
    with (
        serving(*command) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=60) as client,
    ):
        while client.get("/healthz").status_code == 503:
            pass
        yield client


def post(http: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    answer = http.post(f"/sam3/{path}", json=body)
    assert answer.status_code == 200, answer.text
    values: dict[str, Any] = answer.json()
    return values


def from_the_command_line(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    with pytest.raises(SystemExit):
        main(["segment", str(PICTURE), "--weights", "tiny", "--device", "cpu", "--json", *options])
    response: dict[str, Any] = json.loads(capsys.readouterr().out)
    return response


def assert_alike(by_http: list[dict[str, Any]], by_hand: list[dict[str, Any]]) -> None:
    """The same instances in the same order, at least one."""
    assert len(by_http) == len(by_hand) > 0
    for one, other in zip(by_http, by_hand, strict=True):
        # Not to the letter: sums differ in their last bits where threads share them otherwise.
        assert mask_iou(rle_to_mask(one["masks"]), rle_to_mask(other["masks"])) > 0.99
        assert one["confidence"] == pytest.approx(other["confidence"], abs=1e-4)


def test_concepts_are_those_of_the_command_line(
    http: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    wish = {"nms_mode": "within", "format": "rle"}
    by_http = post(http, "concept_segment", image=IMAGE, prompts=WORDS, **wish)
    by_hand = from_the_command_line(capsys, "--concept", "rocket, dog, cat", "--format", "rle")
    ours, theirs = (
        [
            (one["prompt_index"], each)
            for one in found["prompt_results"]
            for each in one["predictions"]
        ]
        for found in (by_http, by_hand)
    )
    assert [place for place, _ in ours] == [place for place, _ in theirs]
    assert_alike([each for _, each in ours], [each for _, each in theirs])


def test_a_box_on_an_embedded_image_gives_the_mask_of_the_command_line(
    http: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    x0, y0, x1, y1 = drawn_example("rockets").box("dog")
    box = {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2, "width": x1 - x0, "height": y1 - y0}
    image_id = post(http, "embed_image", image=IMAGE)["image_id"]
    asked = {"image_id": image_id, "prompts": [{"box": box}], "multimask_output": False}
    by_http = post(http, "visual_segment", image=IMAGE, format="rle", **asked)
    by_hand = from_the_command_line(capsys, f"--box={x0},{y0},{x1},{y1}", "--format", "rle")
    assert_alike(by_http["predictions"], by_hand["predictions"])


def test_the_metrics_count_them(http: httpx.Client) -> None:
    text = http.get("/metrics").text
    assert 'sam3_requests_total{path="/sam3/concept_segment",status="200"} 1.0' in text
    assert 'sam3_requests_total{path="/sam3/visual_segment",status="200"} 1.0' in text
