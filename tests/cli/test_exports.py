"""`segment --export`: formats for other programs, and runs that go on."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import supervision as sv
from PIL import Image

from sam3_playground.formats.exports import EXPORTS
from tests.cli.conftest import Loader, run, save_discs
from tests.cli.exported import RED, coco, contents, five_images, names_in
from tests.fakes import disc_image

ALL = ",".join(EXPORTS)


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_folder_leaves_in_every_format(
    loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    names = five_images()
    command = ("segment", "photos", "--recursive", *RED, "--concept", "green", "--out", "out")
    assert run(*command, "--export", ALL) == 0
    err = capsys.readouterr().err
    assert "5 segmented, 0 failed" in err
    assert "written to out/coco" in err
    assert {path.name for path in Path("out").iterdir()} == {*EXPORTS, ".sam3-results"}
    data = coco()
    assert names_in(data) == names
    assert [one["name"] for one in data.loadCats(data.getCatIds())] == ["red", "green"]
    assert len(data.getAnnIds()) == 5
    written = contents()
    for place in ("a", "b", "c", "x/a", "x/d"):
        assert f"masks/{place}/001-red.png" in written
        assert f"yolo/labels/{place}.txt" in written
        for name in (f"labelme/{place}.json", f"indexed/{place}.png", f"picture/{place}.png"):
            assert name in written
    assert written["yolo/images/b.jpg"] == Path("photos/b.jpg").read_bytes()
    labelme = json.loads(written["labelme/x/a.json"])
    pointed = Path("out/labelme/x") / labelme["imagePath"]
    assert pointed.samefile("photos/x/a.png")
    lines = list(csv.DictReader(io.StringIO(written["csv/instances.csv"].decode())))
    assert [line["image"] for line in lines] == names


def test_an_export_holds_the_masks_that_the_json_has(
    loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    save_discs(Path("a.png"))
    command = ("segment", "a.png", *RED, "--json", "--format", "rle")
    assert run(*command, "--export", "coco", "--out", "out") == 0
    (found,) = json.loads(capsys.readouterr().out)["prompt_results"]
    data = coco()
    annotations = data.loadAnns(data.getAnnIds())
    assert [one["segmentation"] for one in annotations] == [
        *(one["masks"] for one in found["predictions"])
    ]
    assert [one["score"] for one in annotations] == [
        *(one["confidence"] for one in found["predictions"])
    ]


def test_one_object_leaves_as_one(loader: Loader) -> None:
    save_discs(Path("a.png"))
    assert run("segment", "a.png", "--click=+60,90", "--export", "coco,yolo", "--out", "out") == 0
    data = coco()
    assert [one["name"] for one in data.loadCats(data.getCatIds())] == ["object"]
    (annotation,) = data.loadAnns(data.getAnnIds())
    mask = data.annToMask(annotation).astype(bool)
    read = sv.DetectionDataset.from_yolo(
        "out/yolo/images", "out/yolo/labels", "out/yolo/data.yaml", force_masks=True
    )
    (detections,) = read.annotations.values()
    assert detections.mask is not None
    assert np.array_equal(np.asarray(detections.mask[0], bool), mask)


def test_a_bad_file_does_not_stop_the_others_and_is_in_no_export(
    loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    five_images()
    Path("photos/b.jpg").write_text("no image")
    command = ("segment", "photos", *RED, "--out", "out", "--export", "coco,yolo")
    assert run(*command) == 3
    assert "2 segmented, 1 failed" in capsys.readouterr().err
    assert names_in(coco()) == ["a.png", "c.png"]
    Path("photos/b.jpg").unlink()
    assert run(*command) == 0
    assert len(loader.segmenter.calls) == 2


def test_an_image_without_instances_appears(loader: Loader) -> None:
    Image.new("RGB", (30, 20)).save("dark.png")
    assert run("segment", "dark.png", *RED, "--out", "out", "--export", ALL) == 0
    data = coco()
    assert (names_in(data), data.getAnnIds()) == (["dark.png"], [])
    assert contents()["yolo/labels/dark.txt"] == b""


def test_two_images_of_one_name_are_told_apart(loader: Loader) -> None:
    for name in ("p/a.png", "q/a.png", "q/a.jpg"):
        save_discs(Path(name))
    assert run("segment", "p", "q", *RED, "--out", "out", "--export", "coco,yolo") == 0
    assert sorted(names_in(coco())) == ["a.jpg", "p/a.png", "q/a.png"]
    assert len([name for name in contents() if name.startswith("yolo/labels")]) == 3


def test_files_of_others_are_kept_until_they_may_be_replaced(
    loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    save_discs(Path("a.png"))
    Path("out/coco").mkdir(parents=True)
    Path("out/coco/instances.json").write_text("an annotation of hours")
    before = contents()
    command = ("segment", "a.png", *RED, "--out", "out", "--export", "coco")
    assert run(*command) == 2
    assert "--overwrite replaces files), got out/coco" in capsys.readouterr().err
    assert (contents(), loader.loads) == (before, 0)
    assert run(*command, "--overwrite") == 0
    assert names_in(coco()) == ["a.png"]


@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_an_input_is_never_in_an_exports_folder(
    more: list[str], loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    save_discs(Path("out/picture/a.png"))
    Path("other").symlink_to("out")
    before = contents()
    command = ("segment", "other/picture/a.png", *RED, "--export", "picture", *more)
    assert run(*command, "--out", "out") == 2
    assert "folders without inputs" in capsys.readouterr().err
    assert (contents(), loader.loads) == (before, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--export", "voc", "--out", "out"), "expected exports coco"),
        (("--export", "coco,,voc", "--out", "out"), "got voc"),
        (("--export", "", "--out", "out"), "expected a format after --export"),
        (("--export", "coco"), "expected --out"),
        (("--export", "coco", "--out", "a.png"), "which is none"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_weights_load(
    arguments: tuple[str, ...],
    message: str,
    loader: Loader,
    capsys: pytest.CaptureFixture[str],
) -> None:
    save_discs(Path("a.png"))
    assert run("segment", "a.png", *RED, *arguments) == 2
    assert message in capsys.readouterr().err
    assert loader.loads == 0


def test_the_formats_are_listed(loader: Loader, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("segment", "any.png", "--export", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(EXPORTS)
    assert loader.loads == 0


def test_a_turned_photograph_lies_among_the_images_as_it_is_seen(loader: Loader) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(disc_image([("red", 30, 30, 15)]).pixels).save("turned.jpg", exif=exif)
    assert run("segment", "turned.jpg", *RED, "--out", "out", "--export", "coco,yolo") == 0
    (seen,) = coco().loadImgs(1)
    with Image.open("out/yolo/images/turned.png") as image:
        assert image.size == (seen["width"], seen["height"]) == (120, 160)


def test_a_view_is_what_pictures_show(loader: Loader, capsys: pytest.CaptureFixture[str]) -> None:
    save_discs(Path("a.png"))
    assert run("segment", "a.png", *RED, "--out", "own", "--view", "cutout") == 0
    assert run("segment", "a.png", *RED, "--out", "out", "--export", "picture") == 0
    exporting = ("segment", "a.png", *RED, "--out", "out", "--export", "picture")
    assert run(*exporting, "--view", "cutout", "--overwrite") == 0
    corner = [Image.open(f"{place}/a.png").getpixel((1, 1)) for place in ("own", "out/picture")]
    assert corner == [(255, 255, 255)] * 2
    assert len(loader.segmenter.calls) == 2  # another view is no other question
    capsys.readouterr()
    assert run("segment", "a.png", *RED, "--view", "sepia") == 2
    assert "expected view overlay, cutout" in capsys.readouterr().err
    assert run("segment", "a.png", "--view", "list") == 0
    assert "blurred_background: blurred background\n" in capsys.readouterr().out
