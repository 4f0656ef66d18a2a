"""Masks and cut-outs as PNG, read back by Pillow; the table by `csv`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.exports import EXPORTS
from sam3_playground.formats.segmented import Segmented
from tests.formats.exported import (
    SHAPES,
    SIZE,
    blank,
    disc,
    pixels,
    result,
    ring,
    segmented,
    write,
)


def opened(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture)


def test_each_mask_is_a_picture_of_the_images_size(tmp_path: Path) -> None:
    write("masks", [segmented("x/a", result({"thing": list(SHAPES.values())}))], tmp_path)
    for number, truth in enumerate(SHAPES.values(), start=1):
        path = tmp_path / "x" / "a" / f"{number:03}-thing.png"
        assert np.array_equal(opened(path).astype(bool), truth)
        with Image.open(path) as picture:
            assert set(np.unique(np.asarray(picture.convert("L")))) == {0, 255}


@pytest.mark.parametrize("export", ["masks", "cutouts"])
def test_concepts_that_become_alike_are_files_apart(export: str, tmp_path: Path) -> None:
    found = result({"a/b": [disc()], "a:b": [ring()], "none": [], "gone": [blank().astype(bool)]})
    write(export, [segmented("img", found)], tmp_path)
    assert sorted(path.name for path in (tmp_path / "img").iterdir()) == [
        *("001-a_b.png", "002-a_b.png")
    ]


def test_indexed_pixels_are_instances_by_the_legend(tmp_path: Path) -> None:
    small, large = disc(40, 35, 8), disc(40, 35, 30)
    write("indexed", [segmented("a", result({"dog": [small], "кот": [large]}))], tmp_path)
    legend = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [(one["index"], one["concept"]) for one in legend["instances"]] == [
        *((1, "dog"), (2, "кот")),
    ]
    assert [one["area"] for one in legend["instances"]] == [small.sum(), large.sum()]
    expected = np.zeros(SIZE, np.uint8)
    expected[large] = 2
    expected[small] = 1
    assert np.array_equal(opened(tmp_path / "a.png"), expected)
    with Image.open(tmp_path / "a.png") as picture:
        colours = picture.convert("RGB").getcolors()
    assert colours is not None
    assert len(colours) == 3
    assert (0, 0, 0) in {colour for _, colour in colours}


@pytest.mark.parametrize("count", [255, 256, 300])
def test_more_instances_than_a_palette_has_keep_their_numbers(count: int, tmp_path: Path) -> None:
    dots = [pixels((number % 100, number // 100)) for number in range(count)]
    write("indexed", [segmented("a", result({"dot": dots}))], tmp_path)
    read = opened(tmp_path / "a.png")
    assert read.ravel()[:count].tolist() == list(range(1, count + 1))
    assert not read.ravel()[count:].any()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_cut_out_is_the_object_and_nothing_else(shape: str, tmp_path: Path) -> None:
    truth = SHAPES[shape]
    entry = segmented("a", result({"thing": [truth]}))
    write("cutouts", [entry], tmp_path)
    read = opened(tmp_path / "a" / "001-thing.png")
    rows, columns = np.nonzero(truth)
    box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    assert np.array_equal(read[..., 3], truth[box] * np.uint8(255))
    assert np.array_equal(read[truth[box]][:, :3], entry.image.pixels[box][truth[box]])
    assert not read[~truth[box]].any()


@pytest.mark.parametrize("export", ["cutouts", "picture"])
def test_what_is_drawn_on_needs_an_image(export: str) -> None:
    entry = Segmented("a", "a.jpg", result({"dog": [disc()]}))
    with pytest.raises(InvalidInputError, match="expected an image with its result"):
        list(EXPORTS[export].of_image(entry, ["dog"]))


def test_the_table_has_a_line_an_instance(tmp_path: Path) -> None:
    entries = [
        segmented("x/a, b", result({'big "dog"': [disc(), ring()], "=1+1": []})),
        segmented("none", result({'big "dog"': [], "=1+1": []})),
        segmented("c", result({'big "dog"': [], "=1+1": [pixels((99, 79))]})),
    ]
    write("csv", entries, tmp_path)
    with (tmp_path / "instances.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [(line["image"], line["instance"], line["concept"]) for line in lines] == [
        ("x/a, b.jpg", "1", 'big "dog"'),
        ("x/a, b.jpg", "2", 'big "dog"'),
        ("c.jpg", "1", "=1+1"),
    ]
    assert [float(line["score"]) for line in lines] == [0.9, 0.89, 0.9]
    assert [int(line["area"]) for line in lines] == [disc().sum(), ring().sum(), 1]
    assert [lines[2][edge] for edge in ("x0", "y0", "x1", "y1")] == ["99", "79", "100", "80"]
    assert {(line["height"], line["width"]) for line in lines} == {tuple(map(str, SIZE))}
