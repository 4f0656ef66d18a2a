"""Exports that were interrupted, or are made again, go on with what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import ConceptAnswer
from tests.cli.conftest import Loader, run, save_discs
from tests.cli.exported import RED, coco, contents, five_images, names_in
from tests.fakes import FakeSegmenter


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


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


def test_what_was_corrected_by_hand_is_kept_and_all_else_is_written(
    loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    five_images()
    command = ("segment", "photos", *RED, "--out", "out", "--export")
    assert run(*command, "labelme,coco") == 0
    Path("out/labelme/b.json").write_text("corrected in an hour")
    before = contents()
    assert run(*command, "labelme,coco,masks") == 1
    assert "expected no other file at out/labelme/b.json" in capsys.readouterr().err
    after = contents()
    assert {name: after[name] for name in before} == before
    assert sorted(after.keys() - before.keys()) == [
        *(f"masks/{name}/001-red.png" for name in "abc"),
    ]
    assert names_in(coco()) == ["a.png", "b.jpg", "c.png"]
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


def test_files_about_all_images_grow_with_them(loader: Loader) -> None:
    five_images()
    command = ("segment", "photos", *RED, "--out", "out", "--export", "coco,csv")
    assert run(*command) == 0
    save_discs(Path("photos/more.png"))
    assert run(*command) == 0
    assert names_in(coco()) == ["a.png", "b.jpg", "c.png", "more.png"]
    assert len(loader.segmenter.calls) == 4
    Path("out/coco/instances.json").write_text("corrected in an hour")
    save_discs(Path("photos/and-more.jpg"))
    assert run(*command) == 1
    assert Path("out/coco/instances.json").read_text() == "corrected in an hour"
    assert b"and-more.jpg" in contents()["csv/instances.csv"]  # the others are written
