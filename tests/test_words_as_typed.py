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
from sam3_playground.core.masks import mask_from_bitmap
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.rle import rle_to_mask
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.images import open_image
from sam3_playground.model import Runner
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions
from tests.api.conftest import Api, base64_image, starting
from tests.asks import concept_ask
from tests.core.test_words import full_width
from tests.fakes import disc_image
from tests.selecting import select_concepts
from training.evaluation import count_matches
from training.examples import EXAMPLES, draw_example, indices_of

FOLDER = Path(__file__).parent.parent / "assets" / "examples"
# Where the bundled checkpoint finds all objects of that name and nothing else.
SCENES = [("rockets", "dog"), ("picnic", "umbrella"), ("breakfast", "apple"), ("traffic", "bus")]
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
def loaded() -> Segmenter:
    return load_segmenter("tiny", device="cpu", say=print)


@pytest.fixture(scope="module")
def api(loaded: Segmenter) -> Iterator[Api]:
    with starting() as start:
        yield start(service=SegmenterService.of(loaded))


def picture(name: str) -> RgbImage:
    return open_image(FOLDER / f"{name}.jpg")


@pytest.mark.parametrize(("name", "word"), SCENES)
def test_every_way_finds_what_the_word_finds(loaded: Segmenter, name: str, word: str) -> None:
    image = picture(name)
    texts = [way.format(word) for way in [*WAYS, *(way.upper() for way in WAYS)]]
    found = loaded.segment_concepts(image, [ConceptPrompt(text) for text in texts])
    (example,) = [example for example in EXAMPLES if example.name == name]
    drawn = draw_example(example)
    wanted = [mask_from_bitmap(drawn.label_map == n + 1) for n in indices_of(drawn, word)]
    for result in select_concepts(found.candidates, image.size).prompt_results:
        masks = [instance.mask for instance in result.instances]
        assert len(masks) == len(wanted), result.prompt
        assert count_matches(masks, wanted) == len(wanted)


def scores(segmenter: Segmenter, *texts: str) -> list[list[float]]:
    """Of the candidates for each, on two red discs and a blue one."""
    discs = [("red", 120, 130, 60), ("red", 360, 160, 70), ("blue", 250, 380, 60)]
    prompts = [ConceptPrompt(text) for text in texts]
    found = segmenter.segment_concepts(disc_image(discs, 504, 504), prompts).candidates
    return [[one.score for one in concept.candidates] for concept in found]


def test_words_of_two_are_read_alike(loaded: Segmenter) -> None:
    plain, *others = scores(
        loaded,
        *("red circle", "the red circle", "a red circle", "The red circle.", "(red circle)"),
        *("Red  Circle", "red_circle", "red\N{EM SPACE}circle", full_width("red circle")),
    )
    assert sum(score > 0.5 for score in plain) == 2
    assert all(other == pytest.approx(plain, abs=1e-4) for other in others)
    blue, red = scores(loaded, "the blue circle", "the red circle")
    assert sum(score > 0.5 for score in blue) == 1
    assert red == pytest.approx(plain, abs=1e-4)


def test_one_text_is_encoded_for_all_its_ways(
    loaded: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, encode = list[list[str]](), Runner.encode_texts

    def watched(runner: Runner, texts: list[str]) -> Any:
        asked.append(texts)
        return encode(runner, texts)

    monkeypatch.setattr(Runner, "encode_texts", watched)
    scores(loaded, "The purple heart.", "a purple heart", "the green heart")
    scores(loaded, "PURPLE HEART")
    assert asked == [["green heart", "purple heart"]]


TYPED = ["The Dog.", "dog", "“a  DOG”"]


def test_rest_answers_each_as_it_was_typed(api: Api) -> None:
    image = base64_image((FOLDER / "rockets.jpg").read_bytes())
    answer = api.concept(*({"type": "text", "text": text} for text in TYPED), image=image).json()
    assert [result["echo"]["text"] for result in answer["prompt_results"]] == TYPED
    assert [len(result["predictions"]) for result in answer["prompt_results"]] == [1, 1, 1]


def test_the_command_line_answers_each_as_it_was_typed(
    loaded: Segmenter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: loaded)
    options = [f"--concept={text}" for text in TYPED]
    with pytest.raises(SystemExit) as stop:
        main(["segment", str(FOLDER / "rockets.jpg"), "--json", "--format=rle", *options])
    assert not stop.value.code
    out, err = capsys.readouterr()
    results = json.loads(out)["prompt_results"]
    assert [result["echo"]["text"] for result in results] == TYPED
    masks = [
        [rle_to_mask(one["masks"]).area for one in result["predictions"]] for result in results
    ]
    assert masks == [masks[0]] * 3
    assert "1 x The Dog., 1 x dog" in err


def test_the_page_shows_each_as_it_was_typed(loaded: Segmenter) -> None:
    responder = Responder(SegmenterService.of(loaded), Settings(), Path)
    ask = concept_ask(FOLDER / "rockets.jpg", *map(ConceptPrompt, TYPED))
    *_, answer = responder.respond(ask, Sessions().of("visitor"))
    assert isinstance(answer, dict)
    assert [row["label"] for row in answer["rows"]] == TYPED
    assert [len(row["instances"]) for row in answer["rows"]] == [1, 1, 1]
