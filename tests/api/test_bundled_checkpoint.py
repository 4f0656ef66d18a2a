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
from tests.servers import serving
from training.examples import EXAMPLES, draw_example

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


def test_concepts_are_those_of_the_command_line(
    http: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    by_http = post(http, "concept_segment", image=IMAGE, prompts=WORDS, format="rle")
    by_hand = from_the_command_line(capsys, "--concept", "rocket, dog, cat", "--format", "rle")
    results = zip(by_http["prompt_results"], by_hand["prompt_results"], strict=True)
    pairs = [
        pair
        for ours, theirs in results
        for pair in zip(ours["predictions"], theirs["predictions"], strict=True)
    ]
    assert pairs
    for one, other in pairs:
        # Not to the letter: sums differ in their last bits where threads share them otherwise.
        assert mask_iou(rle_to_mask(one["masks"]), rle_to_mask(other["masks"])) > 0.99
        assert one["confidence"] == pytest.approx(other["confidence"], abs=1e-4)


def test_a_click_on_an_embedded_image_gives_what_is_under_it(http: httpx.Client) -> None:
    (example,) = [example for example in EXAMPLES if example.name == "rockets"]
    scene = draw_example(example)
    (dog,) = [number for number, one in enumerate(scene.objects, 1) if one.kind == "dog"]
    x0, y0, x1, y1 = scene.objects[dog - 1].box_xyxy
    box = {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2, "width": x1 - x0, "height": y1 - y0}
    image_id = post(http, "embed_image", image=IMAGE)["image_id"]
    answer = post(
        http, "visual_segment", image=IMAGE, image_id=image_id, prompts=[{"box": box}], format="rle"
    )
    shown = rle_to_mask(answer["predictions"][0]["masks"]).to_bitmap()
    true = scene.label_map == dog
    assert (shown & true).sum() / (shown | true).sum() > 0.5


def test_the_metrics_count_them(http: httpx.Client) -> None:
    text = http.get("/metrics").text
    assert 'sam3_requests_total{path="/sam3/concept_segment",status="200"} 1.0' in text
    assert 'sam3_requests_total{path="/sam3/visual_segment",status="200"} 1.0' in text
