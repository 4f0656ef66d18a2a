"""YOLO's segmentation data, read back by supervision and by OpenCV."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import supervision as sv
import yaml
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.core.masks import mask_from_bitmap
from sam3_playground.formats.outlines import joined, part_outlines
from sam3_playground.formats.segmented import Segmented
from sam3_playground.formats.yolo import yolo_labels
from tests.formats.exported import (
    SHAPES,
    SIZE,
    WITHOUT_HOLES,
    disc,
    iou,
    result,
    ring,
    segmented,
    write,
)


def by_supervision(folder: Path) -> sv.DetectionDataset:
    return sv.DetectionDataset.from_yolo(
        str(folder / "images"), str(folder / "labels"), str(folder / "data.yaml"), force_masks=True
    )


def by_cutting_off(line: str) -> NDArray[np.bool_]:
    """As ultralytics fills a polygon: whole pixels by cutting off, then `cv2.fillPoly`."""
    height, width = SIZE
    corners = np.array(line.split()[1:], np.float64).reshape(-1, 2) * [width, height]
    filled = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(filled, [corners.astype(np.int32)], 1)
    return filled.astype(bool)


def masks(data: sv.DetectionDataset, image: int = 0) -> list[NDArray[np.bool_]]:
    found = data.annotations[data.image_paths[image]].mask
    return [] if found is None else [np.asarray(mask, bool) for mask in found]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_one_line_and_comes_back(shape: str, tmp_path: Path) -> None:
    folder = write("yolo", [segmented("a", result({"thing": [SHAPES[shape]]}))], tmp_path)
    (line,) = (folder / "labels" / "a.txt").read_text().splitlines()
    (mask,) = masks(by_supervision(folder))
    for read in (mask, by_cutting_off(line)):
        if shape in WITHOUT_HOLES:
            assert np.array_equal(read, SHAPES[shape])
        assert iou(read, SHAPES[shape]) >= 0.98


def test_a_hole_stays_a_hole(tmp_path: Path) -> None:
    folder = write("yolo", [segmented("a", result({"thing": [ring()]}))], tmp_path)
    (mask,) = masks(by_supervision(folder))
    assert not mask[35, 40]
    assert iou(mask, disc()) < 0.9  # the control


def test_classes_and_images_are_all_there(tmp_path: Path) -> None:
    entries = [
        segmented("a", result({"dog": [disc()], "a: b #c": [ring()]})),
        segmented("b", result({"dog": [], "a: b #c": []})),
    ]
    folder = write("yolo", entries, tmp_path)
    data = by_supervision(folder)
    assert data.classes == ["dog", "a: b #c"]
    assert [Path(path).name for path in data.image_paths] == ["a.png", "b.png"]
    first, second = (data.annotations[path] for path in data.image_paths)
    assert first.class_id is not None
    assert first.class_id.tolist() == [0, 1]
    assert len(second) == 0
    shown = np.asarray(Image.open(folder / "images" / "a.png"))
    assert np.array_equal(shown, entries[0].image.pixels)
    values = yaml.safe_load((folder / "data.yaml").read_text(encoding="utf-8"))
    assert values["nc"] == len(values["names"]) == 2
    assert (folder / values["train"]).is_dir()
    assert (folder / values["val"]).is_dir()


def test_the_original_file_is_taken_where_it_can_be_read_elsewhere() -> None:
    found = result({"dog": []})
    image = segmented("a", found).load_image
    for source, name in (("x/a.JPG", "images/a.jpg"), ("x/a.heic", "images/a.png")):
        entry = Segmented("a", source, found, image, lambda: b"the file")
        _, picture = yolo_labels(entry, ["dog"])
        assert picture.name == name
        assert (b"".join(picture.chunks) == b"the file") == (name == "images/a.jpg")


def test_corners_lie_within_the_image(tmp_path: Path) -> None:
    entry = segmented("a", result({"thing": [np.ones(SIZE, bool), SHAPES["the last pixel"]]}))
    text = (write("yolo", [entry], tmp_path) / "labels" / "a.txt").read_text()
    for line in text.splitlines():
        shares = [float(share) for share in line.split()[1:]]
        assert len(shares) >= 6
        assert 0 <= min(shares) <= max(shares) <= 1


def test_a_sieve_with_many_parts_is_one_outline_that_gives_it_back() -> None:
    random = np.random.default_rng(0)
    coarse = random.random((12, 15)).astype(np.float32)
    sieve = cv2.resize(coarse, (1500, 1200), interpolation=cv2.INTER_CUBIC) > 0.5
    outline = joined(part_outlines(mask_from_bitmap(sieve)))
    filled = np.zeros(sieve.shape, np.uint8)
    cv2.fillPoly(filled, [outline.astype(np.int32)], 1)
    assert len(part_outlines(mask_from_bitmap(sieve))) >= 5
    assert iou(filled.astype(bool), sieve) >= 0.995
