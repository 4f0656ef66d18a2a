"""Weights that answer concepts alone refuse clicks at every door, alike and before any work."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from sam3_playground import Playground
from sam3_playground.cli.main import main
from sam3_playground.config import Settings
from sam3_playground.errors import CheckpointError, NoClicksError
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.pipeline.service import SegmenterService
from tests.api.conftest import Api, starting
from tests.fakes import FakeSegmenter, disc_image
from tests.request_doors import Refused, Wish, by_page

PICTURE = disc_image([("red", 40, 40, 20)])
REFUSAL = str(NoClicksError("tuned.pt"))


class ConceptsOnly(FakeSegmenter):
    def __init__(self) -> None:
        super().__init__()
        self.weights = replace(self.weights, name="tuned.pt", clicks=False)


@pytest.fixture
def segmenter(monkeypatch: pytest.MonkeyPatch) -> ConceptsOnly:
    fake = ConceptsOnly()
    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: fake)
    return fake


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Image.fromarray(PICTURE.pixels).save(tmp_path / "discs.png")
    return tmp_path / "discs.png"


def test_the_refusal_says_why_and_what_to_do() -> None:
    assert "got tuned.pt, which hold no click head" in REFUSAL
    assert "--click-weights FILE or SAM3_CLICK_WEIGHTS" in REFUSAL
    assert (NoClicksError.http_status, NoClicksError.exit_code) == (501, 4)
    assert not issubclass(NoClicksError, CheckpointError)  # nothing to fall back for


def test_in_python(segmenter: ConceptsOnly) -> None:
    playground = Playground(segmenter)
    with pytest.raises(NoClicksError) as refusal:
        playground.segment_visual(PICTURE, clicks=[(40, 40)])
    assert str(refusal.value) == REFUSAL
    assert not segmenter.embedded  # no image was encoded in vain
    assert len(playground.segment_concepts(PICTURE, "red")) == 1


def test_over_rest(segmenter: ConceptsOnly) -> None:
    with starting() as start:
        api: Api = start(segmenter=segmenter)
        answer = api.visual([{"points": [{"x": 40, "y": 40, "positive": True}]}])
        assert answer.status_code == 501
        assert answer.json() == {"detail": REFUSAL}
        assert not segmenter.embedded
        assert api.concept({"type": "text", "text": "red"}).status_code == 200
        documented = api.http.get("/openapi.json").json()["paths"]
        assert "501" in documented["/sam3/visual_segment"]["post"]["responses"]
        assert "501" not in documented["/sam3/concept_segment"]["post"]["responses"]


def test_on_the_command_line(
    segmenter: ConceptsOnly, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once, before any of the images is read."""
    (path.parent / "broken.png").write_bytes(b"no image")
    for options, code in (("--click=+40,40", 4), ("--box=20,20,60,60", 4)):
        with pytest.raises(SystemExit) as stop:
            main(["segment", str(path), str(path.parent / "broken.png"), options])
        assert stop.value.code == code
        assert capsys.readouterr().err.splitlines()[-1] == f"error: {REFUSAL}"
        assert not segmenter.embedded
    with pytest.raises(SystemExit) as stop:
        main(["segment", str(path), "--concept=red", "--json"])
    assert stop.value.code == 0
    assert json.loads(capsys.readouterr().out)["prompt_results"]


def test_on_the_page(segmenter: ConceptsOnly, path: Path) -> None:
    assert by_page(segmenter, path, Wish(points=((40, 40, True),))) == Refused(REFUSAL)
    assert not segmenter.embedded
    status = SegmenterService.of(segmenter).status
    assert not status.clicks
    assert SegmenterService.of(FakeSegmenter()).status.clicks


def test_the_file_with_a_click_head_is_named_alike_everywhere(
    monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    """By an option or by a variable; the option counts for more."""
    asked: list[object] = []

    def load(*_: object, **options: object) -> FakeSegmenter:
        asked.append(options["click_weights"])
        return FakeSegmenter()

    import sam3_playground

    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", load)
    monkeypatch.setenv("SAM3_CLICK_WEIGHTS", "some/by-variable")
    for options in ([], ["--click-weights=some/by-option"]):
        with pytest.raises(SystemExit):
            main(["segment", str(path), "--concept=red", *options])
    sam3_playground.load()
    sam3_playground.load(click_weights="some/by-argument")
    assert asked == ["some/by-variable", "some/by-option", "some/by-variable", "some/by-argument"]
    assert Settings.from_environment().click_weights == "some/by-variable"


def test_a_server_takes_the_option_too(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []

    def serve(settings: Settings) -> None:
        taken.append(settings.click_weights)

    monkeypatch.setattr("sam3_playground.cli.serve.serve_playground", serve)
    with pytest.raises(SystemExit):
        main(["serve", "--click-weights=by-option.pt"])
    assert taken == ["by-option.pt"]


def test_the_file_with_a_click_head_is_no_place_for_outputs(
    segmenter: ConceptsOnly, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = path.parent / "out" / "discs.json"
    weights.parent.mkdir()
    weights.write_bytes(b"weights")
    options = [f"--out={weights.parent}", "--overwrite", f"--click-weights={weights}"]
    with pytest.raises(SystemExit) as stop:
        main(["segment", str(path), "--concept=red", *options])
    assert stop.value.code == 2
    assert "discs.json" in capsys.readouterr().err
    assert weights.read_bytes() == b"weights"


def test_a_click_head_that_does_not_fit_keeps_no_server_from_starting(tmp_path: Path) -> None:
    """The bundled weights run with their own, and it is said why."""
    path = tmp_path / "boxes.safetensors"
    save_file({"detector.geometry_encoder.norm.bias": torch.ones(96)}, path)
    reason = "expected a file with a click head, got boxes.safetensors, which holds none"
    with pytest.raises(CheckpointError, match=reason):
        load_segmenter("tiny", click_weights=str(path), device="cpu", say=lambda _: None)
    running = load_segmenter(
        "tiny", click_weights=str(path), device="cpu", fall_back=True, say=lambda _: None
    ).weights
    assert running.fallback
    assert running.clicks
    assert running.note.startswith(f"{reason}. Running the bundled tiny checkpoint instead")
