"""COCO's instances, read back by pycocotools."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
import supervision as sv
from numpy.typing import NDArray
from pycocotools.coco import COCO

from sam3_playground.formats.detections import to_detections
from sam3_playground.formats.segmented import Segmented
from tests.formats.exported import (
    SHAPES,
    SIZE,
    WITHOUT_HOLES,
    blank,
    disc,
    iou,
    result,
    ring,
    save_pictures,
    segmented,
    write,
)

BOTH = ("coco", "coco-polygons")


def read(export: str, entries: list[Segmented], folder: Path) -> COCO:
    path = write(export, entries, folder) / "instances.json"
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def masks(coco: COCO) -> list[NDArray[np.bool_]]:
    return [coco.annToMask(one).astype(bool) for one in coco.loadAnns(coco.getAnnIds())]


def test_rle_gives_every_mask_back_to_the_pixel(tmp_path: Path) -> None:
    entry = segmented("a", result({"thing": list(SHAPES.values())}))
    for mask, truth in zip(masks(read("coco", [entry], tmp_path)), SHAPES.values(), strict=True):
        assert np.array_equal(mask, truth)


def test_polygons_give_back_what_has_no_holes_to_the_pixel(tmp_path: Path) -> None:
    truths = [SHAPES[name] for name in WITHOUT_HOLES]
    entry = segmented("a", result({"thing": truths}))
    for mask, truth in zip(masks(read("coco-polygons", [entry], tmp_path)), truths, strict=True):
        assert np.array_equal(mask, truth)


def test_polygons_fill_holes(tmp_path: Path) -> None:
    coco = read("coco-polygons", [segmented("a", result({"thing": [ring()]}))], tmp_path)
    assert np.array_equal(masks(coco)[0], disc())


@pytest.mark.parametrize("export", BOTH)
def test_images_categories_and_scores_are_all_there(export: str, tmp_path: Path) -> None:
    entries = [
        segmented("a", result({"dog": [disc()], "cat": [], "Katze, müde": [ring(), disc(20)]})),
        segmented("b", result({"dog": [], "cat": [], "Katze, müde": []})),
        segmented("c", result({"dog": [], "cat": [disc(radius=5)], "Katze, müde": []})),
    ]
    coco = read(export, entries, tmp_path)
    assert [one["name"] for one in coco.loadCats(coco.getCatIds())] == ["dog", "cat", "Katze, müde"]
    images = coco.loadImgs(coco.getImgIds())
    assert [one["file_name"] for one in images] == ["a.jpg", "b.jpg", "c.jpg"]
    assert {(one["height"], one["width"]) for one in images} == {SIZE}
    found = coco.loadAnns(coco.getAnnIds())
    assert [(one["image_id"], one["category_id"]) for one in found] == [
        *((1, 1), (1, 3), (1, 3), (3, 2)),
    ]
    assert [one["score"] for one in found] == [0.9, 0.9, 0.89, 0.9]
    assert {one["iscrowd"] for one in found} == {0}
    assert len({one["id"] for one in found}) == 4
    for one in found:
        mask = coco.annToMask(one).astype(bool)
        rows, columns = np.nonzero(mask)
        x, y, width, height = one["bbox"]
        assert (x, y) == (columns.min(), rows.min())
        assert (x + width, y + height) == (columns.max() + 1, rows.max() + 1)
    assert found[0]["area"] == disc().sum()


@pytest.mark.parametrize("export", BOTH)
def test_an_empty_mask_is_no_annotation_and_no_images_are_a_file(
    export: str, tmp_path: Path
) -> None:
    empty = read(export, [segmented("a", result({"dog": [blank().astype(bool)]}))], tmp_path)
    assert (len(empty.getImgIds()), empty.getAnnIds()) == (1, [])
    nothing = read(export, [], tmp_path / "none")
    assert (nothing.getImgIds(), nothing.getCatIds()) == ([], [])


def test_supervisions_own_writer_loses_what_this_one_keeps(tmp_path: Path) -> None:
    """The reason for a writer of one's own; a version that keeps it makes this one needless."""
    entry = segmented("a", result({"dog": [ring()]}))
    save_pictures([entry], tmp_path / "images")
    path = str(tmp_path / "images" / "a.jpg")
    data = sv.DetectionDataset(["dog"], [path], {path: to_detections(entry.result)})
    data.as_coco(annotations_path=str(tmp_path / "sv.json"))
    (theirs,) = json.loads((tmp_path / "sv.json").read_text())["annotations"]
    assert "score" not in theirs
    assert theirs["iscrowd"] == 1


def test_polygons_of_drawn_shapes_overlap_by_more_than_any_reader_needs(tmp_path: Path) -> None:
    """Random discs: a polygon through the centres of pixels would lose half of each at the rim."""
    random = np.random.default_rng(0)
    places = zip(random.integers(10, 70, (40, 2)).tolist(), [1, 2, 4, 8] * 10, strict=True)
    truths = [disc(x, y, radius) for (x, y), radius in places]
    coco = read("coco-polygons", [segmented("a", result({"dog": truths}))], tmp_path)
    assert min(map(iou, masks(coco), truths)) >= 0.98
