"""The bundled checkpoint as a newcomer meets it: words, an exemplar, a click, through the command
line, against the truth of the bundled scenes.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sam3_playground.cli.main import main
from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask, mask_from_bitmap
from sam3_playground.core.nms import mask_iou
from sam3_playground.core.prompts import Click, VisualPrompt
from sam3_playground.core.rle import rle_to_mask
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.images import decode_image
from sam3_playground.model.checkpoint import read_config
from sam3_playground.model.config import TINY
from sam3_playground.model.weights import bundled_path
from sam3_playground.pipeline.loading import load_segmenter
from tests.selecting import select_visual
from training.evaluation import count_matches
from training.examples import EXAMPLES, draw_example, indices_of

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "assets" / "examples"
ENTRIES: dict[str, dict[str, Any]] = {
    entry["file"].removesuffix(".jpg"): entry
    for entry in json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))
}

# Where the bundled checkpoint gets it right; its card says how often it does not.
WORDS_WORK = [
    ("mushrooms", "ladybug"),
    ("concert", "lion"),
    ("rockets", "dog"),
    ("rockets", "cat"),
    ("picnic", "umbrella"),
    ("picnic", "frog"),
    ("breakfast", "apple"),
    ("traffic", "bus"),
    ("regatta", "santa"),
]
EXEMPLARS_WORK = ["rockets", "picnic", "orchard", "regatta"]
CLICKS_WORK = ["mushrooms", "village", "turtles", "regatta", "crosses"]


@pytest.fixture(scope="module")
def loaded() -> Segmenter:
    return load_segmenter("tiny", device="cpu", say=print)


@pytest.fixture(autouse=True)
def load_once(loaded: Segmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command loads its weights each time; here they are loaded once."""
    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: loaded)


def segment(capsys: pytest.CaptureFixture[str], name: str, *prompt: str) -> dict[str, Any]:
    with pytest.raises(SystemExit) as stop:
        main(["segment", str(FOLDER / f"{name}.jpg"), "--json", "--format", "rle", *prompt])
    assert not stop.value.code
    response: dict[str, Any] = json.loads(capsys.readouterr().out)
    return response


def masks(predictions: list[dict[str, Any]]) -> list[Mask]:
    return [rle_to_mask(prediction["masks"]) for prediction in predictions]


def truth(name: str, concept: str) -> list[Mask]:
    (example,) = [example for example in EXAMPLES if example.name == name]
    scene = draw_example(example)
    return [mask_from_bitmap(scene.label_map == i + 1) for i in indices_of(scene, concept)]


@pytest.mark.parametrize(("name", "concept"), WORDS_WORK)
def test_words_find_all_their_objects_and_nothing_else(
    name: str, concept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (result,) = segment(capsys, name, "--concept", concept)["prompt_results"]
    wanted = truth(name, concept)
    found = masks(result["predictions"])
    assert len(found) == len(wanted) == ENTRIES[name]["counts"][concept]
    assert count_matches(found, wanted) == len(wanted)


@pytest.mark.parametrize("name", EXEMPLARS_WORK)
def test_a_box_around_one_finds_its_like(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    entry = ENTRIES[name]
    box = ",".join(str(edge) for edge in entry["exemplar"])
    (result,) = segment(capsys, name, f"--exemplar=+{box}")["prompt_results"]
    wanted = truth(name, entry["concepts"][0])
    matched = count_matches(masks(result["predictions"]), wanted)
    assert matched > max(1, len(wanted) / 2)
    assert matched >= 0.75 * len(result["predictions"])


@pytest.mark.parametrize("name", CLICKS_WORK)
def test_a_click_gives_the_one_object(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    entry = ENTRIES[name]
    x, y = entry["clicks"][0]
    response = segment(capsys, name, f"--click=+{x},{y}")
    (found,) = masks(response["predictions"])
    others = truth(name, entry["concepts"][0])
    assert max(mask_iou(found, other) for other in others) > 0.75
    assert found.bits[int(y) - found.offset[0], int(x) - found.offset[1]]


@pytest.mark.parametrize("name", CLICKS_WORK)
def test_a_click_on_grey_of_twelve_bits_gives_the_mask_of_eight(
    loaded: Segmenter, name: str
) -> None:
    with Image.open(FOLDER / f"{name}.jpg") as file:
        grey = np.asarray(file.convert("L"))
    stored = io.BytesIO()
    Image.fromarray(np.round(grey / 255 * 4095).astype(np.uint16)).save(stored, "PNG")
    x, y = ENTRIES[name]["clicks"][0]
    click = VisualPrompt((Click(x, y, positive=True),))
    found = []
    for image in (RgbImage(np.dstack([grey] * 3)), decode_image(stored.getvalue())):
        proposed = loaded.segment_visual(image, click).candidates
        found.append(select_visual(proposed, image.size).instances[0].mask)
    assert found[0].area > 100
    assert mask_iou(*found) > 0.97


@pytest.mark.parametrize("word", ["laptop", "zebra", "asdf"])
def test_words_for_what_is_never_drawn_find_nothing(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("rockets", "village"):
        (result,) = segment(capsys, name, "--concept", word)["prompt_results"]
        assert result["predictions"] == []


def test_the_file_is_small_and_of_the_small_network() -> None:
    assert bundled_path().stat().st_size < 20_000_000
    assert read_config(bundled_path()) == TINY
    assert (bundled_path().parent / "LICENSE").is_file()


def test_the_card_says_the_scores_that_were_measured() -> None:
    folder = bundled_path().parent
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert scores["scenes"] >= 200
    for name, value in scores.items():
        assert f"{value:.3f}".rstrip("0").rstrip(".") in card, name
