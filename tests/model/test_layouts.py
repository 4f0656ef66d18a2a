"""Files of every layout run as the network that they were made from; what lacks is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sam3_playground.core.prompts import Click, VisualPrompt
from sam3_playground.core.segmenter import VisualAnswer
from sam3_playground.errors import NoClicksError
from sam3_playground.model import Runner
from sam3_playground.model.inspecting import inspect_checkpoint
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.weights.resolving import WeightsInfo
from tests.model.conftest import PROMPTS, assert_same, noise_image, random_network
from tests.model.layout_files import (
    LEAST,
    MADE,
    Made,
    Tensors,
    learned,
)

IMAGE = noise_image(3)
CONCEPTS = (PROMPTS[0], PROMPTS[3])
VISUAL = VisualPrompt((Click(30, 40), Click(100, 90, positive=False)), (20.0, 10.0, 120.0, 100.0))


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    return learned(random_network(seed=1, config=LEAST))


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
    rounded = {name: value.to(kind).float() for name, value in tensors.items()}
    network.load_state_dict(rounded, strict=False)
    runner = Runner(network, LEAST, torch.device("cpu"))
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
