"""A text that the network would cut is refused at every door, before any image is encoded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from sam3_playground.cli.main import main
from sam3_playground.config import Settings
from sam3_playground.core.prompts import MAX_TEXT_LENGTH, ConceptPrompt
from sam3_playground.errors import InvalidPromptError
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions
from tests.api.conftest import Api, base64_image, png, starting
from tests.asks import concept_ask
from tests.fakes import disc_image

PICTURE = disc_image([("red", 40, 40, 20)])
# Each of these words is one token; the context of 32 has one at each end for itself.
MOST = 30
LONGEST = " ".join(["red"] * MOST)
LONG = LONGEST + " dog"
MESSAGE = (
    "expected at most 30 tokens, words and parts of them, in a text, got 31 in "
    "'red red red red red red red red red red…'"
)


@pytest.fixture(scope="module")
def loaded() -> LocalSegmenter:
    return load_segmenter("tiny", device="cpu", say=print)


@pytest.fixture(autouse=True)
def nothing_encoded(loaded: LocalSegmenter) -> None:
    loaded.cache.clear()


@pytest.fixture(scope="module")
def api(loaded: LocalSegmenter) -> Iterator[Api]:
    with starting() as start:
        yield start(service=SegmenterService.of(loaded))


def test_the_network_would_read_no_more_than_that(loaded: LocalSegmenter) -> None:
    encoder = loaded.runner._network.backbone.language_backbone
    texts = [LONG, LONGEST, " ".join(["red"] * (MOST - 1))]
    long, longest, shorter = encoder.tokenizer(texts, context_length=encoder.context_length)
    assert long.tolist() == longest.tolist()
    assert longest.tolist() != shorter.tolist()


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (LONGEST, False),
        (f"The {LONGEST}.", False),  # not read, not counted
        (LONG, True),
        ("x" * MAX_TEXT_LENGTH, True),  # one word of many parts
        ("红" * 20, True),
        ("红" * 5, False),
    ],
)
def test_tokens_are_counted_as_the_network_reads_them(
    loaded: LocalSegmenter, text: str, *, refused: bool
) -> None:
    if refused:
        with pytest.raises(InvalidPromptError, match=f"^expected at most {MOST} tokens.* got "):
            loaded.segment_concepts(PICTURE, [ConceptPrompt("red"), ConceptPrompt(text)])
    else:
        loaded.segment_concepts(PICTURE, [ConceptPrompt("red"), ConceptPrompt(text)])
    assert len(loaded.cache) == (0 if refused else 1)


def test_over_rest(loaded: LocalSegmenter, api: Api) -> None:
    image = base64_image(png(PICTURE))
    prompts = [{"type": "text", "text": text} for text in (LONGEST, LONG)]
    answer = api.concept(*prompts, image=image)
    assert answer.status_code == 422
    (named,) = answer.json()["detail"]
    assert (named["loc"], named["msg"]) == (["body", "prompts", 1, "text"], MESSAGE)
    assert len(loaded.cache) == 0
    assert api.concept(prompts[0], image=image).status_code == 200


def test_on_the_command_line(
    loaded: LocalSegmenter,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: loaded)
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path in paths:
        Image.fromarray(PICTURE.pixels).save(path)
    with pytest.raises(SystemExit) as stop:
        main(["segment", *map(str, paths), "--concept", f"red, {LONG}"])
    assert stop.value.code == 2
    assert capsys.readouterr().err.count(MESSAGE) == 1  # not once for each image
    assert len(loaded.cache) == 0


def test_on_the_page(loaded: LocalSegmenter, tmp_path: Path) -> None:
    path = tmp_path / "discs.png"
    Image.fromarray(PICTURE.pixels).save(path)
    responder, session = (
        Responder(SegmenterService.of(loaded), Settings(), Path),
        Sessions().of("x"),
    )
    concepts = (ConceptPrompt("red"), ConceptPrompt(LONG))
    with pytest.raises(InvalidPromptError, match=MESSAGE):
        list(responder.respond(concept_ask(path, *concepts), session))
    assert len(loaded.cache) == 0
    *_, answer = responder.respond(concept_ask(path, *concepts[:1]), session)
    assert isinstance(answer, dict)
    assert len(answer["rows"]) == 1


def test_a_text_that_was_read_before_is_not_counted_again(
    loaded: LocalSegmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded.segment_concepts(PICTURE, [ConceptPrompt("a new word")])
    tokenizer = loaded.runner._network.backbone.language_backbone.tokenizer
    counted: list[str] = []

    def watched(text: str) -> list[int]:
        counted.append(text)
        return []

    monkeypatch.setattr(tokenizer, "encode", watched)
    loaded.validate_text(ConceptPrompt("New word."))
    loaded.validate_text(ConceptPrompt("newer word"))
    assert counted == ["newer word"]
