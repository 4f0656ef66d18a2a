"""The command line as a script would use it: outputs, exit codes, messages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sam3_playground.cli.main import main
from sam3_playground.cli.parsing import concept_prompts, parse_click, visual_prompt
from sam3_playground.cli.plan import output_names
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar
from sam3_playground.errors import InvalidPromptError
from tests.fakes import FakeSegmenter, disc_image

DISCS = [("red", 30, 30, 15), ("red", 100, 40, 12), ("blue", 60, 90, 20)]


@pytest.fixture
def segmenter(monkeypatch: pytest.MonkeyPatch) -> FakeSegmenter:
    fake = FakeSegmenter()
    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: fake)
    return fake


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "discs.png"
    Image.fromarray(disc_image(DISCS).pixels).save(path)
    return path


def run(*arguments: object) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    code = stop.value.code
    return code if isinstance(code, int) else 0


def test_json_holds_every_instance_of_every_concept(
    picture: Path, segmenter: FakeSegmenter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("segment", picture, "--concept", "red,blue", "--concept", "green", "--json") == 0
    out, err = capsys.readouterr()
    response = json.loads(out)
    counts = [len(result["predictions"]) for result in response["prompt_results"]]
    assert counts == [2, 1, 0]
    assert "2 x red, 1 x blue, no green" in err
    assert len(segmenter.calls) == 1


def test_threshold_and_format_reach_the_answer(
    picture: Path, segmenter: FakeSegmenter, capsys: pytest.CaptureFixture[str]
) -> None:
    run("segment", picture, "--concept", "red", "--threshold", 0.85, "--format", "rle", "--json")
    (found,) = json.loads(capsys.readouterr().out)["prompt_results"][0]["predictions"]
    assert found["confidence"] == pytest.approx(0.9)
    assert found["masks"]["size"] == [120, 160]


def test_an_exemplar_finds_its_like(
    picture: Path, segmenter: FakeSegmenter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("segment", picture, "--exemplar=+15,15,45,45", "--json") == 0
    (result,) = json.loads(capsys.readouterr().out)["prompt_results"]
    assert result["echo"]["num_boxes"] == 1
    assert len(result["predictions"]) == 2


def test_a_click_gives_one_object(
    picture: Path, segmenter: FakeSegmenter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("segment", picture, "--click=+60,90", "--click=-5,5", "--json") == 0
    response = json.loads(capsys.readouterr().out)
    assert len(response["predictions"]) == 1
    assert segmenter.calls[0].clicks == (Click(60, 90), Click(5, 5, positive=False))


def test_out_holds_a_picture_and_a_document_for_each_image(
    picture: Path, segmenter: FakeSegmenter, tmp_path: Path
) -> None:
    other = tmp_path / "more" / "discs.png"
    other.parent.mkdir()
    other.write_bytes(picture.read_bytes())
    out = tmp_path / "out"
    assert run("segment", picture, other, "--concept", "red", "--out", out) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "discs-2.json",
        "discs-2.png",
        "discs.json",
        "discs.png",
    ]
    drawn = np.asarray(Image.open(out / "discs.png"))
    assert drawn.shape == (120, 160, 3)
    assert (drawn != disc_image(DISCS).pixels).any()


def test_an_input_is_never_overwritten(
    picture: Path, segmenter: FakeSegmenter, capsys: pytest.CaptureFixture[str]
) -> None:
    before = picture.read_bytes()
    assert run("segment", picture, "--concept", "red", "--out", picture.parent) == 2
    assert picture.read_bytes() == before
    assert "overwrite" in capsys.readouterr().err


def test_one_bad_image_does_not_stop_the_others(
    picture: Path, segmenter: FakeSegmenter, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("no image")
    assert run("segment", bad, picture, "--concept", "red", "--json") == 3
    out, err = capsys.readouterr()
    (line,) = out.splitlines()
    assert json.loads(line)["image"] == str(picture)
    assert "error: expected an image" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected --concept"),
        (["--concept", "dog", "--click=1,1"], "got both"),
        (["--concept", "dog", "--threshold", "1.5"], "expected --threshold in [0, 1], got 1.5"),
        (["--concept", "dog", "--nms", "sideways"], "expected NMS to be off, within, across"),
        (["--concept", "dog", "--iou", "-1"], "expected --iou in [0, 1]"),
        (["--concept", "dog", "--format", "png"], "expected format auto, polygon"),
        (["--click=5"], "expected a click as x,y, got '5'"),
        (["--click=a,b"], "expected a click as x,y, got 'a,b'"),
        (["--box=1,2,3"], "expected a box as x0,y0,x1,y1, got '1,2,3'"),
        (["--box=5,5,1,1"], "x0 < x1"),
        (["--exemplar=+1,2,3"], "expected an exemplar box"),
        (["--concept", "x" * 300], "at most 256 characters, got 300"),
    ],
)
def test_wrong_requests_exit_with_2_and_say_what_was_expected(
    arguments: list[str],
    message: str,
    picture: Path,
    segmenter: FakeSegmenter,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("segment", picture, *arguments) == 2
    assert message in capsys.readouterr().err
    assert segmenter.calls == []


def test_missing_weights_exit_with_4(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("segment", picture, "--concept", "dog", "--weights", "nothing.pt") == 4
    assert "expected a checkpoint file" in capsys.readouterr().err


def test_version_and_help_load_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert run("--version") == 0
    assert run("segment", "--help") == 0


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_training_is_no_part_of_the_playground(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command, "--help") == 2
    assert f"No such command '{command}'" in capsys.readouterr().err


PLUS, MINUS = Exemplar((1, 2, 3, 4)), Exemplar((1, 2, 3, 4), positive=False)


@pytest.mark.parametrize(
    ("concepts", "exemplars", "expected"),
    [
        (["a, b", "b"], [], [ConceptPrompt("a"), ConceptPrompt("b")]),  # commas, doubles
        (["a，b", "c；b、a\nd"], [], [ConceptPrompt(name) for name in "abcd"]),
        ([], ["+1,2,3,4", "-1,2,3,4"], [ConceptPrompt(None, (PLUS, MINUS))]),
        (["a"], ["1,2,3,4"], [ConceptPrompt("a", (PLUS,))]),
        (["a", "b"], ["b:-1,2,3,4"], [ConceptPrompt("a"), ConceptPrompt("b", (MINUS,))]),
    ],
)
def test_exemplars_belong_to_their_concept(
    concepts: list[str], exemplars: list[str], expected: list[Any]
) -> None:
    assert concept_prompts(concepts, exemplars) == expected


@pytest.mark.parametrize("exemplar", ["+1,2,3,4", "c:1,2,3,4"])
def test_an_exemplar_of_no_known_concept_is_refused(exemplar: str) -> None:
    with pytest.raises(InvalidPromptError, match="expected"):
        concept_prompts(["a", "b"], [exemplar])


def test_signs_of_clicks() -> None:
    assert parse_click("1,2") == parse_click("+1,2") == Click(1, 2)
    assert parse_click("-1,2") == Click(1, 2, positive=False)
    assert visual_prompt([], "0,0,5,5").box_xyxy == (0, 0, 5, 5)


def test_equal_names_of_images_get_numbers() -> None:
    paths = [Path("a/x.jpg"), Path("b/X.png"), Path("x.jpg"), Path("y.png")]
    assert output_names(paths) == ["x", "X-2", "x-3", "y"]
