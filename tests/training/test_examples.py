"""The bundled example scenes are what their list says they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from training.examples import EXAMPLES, Example, draw_example, entry, indices_of

FOLDER = Path(__file__).parents[2] / "assets" / "examples"
ENTRIES: dict[str, dict[str, Any]] = {
    item["file"]: item
    for item in json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))
    if item["kind"] == "scene"
}


def test_every_example_is_listed_and_every_listed_file_is_there() -> None:
    assert len(EXAMPLES) >= 6
    assert list(ENTRIES) == [f"{example.name}.jpg" for example in EXAMPLES]
    for name in ENTRIES:
        assert 0 < (FOLDER / name).stat().st_size < 400_000


def test_examples_come_in_several_aspect_ratios() -> None:
    assert len({height / width for height, width in (item.size for item in EXAMPLES)}) >= 3


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_its_seed_redrawn(example: Example) -> None:
    scene = draw_example(example)
    listed = ENTRIES[f"{example.name}.jpg"]
    drawn = json.loads(json.dumps(entry(example, scene)))
    for key in ("title", "seed", "size", "concepts", "counts", "kinds"):
        assert listed[key] == drawn[key]
    # Resampling differs by a pixel between processors.
    np.testing.assert_allclose(boxes_of(listed), boxes_of(drawn), atol=2)
    with Image.open(FOLDER / listed["file"]) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape == scene.image.shape
    assert np.abs(pixels - scene.image).mean() < 5  # JPEG's own loss

    for concept, (x, y) in zip(listed["concepts"], listed["clicks"], strict=True):
        assert listed["counts"][concept] == len(indices_of(scene, concept)) > 0
        assert scene.label_map[int(y), int(x)] - 1 in indices_of(scene, concept)


def boxes_of(item: dict[str, Any]) -> list[list[float]]:
    return [item["exemplar"], *(obj["box_xyxy"] for obj in item["objects"])]


def test_photographs_are_free_and_name_their_source() -> None:
    photographs = json.loads((FOLDER / "photographs.json").read_text(encoding="utf-8"))
    assert len(photographs) >= 3
    for item in photographs:
        assert item["licence"] in {"CC0", "Public domain"}
        assert item["source"]
        assert item["kind"] == "photo"
        with Image.open(FOLDER / item["file"]) as image:
            inside = [0 < x < image.width and 0 < y < image.height for x, y in item["clicks"]]
        assert inside
        assert all(inside)
