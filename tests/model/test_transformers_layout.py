"""What transformers wrote runs here as there: the same weights, scores and masks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sam3_playground.core.candidates import ConceptCandidates
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.model import Runner
from sam3_playground.model.checkpoint import expected_tensors, load_checkpoint, read_checkpoint
from sam3_playground.model.config import PUBLISHED
from sam3_playground.model.inspecting import inspect_checkpoint
from sam3_playground.model.layouts import layout_of
from sam3_playground.model.network import build_network
from sam3_playground.model.parts import needed
from sam3_playground.model.prompt_tensors import click_tensors, exemplar_tensors
from sam3_playground.model.refusals import check_usable
from sam3_playground.model.texts import read_words
from tests.model.conftest import BOX, NEGATIVE, look, noise_image
from tests.model.layout_files import LEAST, Tensors, write_shards
from tests.model.transformers_models import (
    detector_model,
    randomised,
    saved,
    tracker_model,
    video_model,
)

CPU = torch.device("cpu")
IMAGE = noise_image(3)
DETECTOR, TRACKER = "detector_model.", "tracker_model."


@pytest.fixture(scope="module")
def theirs() -> Any:
    """`Sam3VideoModel`: a detector and a tracker."""
    torch.manual_seed(1)
    model: Any = randomised(video_model(LEAST))
    tracker = model.tracker_model
    # Two copies of one table, in the published file as well.
    copied = tracker.prompt_encoder.shared_embedding.positional_embedding
    tracker.shared_image_embedding.positional_embedding.copy_(copied)
    return model


@pytest.fixture(scope="module")
def runner(theirs: Any, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """Over the weights that it saved."""
    return runner_of(saved(theirs), tmp_path_factory.mktemp("video"))


def runner_of(tensors: Tensors, folder: Path) -> Runner:
    save_file(tensors, folder / "model.safetensors")
    network = build_network(LEAST)
    load_checkpoint(network, folder / "model.safetensors")
    return Runner(network, LEAST, CPU)


def pixels(runner: Runner) -> torch.Tensor:
    """The image as both networks take it."""
    transformed: torch.Tensor = runner._transform(
        torch.from_numpy(IMAGE.pixels.copy()).permute(2, 0, 1)
    )
    return transformed[None]


def assert_parity(found: ConceptCandidates, said: Any) -> None:
    """All queries, scores and logits; a candidate's id is its query's place."""
    assert len(found.candidates) == LEAST.queries
    scores = (said.pred_logits.sigmoid() * said.presence_logits.sigmoid())[0]
    masks = said.pred_masks[0].clamp(-32, 32).numpy()
    assert float(np.std(masks)) > 0.01
    for candidate in found.candidates:
        assert candidate.score == pytest.approx(float(scores[candidate.id]), abs=1e-6)
        np.testing.assert_allclose(candidate.mask_logits, masks[candidate.id], atol=1e-4)


@pytest.mark.parametrize(
    "prompt",
    [ConceptPrompt("red circle"), ConceptPrompt(None, (BOX,)), ConceptPrompt("a", (NEGATIVE, BOX))],
    ids=["words", "box", "words and boxes"],
)
def test_concepts_have_the_same_scores_and_masks(
    prompt: ConceptPrompt, theirs: Any, runner: Runner
) -> None:
    (found,) = look(runner, IMAGE, [prompt], score_floor=0.0)
    tokenizer = runner._network.backbone.language_backbone.tokenizer
    tokens = tokenizer([read_words(prompt)], context_length=LEAST.text_context)
    boxes = exemplar_tensors([prompt], IMAGE.size, CPU)
    around, labels = boxes.boxes.transpose(0, 1), boxes.labels.transpose(0, 1)
    if not prompt.exemplars:
        # The package has the token of "no more boxes" in each prompt; transformers leaves it
        # out where there are none, but not where all of them are padding, which is label -10.
        around, labels = torch.zeros(1, 1, 4), torch.full((1, 1), -10)
    with torch.inference_mode():
        said = theirs.detector_model(
            pixel_values=pixels(runner),
            input_ids=tokens,
            attention_mask=(tokens != 0).long(),
            input_boxes=around,
            input_boxes_labels=labels,
        )
    assert_parity(found, said)


@pytest.mark.parametrize(
    "prompt",
    [
        VisualPrompt((Click(30, 40),)),
        VisualPrompt((Click(30, 40), Click(100, 90, positive=False)), (20.0, 10.0, 120.0, 100.0)),
    ],
    ids=["click", "clicks and box"],
)
def test_clicks_have_the_same_scores_and_masks(
    prompt: VisualPrompt, theirs: Any, runner: Runner
) -> None:
    found = runner.propose_visual(runner.encode(IMAGE), prompt, multimask=True)
    clicks: Any = tracker_model(LEAST)
    assert clicks.load_state_dict(clicks_of(theirs), strict=False).missing_keys == []
    points, labels = click_tensors(prompt, IMAGE.size, LEAST.image_size, CPU)
    with torch.inference_mode():
        levels = clicks.get_image_embeddings(pixels(runner))
        # The package adds it to the level that is read; transformers to one that is dropped.
        levels[-1] = levels[-1] + clicks.no_memory_embedding.view(1, -1, 1, 1)
        said = clicks(
            image_embeddings=levels,
            input_points=points[:, None],
            input_labels=labels[:, None],
            multimask_output=True,
        )
    masks = said.pred_masks[0, 0].clamp(-32, 32).numpy()
    assert float(np.std(masks)) > 1e-3
    for candidate in found.candidates:
        place = candidate.id - 1
        assert candidate.score == pytest.approx(float(said.iou_scores[0, 0, place]), abs=1e-5)
        np.testing.assert_allclose(candidate.mask_logits, masks[place], atol=1e-5)


def clicks_of(model: Any) -> Tensors:
    """Under the names of `Sam3TrackerModel`."""
    trunk = f"{DETECTOR}vision_encoder.backbone."
    named = {}
    for name, tensor in saved(model).items():
        if name.startswith(trunk):
            named[name.removeprefix(DETECTOR)] = tensor
        elif name.startswith("tracker_neck."):
            named["vision_encoder.neck." + name.removeprefix("tracker_neck.")] = tensor
        elif name.startswith(TRACKER):
            named[name.removeprefix(TRACKER)] = tensor
    return named


def without_text_model(tensors: Tensors) -> Tensors:
    """As some versions name it."""
    long, short = "text_encoder.text_model.", "text_encoder."
    assert any(long in name for name in tensors)
    return {name.replace(long, short): tensor for name, tensor in tensors.items()}


def detector_of(tensors: Tensors) -> Tensors:
    """As `Sam3Model` saves itself."""
    return {
        name.removeprefix(DETECTOR): tensor
        for name, tensor in tensors.items()
        if name.startswith(DETECTOR)
    }


@pytest.mark.parametrize(
    ("change", "layout", "clicks"),
    [
        (without_text_model, "transformers Sam3VideoModel", True),
        (detector_of, "transformers Sam3Model", False),
        (lambda it: detector_of(without_text_model(it)), "transformers Sam3Model", False),
    ],
    ids=["other names", "Sam3Model", "Sam3Model, other names"],
)
def test_what_else_it_writes_fills_the_same_network(
    change: Callable[[Tensors], Tensors],
    layout: str,
    *,
    clicks: bool,
    theirs: Any,
    runner: Runner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sam3_playground.model.inspecting.read_config", lambda _: LEAST)
    path = write_shards(tmp_path / "model.safetensors.index.json", change(saved(theirs)))
    report = inspect_checkpoint(path)
    assert (report.layout, report.concepts, report.clicks) == (layout, True, clicks)
    assert report.missing == report.unused == ()
    found, wanted = read_checkpoint(path).tensors, runner._network.state_dict()
    assert len(found) > 200
    for name, tensor in found.items():
        assert torch.equal(tensor, wanted[name]), name


def test_the_tracker_alone_is_a_click_head(theirs: Any, runner: Runner, tmp_path: Path) -> None:
    """For `--click-weights`."""
    save_file(saved(theirs), tmp_path / "whole.safetensors")
    save_file(clicks_of(theirs), tmp_path / "clicks.safetensors")
    assert read_checkpoint(tmp_path / "clicks.safetensors").layout.endswith("Sam3TrackerModel")
    network = build_network(LEAST)
    load_checkpoint(
        network, tmp_path / "whole.safetensors", clicks_from=tmp_path / "clicks.safetensors"
    )
    found, wanted = network.state_dict(), runner._network.state_dict()
    for name in needed(expected_tensors(LEAST).learned):
        assert torch.equal(found[name], wanted[name]), name


@pytest.mark.parametrize(
    ("make", "clicks"), [(video_model, True), (detector_model, False)], ids=["video", "image"]
)
def test_every_name_is_known_at_the_published_size(
    make: Callable[..., Any], *, clicks: bool
) -> None:
    """By forms alone, without memory for 860 million numbers."""
    with torch.device("meta"):
        tensors = make(PUBLISHED).state_dict()
    check_usable("a.pt", {name: torch.ones(1) for name in tensors})
    layout = layout_of(tensors)
    assert layout is not None
    found, expected = layout.convert(tensors), expected_tensors(PUBLISHED)
    assert {name: it.shape for name, it in found.items()} == {
        name: expected.tensors[name].shape for name in found
    }
    missing = needed(expected.learned - found.keys())
    assert (missing == []) is clicks
    assert all(name.startswith(("inst_interactive", "backbone.vision")) for name in missing)
