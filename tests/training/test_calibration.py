"""The presence bias is fitted so that few prompts for what is absent are answered."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Candidate, ConceptCandidates
from sam3_playground.model.checkpoint import load_checkpoint, read_config
from sam3_playground.model.network import build_network
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.model.weights import WeightsInfo, bundled_path
from sam3_playground.training.calibration import (
    fit_presence_shift,
    presence_shift,
    shift_presence,
    shift_to_answer,
)
from sam3_playground.training.scenes import CALIBRATION_SEED, EVAL_SEED, EXAMPLE_SEED, TRAIN_SEED
from tests.fakes import disc_image


def answered(presence: float, *alone: float) -> ConceptCandidates:
    """Candidates whose scores would be `alone` if the concept were certain to be there."""
    candidates = (Candidate(a * presence, np.ones((4, 4), np.float32), (8, 8)) for a in alone)
    return ConceptCandidates(ConceptPrompt("dog"), presence, tuple(candidates))


@pytest.mark.parametrize(
    ("candidates", "shift"),
    [
        (answered(0.5), math.inf),
        (answered(0.9, 0.4), math.inf),
        (answered(0.9, 0.5), math.inf),
        (answered(0.5, 0.99999, 0.2), 0.0),  # kept at a presence of one half: there already
        (answered(0.9, 0.625, 0.6), math.log(4) - math.log(9)),  # kept at a presence of 0.8
    ],
)
def test_the_shift_that_keeps_the_best_candidate(
    candidates: ConceptCandidates, shift: float
) -> None:
    assert shift_to_answer(candidates) == pytest.approx(shift, abs=1e-4)


def test_at_most_the_allowed_share_stays_answered() -> None:
    needed = [*np.linspace(-3.0, -0.1, 20), *[math.inf] * 80]
    shift = presence_shift(needed)
    assert sum(need <= shift for need in needed) == 4
    assert presence_shift([math.inf] * 10) == 0.0
    assert presence_shift([]) == 0.0
    assert presence_shift([1.0] * 10) == 0.0  # never raised


def test_calibration_has_a_seed_of_its_own() -> None:
    assert CALIBRATION_SEED not in {EVAL_SEED, EXAMPLE_SEED, TRAIN_SEED}


def test_a_shift_moves_presence_and_leaves_the_order() -> None:
    path = bundled_path()
    config = read_config(path)
    network = build_network(config)
    load_checkpoint(network, path)
    segmenter = Segmenter(
        network, config, WeightsInfo("x", False, path), device=torch.device("cpu"), cache_bytes=0
    )
    assert -10.0 < fit_presence_shift(segmenter, scenes=1) <= 0.0
    image = disc_image([("red", 40, 40, 20), ("blue", 110, 70, 25)])
    prompts = [ConceptPrompt("red circle"), ConceptPrompt("cat")]
    before = segmenter.segment_concepts(image, prompts, score_floor=0.0).candidates
    shift_presence(network, -1.5)
    after = segmenter.segment_concepts(image, prompts, score_floor=0.0).candidates
    for one, other in zip(before, after, strict=True):
        logits = [np.log(p / (1 - p)) for p in (one.presence_score, other.presence_score)]
        assert logits[1] - logits[0] == pytest.approx(-1.5, abs=1e-3)
        ratio = other.presence_score / one.presence_score
        for a, b in zip(one.candidates, other.candidates, strict=True):
            assert b.score == pytest.approx(a.score * ratio, abs=1e-6)
            np.testing.assert_array_equal(a.mask_logits, b.mask_logits)
