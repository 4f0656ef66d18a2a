"""What the command line writes, read back with libraries that the project did not write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import supervision as sv
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco

from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.images import open_image
from tests.cli.conftest import Loader, run
from tests.fakes import COLOURS, FakeSegmenter

HEIGHT, WIDTH = 240, 320


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """Red: a ring, a large disc and a small one."""
    pixels = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    cv2.circle(pixels, (80, 100), 55, COLOURS["red"], 22)
    cv2.circle(pixels, (230, 90), 50, COLOURS["red"], -1)
    cv2.circle(pixels, (60, 215), 8, COLOURS["red"], -1)
    path = tmp_path / "scene.png"
    Image.fromarray(pixels).save(path)
    return path


def truth(path: Path) -> list[NDArray[np.bool_]]:
    """What the segmenter itself says about red."""
    image = open_image(path)
    (found,) = FakeSegmenter().segment_concepts(image, [ConceptPrompt("red")]).candidates
    return [candidate.mask.to_bitmap() for candidate in found.candidates]


def answered(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert run("segment", *arguments, "--concept", "red", "--json") == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def read_by_cv2(prediction: dict[str, Any]) -> NDArray[np.bool_]:
    if prediction["format"] == "rle":
        return np.asarray(coco.decode(prediction["masks"]), bool)
    read = np.zeros((HEIGHT, WIDTH), bool)
    for polygon in prediction["masks"]:
        read |= sv.polygon_to_mask(np.array(polygon), (WIDTH, HEIGHT)).astype(bool)
    return read


def read_by_coco(prediction: dict[str, Any]) -> NDArray[np.bool_]:
    runs = prediction["masks"]
    if prediction["format"] == "polygon":
        corners = [np.array(polygon).ravel().tolist() for polygon in runs]
        runs = coco.merge(coco.frPyObjects(corners, HEIGHT, WIDTH))
    return np.asarray(coco.decode(runs), bool)


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_the_default_gives_the_masks_back_whatever_their_shape(
    scene: Path, loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = truth(scene)
    (result,) = answered(capsys, scene)["prompt_results"]
    assert len(result["predictions"]) == len(expected) == 3
    for prediction, mask in zip(result["predictions"], expected, strict=True):
        assert np.array_equal(read_by_cv2(prediction), mask)
        assert iou(read_by_coco(prediction), mask) >= 0.9
    # Of the small disc pycocotools would lose more than a tenth, and the ring has a hole.
    sizes = [int(mask.sum()) for mask in expected]
    formats = [one["format"] for one in result["predictions"]]
    small, disc, ring = (formats[sizes.index(size)] for size in sorted(sizes))
    assert (small, disc, ring) == ("rle", "polygon", "rle")


def test_polygons_that_are_asked_for_lose_the_ring(
    scene: Path, loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    """The control: what the default would lie about."""
    (result,) = answered(capsys, scene, "--format", "polygon")["prompt_results"]
    assert {one["format"] for one in result["predictions"]} == {"polygon"}
    pairs = zip(result["predictions"], truth(scene), strict=True)
    overlaps = [iou(read_by_cv2(prediction), mask) for prediction, mask in pairs]
    assert min(overlaps) < 0.8
    assert sorted(overlaps)[1:] == [1.0, 1.0]


def test_a_document_says_what_it_is_of(
    scene: Path, loader: Loader, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    printed = answered(capsys, scene, "--out", tmp_path / "out")
    written = json.loads((tmp_path / "out" / "scene.json").read_text(encoding="utf-8"))
    assert written == printed
    assert written["image"] == str(scene)
    assert (written["width"], written["height"]) == (WIDTH, HEIGHT)
    # The wire's own keys are as they were.
    own = {"image", "width", "height", "coordinates", "weights", "nms"}
    assert set(written) == own | {"prompt_results", "time"}
    assert set(written["prompt_results"][0]) == {
        *("prompt_index", "echo", "predictions", "suppressed")
    }


def test_corners_are_pixels_as_the_document_says(
    loader: Loader, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pixels = np.full((72, 72, 3), 128, np.uint8)  # the fake's own grid: nothing is resized
    pixels[10:50, 20:60] = COLOURS["red"]
    Image.fromarray(pixels).save(tmp_path / "square.png")
    document = answered(capsys, tmp_path / "square.png")
    assert "by its column and row, counted from 0" in document["coordinates"]
    (prediction,) = document["prompt_results"][0]["predictions"]
    assert prediction["format"] == "polygon"
    (polygon,) = prediction["masks"]
    assert sorted(polygon) == [[20, 10], [20, 49], [59, 10], [59, 49]]


def test_a_turned_photograph_is_described_as_it_is_seen(
    loader: Loader, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    Image.new("RGB", (60, 40)).save(path, exif=exif)
    document = answered(capsys, path)
    assert (document["width"], document["height"]) == (40, 60)


def test_simple_outlines_need_fewer_corners_and_still_give_their_mask(
    scene: Path, loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    def disc(*more: object) -> dict[str, Any]:
        (result,) = answered(capsys, scene, *more)["prompt_results"]
        return next(one for one in result["predictions"] if one["format"] == "polygon")

    plain, simple = disc(), disc("--simplify", 2)
    assert 3 <= len(simple["masks"][0]) < len(plain["masks"][0]) / 2
    in_rle = answered(capsys, scene, "--simplify", 2, "--format", "rle")["prompt_results"][0]
    assert any(
        np.array_equal(read_by_coco(one), read_by_cv2(simple)) for one in in_rle["predictions"]
    )


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--fill-holes=-1", "fill_holes in whole pixels from 0"),
        ("--min-area=-5", "min_area in whole pixels from 0"),
        ("--simplify=nan", "simplify in pixels from 0"),
    ],
)
def test_what_is_no_number_of_pixels_is_refused_before_the_weights_load(
    option: str,
    message: str,
    scene: Path,
    loader: Loader,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("segment", scene, "--concept", "red", option) == 2
    assert message in capsys.readouterr().err
    assert loader.loads == 0
