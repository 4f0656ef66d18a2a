"""Folders, patterns, and runs over many files of which some are broken."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from sam3_playground.cli.plan import find_images, image_suffixes, output_names
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import ConceptAnswer
from sam3_playground.errors import InvalidImageError
from tests.cli.conftest import Loader, run, save_discs
from tests.fakes import FakeSegmenter


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def found(*named: str, recursive: bool = False, out: str | None = None) -> list[str]:
    tasks = find_images(
        [Path(name) for name in named], recursive=recursive, out=None if out is None else Path(out)
    )
    return [str(task.image) for task in tasks]


def test_a_folder_means_the_images_right_in_it_in_natural_order() -> None:
    touch("p/b10.jpg", "p/b9.JPG", "p/A.png", "p/notes.txt", "p/.hidden.jpg", "p/deep/c.webp")
    assert found("p") == ["p/A.png", "p/b9.JPG", "p/b10.jpg"]
    assert found("p", recursive=True) == ["p/A.png", "p/b9.JPG", "p/b10.jpg", "p/deep/c.webp"]


def test_hidden_folders_links_to_folders_and_the_outputs_own_are_left_out() -> None:
    touch("p/a.jpg", "p/.trash/b.jpg", "p/out/a.png", "p/x/out/c.png")
    Path("p/again").symlink_to(".", target_is_directory=True)
    os.mkfifo("p/pipe.jpg")  # reading it would wait for ever
    assert found("p", recursive=True, out="p/out") == ["p/a.jpg", "p/x/out/c.png"]


def test_a_pattern_that_no_shell_has_expanded_means_the_files_that_match() -> None:
    touch("p/b10.jpg", "p/b9.jpg", "p/c.png", "p/.hidden.jpg", "p/deep/b1.jpg", "p/[1].jpg")
    assert found("p/b*.jpg") == ["p/b9.jpg", "p/b10.jpg"]
    assert found("p/**/b*.jpg") == ["p/b9.jpg", "p/b10.jpg", "p/deep/b1.jpg"]
    assert found(str(Path("p").absolute() / "*.png")) == [str(Path("p").absolute() / "c.png")]
    assert found("p/[1].jpg") == ["p/[1].jpg"]  # a file of that very name
    assert found("p/z*.jpg") == ["p/z*.jpg"]  # none: an image that is missing


def test_what_is_named_twice_is_taken_once_and_in_the_order_named() -> None:
    touch("p/a.jpg", "p/b.jpg")
    assert found("p/b.jpg", "p", "./p/b.jpg") == ["p/b.jpg", "p/a.jpg"]


def test_a_folder_without_images_is_said_before_anything_is_done(
    loader: Loader, capsys: pytest.CaptureFixture[str]
) -> None:
    touch("p/deep/a.jpg")
    with pytest.raises(InvalidImageError, match=r"images in p \(--recursive .*\), got none"):
        found("p")
    assert run("segment", "p", "--concept", "red") == 3
    assert loader.loads == 0


def test_a_folders_suffixes_are_those_of_the_formats_that_are_opened() -> None:
    assert {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".avif"} <= image_suffixes()
    assert not {".pdf", ".eps", ".txt", ".json"} & image_suffixes()


def test_outputs_lie_as_the_images_do() -> None:
    assert output_names(
        [Path("p/a.jpg"), Path("p/x/a.jpg"), Path("q/x/A.png"), Path("a.gif")],
        [Path(), Path("x"), Path("x"), Path()],
    ) == ["a", "x/a", "x/A-2", "a-2"]


def test_a_folder_goes_into_folders_like_its_own(loader: Loader, tmp_path: Path) -> None:
    for name in ("p/a.png", "p/x/a.png", "p/x/b.jpg"):
        save_discs(tmp_path / name)
    assert run("segment", "p", "--recursive", "--concept", "red", "--out", "out") == 0
    out = tmp_path / "out"
    written = sorted(str(path.relative_to(out)) for path in out.rglob("*.*"))
    assert written == ["a.json", "a.png", "x/a.json", "x/a.png", "x/b.json", "x/b.png"]


class TroubledSegmenter(FakeSegmenter):
    """Fails as torch does at images of one size."""

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **options: object
    ) -> ConceptAnswer:
        if image.size == (7, 7):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        if image.size == (9, 9):
            raise MemoryError
        return super().segment_concepts(image, prompts, **options)


def folder_of_three_hundred() -> dict[str, str]:
    """Fills `photos`; the broken ones, in their order, and a word of what is said of each."""
    whole = save_discs(Path("photos/000.png"))
    for number in range(1, 300):
        shutil.copy(whole, f"photos/{number:03}.png")
    Path("photos/040.png").write_text("no image at all")
    Path("photos/041.png").write_bytes(b"")
    Path("photos/100.png").unlink()
    Path("photos/100.png").symlink_to("nowhere.png")
    save_small(Path("photos/150.png"), 7)
    save_small(Path("photos/151.png"), 9)
    save_small(Path("photos/299.png"), 300)
    return {
        "photos/040.png": "expected an image",
        "photos/041.png": "expected an image",
        "photos/100.png": "o such file",
        "photos/150.png": "a network that failed",
        "photos/151.png": "too little memory",
        "photos/299.png": "at most 20,000 pixels",
    }


def save_small(path: Path, side: int) -> None:
    Image.new("RGB", (side, side)).save(path)


def test_three_hundred_files_with_broken_ones_end_with_a_summary(
    loader: Loader, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loader.segmenter = TroubledSegmenter()
    monkeypatch.setenv("SAM3_MAX_PIXELS", "20000")
    broken = folder_of_three_hundred()
    assert run("segment", "photos", "--concept", "red", "--out", "out", "--json") == 3
    out, err = capsys.readouterr()
    documents = [json.loads(line) for line in out.splitlines()]
    assert len(documents) == 294
    assert not {document["image"] for document in documents} & set(broken)
    assert len(list(Path("out").iterdir())) == 2 * 294
    *failures, summary = err.splitlines()[-len(broken) - 1 :]
    assert summary == "294 segmented, 6 failed"
    for line, (path, reason) in zip(failures, broken.items(), strict=True):
        assert line.startswith(f"failed: {path}: ")
        assert reason in line
    assert "Traceback" not in err
    assert "Allocator" not in err


def test_the_exit_code_is_the_first_failures(loader: Loader) -> None:
    loader.segmenter = TroubledSegmenter()
    save_small(Path("a.png"), 7)
    Path("b.png").write_text("no image")
    assert run("segment", "a.png", "b.png", "--concept", "red") == 1
    assert run("segment", "b.png", "a.png", "--concept", "red") == 3
