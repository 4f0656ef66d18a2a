"""What the page saves: the files that other programs read, of just what the page shows."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from sam3_playground.core.results import Result
from sam3_playground.formats import bundle
from sam3_playground.formats.exports import EXPORTS
from sam3_playground.ui.state import read_ask
from tests.servers import page_state
from tests.ui.saved import SavingPage, read_coco


def bitmaps(result: Result) -> list[Any]:
    return [item.mask.to_bitmap() for item in result.instances]


def test_one_file_comes_as_it_is_and_pycocotools_reads_the_pages_masks(
    page: SavingPage, tmp_path: Path
) -> None:
    state = page_state(page.upload(), "red", "green")
    saved = page.save((state, "holiday/two é.jpg"), formats=["coco"])
    assert saved.headers["content-disposition"].endswith("''two%20%C3%A9-coco.json")
    coco = read_coco(saved.content, tmp_path)
    (image,) = coco.dataset["images"]
    assert (image["file_name"], image["width"], image["height"]) == ("two é.jpg", 220, 200)
    truth = page.truth(state)
    found = [coco.annToMask(one).astype(bool) for one in coco.dataset["annotations"]]
    assert len(found) == 3
    assert all(map(np.array_equal, found, bitmaps(truth)))
    assert [one["score"] for one in coco.dataset["annotations"]] == [
        item.score for item in truth.instances
    ]


def test_an_archive_has_a_folder_for_each_format_that_others_read(page: SavingPage) -> None:
    state = page_state(page.upload(), "red", "green")
    truth = page.truth(state)
    with page.archive((state, "discs.png"), formats=["yolo", "cutouts"]) as found:
        names = found.namelist()
        labels = found.read("yolo/labels/discs.txt").decode().splitlines()
        cut = [
            np.asarray(Image.open(found.open(name)))
            for name in names
            if name.startswith("cutouts/discs/")
        ]
        original = found.read("yolo/images/discs.png")
    assert original == page.uploads.path(state["image"]).read_bytes()
    for line, bitmap in zip(labels, bitmaps(truth), strict=True):
        _, *corners = map(float, line.split())
        points = np.array(corners).reshape(-1, 1, 2) * [220, 200]
        drawn = cv2.fillPoly(np.zeros((200, 220), np.uint8), [points.astype(np.int32)], 1)
        assert np.array_equal(drawn.astype(bool), bitmap)
    for picture, item in zip(cut, truth.instances, strict=True):
        assert np.array_equal(picture[..., 3] > 0, item.mask.bits)


@pytest.mark.parametrize("hidden", [["1:1"], ["1:1", "2:1"]])
def test_what_is_hidden_stays_out_of_every_format(
    hidden: list[str], page: SavingPage, tmp_path: Path
) -> None:
    state = page_state(page.upload(), "red", "green", hidden=hidden)
    left = 3 - len(hidden)
    with page.archive((state, "a.png"), formats=list(EXPORTS)) as found:
        files = {name: found.read(name) for name in found.namelist()}
    for name in ("coco", "coco-polygons"):
        assert len(read_coco(files[f"{name}/instances.json"], tmp_path).dataset["annotations"]) == (
            left
        )
    assert len(files["yolo/labels/a.txt"].splitlines()) == left
    assert len(files["csv/instances.csv"].splitlines()) == 1 + left
    for name in ("masks", "cutouts"):
        assert sum(file.startswith(f"{name}/") for file in files) == left
    assert len(json.loads(files["labelme/a.json"])["shapes"]) == left
    assert len(json.loads(files["indexed/a.json"])["instances"]) == left
    answered = json.loads(files["roboflow/a.json"])["prompt_results"]
    assert sum(len(one["predictions"]) for one in answered) == left
    drawn = np.asarray(Image.open(io.BytesIO(files["picture/a.png"])))
    plain = np.asarray(Image.open(page.uploads.path(state["image"])))
    assert (drawn[50, 50] == plain[50, 50]).all()
    assert (drawn[60, 150] != plain[60, 150]).any()


def test_the_picture_is_drawn_as_the_page_draws_it(page: SavingPage) -> None:
    state = page_state(page.upload(), "red", "green")
    plain = np.asarray(Image.open(page.uploads.path(state["image"])))
    nothing = {"masks": False, "outlines": False, "boxes": False, "labels": False}
    state["style"] |= nothing
    saved = page.save((state, "a.png"), formats=["picture"])
    assert saved.headers["content-type"] == "image/png"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(saved.content))), plain)
    colours = []
    for slot in (0, 3):
        state["style"] |= {"masks": True, "opacity": 1.0}
        state["concepts"][0]["slot"] = slot
        saved = page.save((state, "a.png"), formats=["picture"])
        colours.append(Image.open(io.BytesIO(saved.content)).convert("RGB").getpixel((50, 50)))
    assert colours == [(0xE6, 0x19, 0x4B), (0xFF, 0xB0, 0x00)]


def test_several_images_are_whole_and_told_apart(page: SavingPage, tmp_path: Path) -> None:
    one, other = page.upload(), page.upload([("green", 30, 30, 20)])
    images = [
        (page_state(one, "red", "green"), "../../etc/photo.png"),
        (page_state(other, "green"), "PHOTO.png"),
        (page_state(one), "C:\\temp\\con.jpg"),
        (page_state(one, "green"), "\u202e\n"),
    ]
    with page.archive(*images, formats=["coco", "csv", "masks", "yolo"]) as found:
        names = found.namelist()
        coco = read_coco(found.read("coco/instances.json"), tmp_path)
        yolo = [name for name in names if name.startswith("yolo/labels/")]
    assert len(names) == len({name.casefold() for name in names})
    assert {name.partition("/")[0] for name in names} == {"coco", "csv", "masks", "yolo"}
    assert not any(part in name for name in names for part in ("..", "\\", "\n", "etc"))
    assert yolo == [f"yolo/labels/{name}.txt" for name in ("photo", "PHOTO-2", "_con", "__")]
    per_image = [len(coco.getAnnIds(imgIds=[image["id"]])) for image in coco.dataset["images"]]
    assert per_image == [3, 1, 0, 1]
    assert [one["name"] for one in coco.dataset["categories"]] == ["red", "green"]
    assert len({one["file_name"].casefold() for one in coco.dataset["images"]}) == 4


def test_the_network_is_not_asked_for_what_the_page_knows(page: SavingPage) -> None:
    state = page_state(page.upload(), "red", "green")
    list(page.responder.respond(read_ask(state), page.sessions.of("visitor")))
    calls = len(page.segmenter.calls)
    known = page.sessions.byte_count
    first = page.save((state, "a.png"), formats=["coco"]).content
    assert len(page.segmenter.calls) == calls
    assert page.sessions.byte_count == pytest.approx(known, rel=0.2)
    page.sessions.drop("visitor")  # as after half an hour, or a new start
    assert page.save((state, "a.png"), formats=["coco"]).content == first
    assert len(page.segmenter.calls) > calls
    assert (len(page.sessions), page.sessions.byte_count) == (0, 0)


def test_images_are_held_one_at_a_time_and_take_turns(page: SavingPage) -> None:
    images = [
        (page_state(page.upload([("red", 40 + place, 50, 20)]), "red"), f"{place}.png")
        for place in range(5)
    ]
    page.archive(*images, formats=["picture", "coco"])
    assert page.segmenter.alive == [1] * 5
    visitors = {visitor for visitor, _ in page.turns.taken}
    assert len(visitors) == len(page.turns.taken) == 5
    assert {address for _, address in page.turns.taken} == {"127.0.0.1"}
    assert len(page.turns) == 0


def test_many_results_go_to_the_disk(
    page: SavingPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "IN_MEMORY", 100)
    states = [(page_state(page.upload(), "red", "green"), f"{n}.png") for n in range(3)]
    with page.archive(*states, formats=["coco", "csv"]) as found:
        assert len(read_coco(found.read("coco/instances.json"), tmp_path).getAnnIds()) == 9
        assert len(found.read("csv/instances.csv").splitlines()) == 10
