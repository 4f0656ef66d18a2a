"""`segment --export`: formats for other programs, and runs that go on."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import supervision as sv
from PIL import Image
from pycocotools.coco import COCO

from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import ConceptAnswer
from sam3_playground.formats.exports import EXPORTS
from tests.cli.conftest import Loader, run, save_discs
from tests.fakes import FakeSegmenter, disc_image

RED = ("--concept", "red")
ALL = ",".join(EXPORTS)


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def contents(folder: str = "out") -> dict[str, bytes]:
    """Every file below the folder that is not hidden, by its name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def coco(path: str = "out/coco/instances.json") -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(path)


def names_in(data: COCO) -> list[str]:
    return [one["file_name"] for one in data.loadImgs(data.getImgIds())]


class Interrupted(FakeSegmenter):
    """Answers so many times, and is then stopped as by Ctrl-C."""

    def __init__(self, answers: int) -> None:
        super().__init__()
        self.left = answers

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **options: object
    ) -> ConceptAnswer:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return super().segment_concepts(image, prompts, **options)


def five_images() -> list[str]:
    """Five different ones, in `photos` and a folder in it."""
    names = ["a.png", "b.jpg", "c.png", "x/a.png", "x/d.png"]
    for number, name in enumerate(names):
        path = Path("photos") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = disc_image([("red", 30 + 5 * number, 30, 15), ("blue", 100, 60, 12)])
        Image.fromarray(image.pixels).save(path)
    return names


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
    assert run("segment", "a.png", "--click=+30,30", "--export", "coco,yolo", "--out", "out") == 0
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


@pytest.mark.parametrize("answers", [0, 1, 3])
def test_an_interrupted_run_goes_on_and_ends_as_one_that_was_not(
    answers: int, loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    five_images()
    command = ("segment", "photos", "--recursive", *RED, "--export", "masks,coco,labelme,csv,yolo")
    assert run(*command, "--out", "whole") == 0
    loader.segmenter = Interrupted(answers)
    with pytest.raises((SystemExit, KeyboardInterrupt)):
        run_interrupted(*command, "--out", "out")
    assert not Path("out/coco").exists()
    assert not [*Path("out").rglob("*.partial*")]
    loader.segmenter = FakeSegmenter()
    capsys.readouterr()
    assert run(*command, "--out", "out") == 0
    assert len(loader.segmenter.calls) == 5 - answers
    earlier = f" ({answers} of them in an earlier run)" if answers else ""
    assert f"5 segmented{earlier}, 0 failed" in capsys.readouterr().err
    whole = {
        # What times and places differ in.
        name: content
        for name, content in contents("whole").items()
        if not name.startswith("labelme")
    }
    assert {name: it for name, it in contents("out").items() if name in whole} == whole
    assert contents("out").keys() == contents("whole").keys()


def run_interrupted(*arguments: str) -> None:
    code = run(*arguments)
    raise SystemExit(code)


def test_another_format_of_what_is_done_asks_the_network_nothing(loader: Loader) -> None:
    five_images()
    command = ("segment", "photos", *RED, "--out", "out")
    assert run(*command, "--export", "coco") == 0
    assert run(*command, "--export", "coco,masks,picture") == 0
    assert len(loader.segmenter.calls) == 3
    assert len([name for name in contents() if name.startswith("masks/")]) == 3


def test_a_changed_image_is_asked_for_again(loader: Loader) -> None:
    five_images()
    command = ("segment", "photos", *RED, "--out", "out", "--export", "masks")
    assert run(*command) == 0
    save_discs(Path("photos/c.png"))
    assert run(*command, "--overwrite") == 0
    assert len(loader.segmenter.calls) == 4
    assert "masks/c/002-red.png" in contents()


def test_a_result_that_cannot_be_read_any_more_is_asked_for_again(loader: Loader) -> None:
    five_images()
    command = ("segment", "photos", *RED, "--out", "out", "--export", "coco")
    assert run(*command) == 0
    before = contents()
    broken, missing, _ = sorted(Path("out/.sam3-results").rglob("*.json"))
    broken.write_text(broken.read_text()[:40])
    missing.unlink()
    assert run(*command, "--overwrite") == 0
    assert len(loader.segmenter.calls) == 5
    assert contents() == before


def test_other_requests_and_other_weights_are_asked_for_again(loader: Loader) -> None:
    save_discs(Path("a.png"))
    command = ("segment", "a.png", "--out", "out", "--export", "coco", "--overwrite")
    assert run(*command, *RED) == 0
    assert run(*command, "--concept", "blue") == 0
    assert run(*command, *RED, "--threshold", "0.4") == 0
    assert len(loader.segmenter.calls) == 3
    other = FakeSegmenter()
    Path("fake").write_bytes(b"other weights")  # where the fake says that its weights are
    loader.segmenter = other
    assert run(*command, *RED) == 0
    assert len(other.calls) == 1


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


def test_what_was_corrected_by_hand_is_kept_by_a_run_that_goes_on(
    loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    five_images()
    command = ("segment", "photos", *RED, "--out", "out", "--export", "labelme,coco")
    assert run(*command) == 0
    Path("out/labelme/b.json").write_text("corrected in an hour")
    assert run(*command) == 1
    assert "expected no other file at out/labelme/b.json" in capsys.readouterr().err
    assert Path("out/labelme/b.json").read_text() == "corrected in an hour"
    assert not [*Path("out").rglob("*.partial*")]


def test_another_request_does_not_replace_what_a_former_one_wrote(loader: Loader) -> None:
    save_discs(Path("a.png"))
    command = ("segment", "a.png", "--out", "out", "--export", "coco")
    assert run(*command, *RED) == 0
    before = contents()
    assert run(*command, "--concept", "blue") == 2
    Path("fake").write_bytes(b"other weights")
    assert run(*command, *RED) == 2
    assert contents() == before
    assert len(loader.segmenter.calls) == 1


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
