"""The same wish gives the same masks, whichever way it comes in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco

from sam3_playground.cli.main import main
from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.images import RgbImage
from sam3_playground.errors import InvalidInputError
from sam3_playground.pipeline.answer import propose
from sam3_playground.playground import Playground, Segmentation
from sam3_playground.ui.picture import picture_of
from sam3_playground.ui.state import read_ask
from tests.api.conftest import Api, base64_image, png, starting
from tests.fakes import FakeSegmenter, disc_image
from tests.runs import bitmap_of
from tests.servers import page_state

WISHES = [
    {},
    {"fill_holes": 200},
    {"min_area": 1000},
    {"simplify": 6.0},
    {"fill_holes": 2000, "min_area": 120, "simplify": 3.0},
]
SIZE = (240, 320)


def picture() -> RgbImage:
    """Two red discs with holes of about 100 and 1,000 pixels, and a red speck."""
    pixels = disc_image([("red", 80, 110, 50), ("red", 230, 120, 60), ("red", 20, 220, 5)], *SIZE)
    holes = disc_image([("green", 80, 110, 6), ("green", 230, 120, 18)], *SIZE).pixels
    drawn = pixels.pixels.copy()
    drawn[(holes != 128).any(axis=2)] = 128
    return RgbImage(drawn)


@pytest.fixture
def api() -> Iterator[Api]:
    with starting() as start:
        yield start()


def by_python(mode: str, wish: dict[str, Any]) -> Segmentation:
    playground, cleanup = Playground(FakeSegmenter()), MaskCleanup(**wish)
    if mode == "concepts":
        return playground.segment_concepts(picture(), "red", cleanup=cleanup)
    return playground.segment_visual(picture(), clicks=[(80, 80)], cleanup=cleanup)


def read_back(predictions: list[dict[str, Any]]) -> list[NDArray[np.bool_]]:
    return [np.asarray(coco.decode(one["masks"]), bool) for one in predictions]


def by_rest(mode: str, wish: dict[str, Any], api: Api) -> Any:
    fields = {"image": base64_image(png(picture())), "format": "rle", **wish}
    if mode == "concepts":
        answer = api.concept({"type": "text", "text": "red"}, **fields)
    else:
        answer = api.visual([{"points": [{"x": 80, "y": 80}]}], **fields)
    assert answer.status_code == 200, answer.text
    return read_back(answer.json()["prompt_results"][0]["predictions"])


def by_command(
    mode: str, wish: dict[str, Any], folder: Path, capsys: pytest.CaptureFixture[str]
) -> Any:
    path = folder / "picture.png"
    Image.fromarray(picture().pixels).save(path)
    prompt = ["--concept", "red"] if mode == "concepts" else ["--click=80,80"]
    wishes = [f"--{name.replace('_', '-')}={value}" for name, value in wish.items()]
    with pytest.raises(SystemExit) as stop:
        main(["segment", str(path), *prompt, "--format", "rle", "--json", *wishes])
    assert not stop.value.code
    (result,) = json.loads(capsys.readouterr().out)["prompt_results"]
    return read_back(result["predictions"])


def by_page(mode: str, wish: dict[str, Any]) -> Any:
    points = [{"x": 80, "y": 80, "positive": True}]
    step = {"points": points, "box": None, "choice": 0, "base": None}
    objects = [{"id": 1, "slot": 0, "name": "", "number": 1, "step": step}]
    words, objects = (["red"], []) if mode == "concepts" else ([], objects)
    ask = read_ask(page_state(None, *words, mode=mode, objects=objects, cleanup=wish))
    (request,) = ask.requests
    image = picture()
    return picture_of(image, ask, [propose(FakeSegmenter(), image, request)])


@pytest.fixture(autouse=True)
def fake_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: FakeSegmenter()
    )


@pytest.mark.parametrize("mode", ["concepts", "objects"])
@pytest.mark.parametrize("wish", WISHES, ids=str)
def test_every_door_gives_the_same_masks(
    mode: str,
    wish: dict[str, Any],
    tmp_path: Path,
    api: Api,
    capsys: pytest.CaptureFixture[str],
) -> None:
    instances = by_python(mode, wish).instances
    expected = [instance.mask.to_bitmap() for instance in instances]
    if wish:  # each wish does something to these discs
        before = by_python(mode, {}).instances
        assert [one.mask.area for one in before] != [one.mask.area for one in instances]
    for found in (by_rest(mode, wish, api), by_command(mode, wish, tmp_path, capsys)):
        assert len(found) == len(expected)
        assert all(map(np.array_equal, found, expected))
    answer = by_page(mode, wish)
    (row,) = answer["rows"]
    assert [one["area"] for one in row["instances"]] == [mask.sum() for mask in expected]
    shown = [bitmap_of(one["runs"], answer["screen"]["size"]) for one in row["instances"]]
    assert all(map(np.array_equal, shown, expected))


@pytest.mark.parametrize("mode", ["concepts", "objects"])
def test_where_nothing_is_left_every_door_says_nothing(
    mode: str, tmp_path: Path, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    wish = {"min_area": SIZE[0] * SIZE[1]}
    assert by_python(mode, wish).instances == ()
    assert by_rest(mode, wish, api) == []
    assert by_command(mode, wish, tmp_path, capsys) == []
    assert by_page(mode, wish)["rows"][0]["instances"] == []


@pytest.mark.parametrize(
    "wish", [{"min_area": -1}, {"simplify": float("inf")}, {"fill_holes": "many"}]
)
def test_the_page_and_the_api_refuse_what_is_no_number_of_pixels(
    wish: dict[str, Any], api: Api
) -> None:
    answer = api.concept({"type": "text", "text": "red"}, **wish)
    assert answer.status_code == 422
    (named,) = answer.json()["detail"]
    assert named["loc"][-1] in wish
    assert named["msg"].startswith("expected ")
    with pytest.raises(InvalidInputError, match="expected"):
        by_page("concepts", wish)
