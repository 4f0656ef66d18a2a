"""However a concept is typed, the same is found, and it is called as it was typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sam3_playground.cli.main import main
from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.nms import NO_NMS
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.model import Runner
from sam3_playground.model.config import TINY
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions
from tests.api.conftest import Api, base64_image, starting
from tests.asks import concept_ask
from tests.core.test_words import full_width
from tests.drawn import Drawn, drawn_example

WAYS = [
    "the {}",
    "The {}.",
    "A {}",
    "{}!",
    "{}?",
    "{}…",
    "{}。",
    '"{}"',
    "  {}\N{NO-BREAK SPACE}",
    "{}\N{ZERO WIDTH SPACE}",
]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return drawn_example("rockets")


@pytest.fixture(scope="module")
def api(bundled: LocalSegmenter) -> Iterator[Api]:
    with starting() as start:
        yield start(service=SegmenterService.of(bundled))


def scores(segmenter: LocalSegmenter, image: RgbImage, *texts: str) -> list[list[float]]:
    """Of all candidates for each text, whatever the weights make of it."""
    prompts = [ConceptPrompt(text) for text in texts]
    found = segmenter.segment_concepts(image, prompts, score_floor=0.0).candidates
    assert all(len(concept.candidates) == TINY.queries for concept in found)
    return [[one.score for one in concept.candidates] for concept in found]


def nearly(plain: list[float]) -> Any:
    """These scores: sums differ in their last bits by what else is asked along with a text."""
    return pytest.approx(plain, rel=1e-3, abs=0)  # those for what is absent are all tiny


def test_every_way_finds_what_the_word_finds(bundled: LocalSegmenter, drawn: Drawn) -> None:
    texts = [way.format("dog") for way in WAYS]
    texts += [text.upper() for text in texts]
    plain, different, *found = scores(bundled, drawn.image, "dog", "cat", *texts)
    for text, same in zip(texts, found, strict=True):
        assert same == nearly(plain), text
    assert different != nearly(plain)


def test_words_of_two_are_read_alike(bundled: LocalSegmenter) -> None:
    drawn = drawn_example("traffic")
    plain, *others = scores(
        bundled,
        drawn.image,
        *("pink circle", "the pink circle", "a pink circle", "The pink circle.", "(pink circle)"),
        *("Pink  Circle", "pink_circle", "pink\N{EM SPACE}circle", full_width("pink circle")),
    )
    assert max(plain) > 0.5
    assert all(other == nearly(plain) for other in others)
    blue, pink = scores(bundled, drawn.image, "the blue circle", "the pink circle")
    assert blue != nearly(plain)
    assert pink == nearly(plain)


def test_one_text_is_encoded_for_all_its_ways(
    bundled: LocalSegmenter, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, encode = list[list[str]](), Runner.encode_texts

    def watched(runner: Runner, texts: list[str]) -> Any:
        asked.append(texts)
        return encode(runner, texts)

    monkeypatch.setattr(Runner, "encode_texts", watched)
    scores(bundled, drawn.image, "The purple anvil.", "a purple anvil", "the green anvil")
    scores(bundled, drawn.image, "PURPLE ANVIL")
    assert asked == [["green anvil", "purple anvil"]]


def all_alike(found: list[list[float]]) -> None:
    """Scores for each text of TYPED, nothing left out."""
    assert [len(one) for one in found] == [TINY.queries] * len(TYPED)
    assert found == [nearly(found[0])] * len(TYPED)


TYPED = ["The Dog.", "dog", "“a  DOG”"]


def test_rest_answers_each_as_it_was_typed(api: Api, drawn: Drawn) -> None:
    prompts = [{"type": "text", "text": text, "output_prob_thresh": 0} for text in TYPED]
    image = base64_image(drawn.path.read_bytes())
    results = api.concept(*prompts, image=image, format="rle").json()["prompt_results"]
    assert [result["echo"]["text"] for result in results] == TYPED
    all_alike([[one["confidence"] for one in result["predictions"]] for result in results])


@pytest.mark.usefixtures("commands_run_bundled")
def test_the_command_line_answers_each_as_it_was_typed(
    drawn: Drawn, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [f"--concept={text}" for text in TYPED] + ["--threshold=0", "--nms=off"]
    with pytest.raises(SystemExit) as stop:
        main(["segment", str(drawn.path), "--json", "--format=rle", *options])
    assert not stop.value.code
    out, err = capsys.readouterr()
    results = json.loads(out)["prompt_results"]
    assert [result["echo"]["text"] for result in results] == TYPED
    all_alike([[one["confidence"] for one in result["predictions"]] for result in results])
    assert f"{TINY.queries} x The Dog., {TINY.queries} x dog" in err


def test_the_page_shows_each_as_it_was_typed(bundled: LocalSegmenter, drawn: Drawn) -> None:
    responder = Responder(SegmenterService.of(bundled), Settings(), Path)
    prompts = [ConceptPrompt(text, score_threshold=0.0) for text in TYPED]
    ask = concept_ask(drawn.path, *prompts, nms=NO_NMS)
    *_, answer = responder.respond(ask, Sessions().of("visitor"))
    assert isinstance(answer, dict)
    assert [row["label"] for row in answer["rows"]] == TYPED
    all_alike([[one["score"] for one in row["instances"]] for row in answer["rows"]])
