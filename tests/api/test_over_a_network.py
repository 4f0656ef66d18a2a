"""The API over a real network: small, and with random weights, which is enough for its form."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch

from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.model import Embedding, Runner
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.weights.resolving import WeightsInfo
from tests.api.conftest import Api, base64_image, png, starting
from tests.model.conftest import SMALL, noise_image, random_network

WORD = {"type": "text", "text": "red"}
CLICK = {"points": [{"x": 60, "y": 50, "positive": True}]}
NEXT = {"points": [*CLICK["points"], {"x": 70, "y": 60, "positive": False}]}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    info = WeightsInfo("random", bundled=False, path=tmp_path_factory.getbasetemp())
    runner = Runner(random_network(config=SMALL), SMALL, torch.device("cpu"))
    segmenter = LocalSegmenter(runner, info, cache_bytes=2**28)
    with starting() as start:
        keys = Settings(api_keys=frozenset({"a-key"}))  # without one no logits are kept
        started = start(keys, service=SegmenterService.of(segmenter))
        started.http.headers["Authorization"] = "Bearer a-key"
        yield started


def timeless(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return {key: value for key, value in answer.json().items() if key != "time"}


def test_a_threshold_of_zero_answers_every_candidate(api: Api) -> None:
    answer = api.concept(WORD, WORD | {"output_prob_thresh": 1.0}, output_prob_thresh=0.0).json()
    counts = [len(result["predictions"]) for result in answer["prompt_results"]]
    assert counts == [SMALL.queries, 0]


def test_boxes_and_text_reach_the_network(api: Api) -> None:
    box = {"x": 20, "y": 20, "width": 50, "height": 50}
    visual = {"type": "visual", "boxes": [box], "box_labels": [1]}
    options = {"output_prob_thresh": 0.0, "format": "rle"}
    answers = [
        timeless(api.concept(prompt, **options))["prompt_results"][0]["predictions"]
        for prompt in (
            WORD,
            visual,
            visual | {"text": "red"},
            visual | {"text": "red", "box_labels": [0]},
        )
    ]
    confidences = [tuple(found["confidence"] for found in answer) for answer in answers]
    assert len(set(confidences)) == 4


def test_loaded_logits_change_the_answer(api: Api) -> None:
    plain = timeless(api.visual(NEXT))
    assert timeless(api.visual(NEXT, load_logits_from_cache=True)) == plain  # none kept yet
    api.visual(CLICK, save_logits_to_cache=True)
    assert timeless(api.visual(NEXT, load_logits_from_cache=True)) != plain
    assert timeless(api.visual(NEXT)) == plain


def test_requests_at_once_are_answered_as_one_after_the_other(api: Api) -> None:
    images = [base64_image(png(noise_image(seed))) for seed in range(3)]

    def ask(number: int) -> Any:
        image = images[number % 3]
        if number % 2:
            return timeless(api.visual([CLICK, NEXT], image=image, format="rle"))
        return timeless(api.concept(WORD, image=image, output_prob_thresh=0.1, format="rle"))

    alone = [ask(number) for number in range(6)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(ask, range(24)))
    assert together == alone * 4


def test_an_embedded_image_is_not_encoded_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = 0
    encode = Runner.encode

    def counted(runner: Runner, image: RgbImage, *progress: Any) -> Embedding:
        nonlocal encoded
        encoded += 1
        return encode(runner, image, *progress)

    monkeypatch.setattr(Runner, "encode", counted)
    image = base64_image(png(noise_image(9)))
    timeless(api.embed(image))
    assert encoded == 1
    timeless(api.visual(CLICK, image=image))
    timeless(api.concept(WORD, image=image))
    assert encoded == 1
    timeless(api.visual(CLICK, image=base64_image(png(noise_image(10)))))
    assert encoded == 2
