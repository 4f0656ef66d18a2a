"""LabelMe's JSON, read back by supervision and drawn by Pillow, as LabelMe does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import supervision as sv
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sam3_playground.formats.labelme import labelme
from sam3_playground.formats.segmented import Segmented
from tests.formats.exported import (
    SHAPES,
    SIZE,
    WITHOUT_HOLES,
    disc,
    iou,
    parts,
    result,
    save_pictures,
    segmented,
    write,
)


def by_supervision(entries: list[Segmented], folder: Path) -> sv.DetectionDataset:
    write("labelme", entries, folder / "labels")
    save_pictures(entries, folder / "images")
    return sv.DetectionDataset.from_labelme(
        str(folder / "images"), str(folder / "labels"), force_masks=True
    )


def drawn(shapes: list[dict[str, Any]]) -> NDArray[np.bool_]:
    """All shapes of one instance, each filled as LabelMe's `shape_to_mask` fills polygons."""
    whole = np.zeros(SIZE, bool)
    for shape in shapes:
        canvas = Image.new("L", SIZE[::-1])
        corners = [tuple(corner) for corner in shape["points"]]
        ImageDraw.Draw(canvas).polygon(corners, outline=1, fill=1)
        whole |= np.asarray(canvas, bool)
    return whole


def document(entry: Segmented) -> dict[str, Any]:
    (file,) = labelme(entry, [])
    values: dict[str, Any] = json.loads(b"".join(file.chunks))
    return values


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_comes_back_as_one_instance(shape: str, tmp_path: Path) -> None:
    entry = segmented("a", result({"thing": [SHAPES[shape]]}))
    data = by_supervision([entry], tmp_path)
    (path,) = data.image_paths
    masks = data.annotations[path].mask
    assert masks is not None
    (mask,) = np.asarray(masks, bool)
    for read in (mask, drawn(document(entry)["shapes"])):
        if shape in WITHOUT_HOLES:
            assert np.array_equal(read, SHAPES[shape])
        assert iou(read, SHAPES[shape]) >= 0.98


def test_a_document_says_what_labelme_asks_for() -> None:
    values = document(segmented("x/a", result({"Hund": [disc(), parts()], "cat": []})))
    assert (values["imageHeight"], values["imageWidth"]) == SIZE
    assert values["imagePath"] == "a.jpg"
    assert values["imageData"] is None
    assert [shape["label"] for shape in values["shapes"]] == ["Hund"] * 4
    assert [shape["group_id"] for shape in values["shapes"]] == [None, 2, 2, 2]
    assert [shape["description"] for shape in values["shapes"]] == [
        *("score 0.9000", "score 0.8900", "score 0.8900", "score 0.8900")
    ]
    for shape in values["shapes"]:
        assert shape["shape_type"] == "polygon"
        assert shape["flags"] == {}
        assert len(shape["points"]) >= 3


def test_an_image_without_instances_has_a_document_too() -> None:
    assert document(segmented("a", result({"dog": []})))["shapes"] == []


def test_the_image_is_pointed_at_from_where_the_document_lies(tmp_path: Path) -> None:
    image = tmp_path / "photos" / "x" / "a b.jpg"
    entry = Segmented(
        "x/a b", "x/a b.jpg", result({}), path=image, folder=tmp_path / "out" / "labelme"
    )
    pointed = tmp_path / "out" / "labelme" / "x" / document(entry)["imagePath"]
    assert pointed.resolve() == image
