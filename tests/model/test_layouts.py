"""Files of every layout run as the network that they were made from; what lacks is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from sam3_playground.core.prompts import Click, VisualPrompt
from sam3_playground.core.segmenter import VisualAnswer
from sam3_playground.errors import CheckpointError, NoClicksError
from sam3_playground.model import Runner
from sam3_playground.model.checkpoint import load_checkpoint, write_checkpoint
from sam3_playground.model.inspecting import inspect_checkpoint
from sam3_playground.model.parts import is_of_clicks, needed
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.weights.resolving import WeightsInfo
from tests.model.conftest import PROMPTS, assert_same, noise_image, random_network
from tests.model.layout_files import (
    CLICK,
    LEAST,
    MADE,
    NECK,
    Made,
    Tensors,
    detector_only,
    learned,
    released,
    whole,
    without_tables,
)

CPU = torch.device("cpu")
IMAGE = noise_image(3)
CONCEPTS = (PROMPTS[0], PROMPTS[3])
VISUAL = VisualPrompt((Click(30, 40), Click(100, 90, positive=False)), (20.0, 10.0, 120.0, 100.0))


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    return whole(random_network(seed=1, config=LEAST))


@pytest.fixture(scope="module")
def truths(tensors: Tensors) -> dict[torch.dtype, LocalSegmenter]:
    """Of each kind of numbers that they may be rounded to."""
    return {kind: of(tensors, kind) for kind in {made.kind for made in MADE}}


@pytest.fixture(autouse=True)
def least(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that carry no sizes are of these."""
    for module in ("model.loading", "model.inspecting"):
        monkeypatch.setattr(f"sam3_playground.{module}.read_config", lambda _: LEAST)


def load(path: Path, **options: Any) -> LocalSegmenter:
    return load_segmenter(str(path), device="cpu", say=lambda _: None, **options)


def of(tensors: Tensors, kind: torch.dtype = torch.float32) -> LocalSegmenter:
    """A segmenter over a network that was given these by itself, without any file."""
    network = random_network(8, LEAST)
    rounded = {k: v.to(kind).float() for k, v in without_tables(tensors).items()}
    network.load_state_dict(rounded, strict=False)
    runner = Runner(network, LEAST, CPU)
    return LocalSegmenter(runner, WeightsInfo("x", False, Path("x")), cache_bytes=2**24)


def assert_same_concepts(one: LocalSegmenter, other: LocalSegmenter) -> None:
    found = one.segment_concepts(IMAGE, CONCEPTS, score_floor=0.0).candidates
    wanted = other.segment_concepts(IMAGE, CONCEPTS, score_floor=0.0).candidates
    for a, b in zip(found, wanted, strict=True):
        assert len(a.candidates) == LEAST.queries
        assert_same(a, b)


def assert_same_object(one: VisualAnswer, other: VisualAnswer) -> None:
    for a, b in zip(one.candidates.candidates, other.candidates.candidates, strict=True):
        assert a.score == pytest.approx(b.score, abs=1e-6)
        np.testing.assert_allclose(a.mask_logits, b.mask_logits, atol=1e-5)


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.file)
def test_a_file_of_every_layout_answers_as_its_network(
    made: Made, tensors: Tensors, truths: dict[torch.dtype, LocalSegmenter], tmp_path: Path
) -> None:
    path, truth = made.write(tmp_path, tensors), truths[made.kind]
    segmenter = load(path)
    found, wanted = (one.runner._network.state_dict() for one in (segmenter, truth))
    assert len(needed(tensors)) > 200
    for name in needed(tensors):
        if made.clicks or not is_of_clicks(name):
            assert torch.equal(found[name], wanted[name]), name
    assert_same_concepts(segmenter, truth)
    assert segmenter.weights.clicks is made.clicks
    if made.clicks:
        assert_same_object(
            segmenter.segment_visual(IMAGE, VISUAL), truth.segment_visual(IMAGE, VISUAL)
        )
    else:
        assert "SAM3_CLICK_WEIGHTS" in segmenter.weights.note
        with pytest.raises(NoClicksError, match=r"no click head.*--click-weights FILE"):
            segmenter.segment_visual(IMAGE, VISUAL)

    report = inspect_checkpoint(path)
    assert (report.layout, report.concepts, report.clicks) == (made.layout, True, made.clicks)
    assert report.precision == str(made.kind).removeprefix("torch.")
    assert report.missing == report.unused == ()


def test_another_network_answers_otherwise(tensors: Tensors) -> None:
    """The control: what is compared tells networks apart."""
    other = of(learned(random_network(seed=2, config=LEAST)))
    with pytest.raises(AssertionError):
        assert_same_concepts(of(tensors), other)
    with pytest.raises(AssertionError):
        assert_same_object(
            of(tensors).segment_visual(IMAGE, VISUAL), other.segment_visual(IMAGE, VISUAL)
        )


@pytest.mark.parametrize("layout", [released, dict], ids=["released", "own names"])
def test_the_click_head_of_another_file(
    layout: Any, tensors: Tensors, truths: dict[torch.dtype, LocalSegmenter], tmp_path: Path
) -> None:
    """Of any layout; concepts stay the file's own, and it takes the place of one that is there."""
    save_file(detector_only(tensors), tmp_path / "tuned.safetensors")
    other = learned(random_network(seed=2, config=LEAST))
    save_file(other, tmp_path / "whole.safetensors")
    save_file(layout(tensors | detector_only(other)), tmp_path / "clicks.safetensors")
    truth = truths[torch.float32]
    for name, concepts in (("tuned", truth), ("whole", of(other))):
        segmenter = load(
            tmp_path / f"{name}.safetensors", click_weights=str(tmp_path / "clicks.safetensors")
        )
        assert segmenter.weights.clicks
        assert "the click head of clicks.safetensors" in segmenter.weights.note
        assert_same_concepts(segmenter, concepts)
        if name == "tuned":
            assert_same_object(
                segmenter.segment_visual(IMAGE, VISUAL), truth.segment_visual(IMAGE, VISUAL)
            )


def narrowed(tensors: Tensors) -> Tensors:
    name = f"{CLICK}sam_mask_decoder.iou_token.weight"
    return tensors | {name: tensors[name][:, :7].clone()}


def without(*beginnings: str) -> Any:
    return lambda tensors: {k: v for k, v in tensors.items() if not k.startswith(beginnings)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (detector_only, "expected a file with a click head, got clicks.safetensors"),
        (narrowed, r"iou_token.weight of shape \(1, 32\) in clicks.safetensors, got \(1, 7\)"),
        (without(NECK), "in clicks.safetensors, got none for [0-9]+ of them: .*sam2_convs"),
        (
            without(f"{CLICK}no_mem_embed"),
            "in clicks.safetensors, got none for 1 of them: .*no_mem",
        ),
        (lambda _: {"image_encoder.trunk.x": torch.ones(3)}, "expected a SAM 3 checkpoint"),
    ],
    ids=["no head", "another size", "no neck", "half a head", "another model's"],
)
def test_a_click_head_that_does_not_do(
    change: Any, words: str, tensors: Tensors, tmp_path: Path
) -> None:
    save_file(tensors, tmp_path / "mine.safetensors")
    save_file(change(tensors), tmp_path / "clicks.safetensors")
    with pytest.raises(CheckpointError, match=words):
        load(tmp_path / "mine.safetensors", click_weights=str(tmp_path / "clicks.safetensors"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without("segmentation_head."), "got none of a mask head: the file finds boxes alone"),
        (
            without("transformer.", "dot_prod_scoring.", "segmentation_head.", "geometry_encoder."),
            "got a click head alone, which --click-weights takes",
        ),
        (without("segmentation_head.", CLICK, NECK), "got none of a mask head"),
        (
            without("transformer.decoder.presence_token."),
            "got none for 1 of them: .*presence_token",
        ),
        (without(f"{CLICK}no_mem_embed"), "got none for 1 of them: .*no_mem_embed"),
        (without(f"{NECK}0.conv_1x1.bias"), "got none for 1 of them: .*conv_1x1.bias"),
    ],
    ids=["boxes alone", "clicks alone", "boxes, no clicks", "concepts", "clicks", "click neck"],
)
def test_what_lacks_is_said_and_nothing_is_left_at_random(
    change: Any, words: str, tensors: Tensors, tmp_path: Path
) -> None:
    path = tmp_path / "mine.safetensors"
    save_file(change(tensors), path)
    with pytest.raises(CheckpointError, match=words):
        load(path)
    report = inspect_checkpoint(path)
    assert report.missing
    assert not report.concepts or not report.clicks


def test_what_only_video_needs_is_not_told_of(tensors: Tensors, tmp_path: Path) -> None:
    extra = {"detector.surprise": torch.ones(1)}
    for made in MADE:
        if made.file in {"multiplex.pt", "released.pt"}:
            torch.save(made.make(tensors) | extra, tmp_path / made.file)
            segmenter = load(tmp_path / made.file)
            assert segmenter.weights.note.startswith("1 entries of the file have no place")
            assert inspect_checkpoint(tmp_path / made.file).unused == ("surprise",)


def test_weights_without_click_head_are_written_and_read_again(
    tensors: Tensors, tmp_path: Path
) -> None:
    """And take no memory for one."""
    save_file(detector_only(tensors), tmp_path / "a.safetensors")
    network = random_network(3, LEAST)
    assert not load_checkpoint(network, tmp_path / "a.safetensors").clicks
    assert set(whole(network)) == set(detector_only(tensors))
    runner, full = Runner(network, LEAST, CPU), Runner(random_network(3, LEAST), LEAST, CPU)
    assert runner.encode(IMAGE).clicks == ()
    assert runner.encode(IMAGE).byte_count < full.encode(IMAGE).byte_count
    write_checkpoint(tmp_path / "b.safetensors", network, LEAST)
    assert set(load_file(tmp_path / "b.safetensors")) == set(needed(learned(network)))
    assert not load(tmp_path / "b.safetensors").weights.clicks
