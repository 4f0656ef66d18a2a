"""The presence logit is fitted so that few prompts for what is absent are answered."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.masks import mask_from_bitmap
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.model.checkpoint import load_checkpoint, read_config
from sam3_playground.model.network import build_network
from sam3_playground.model.runner import Runner
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.weights.resolving import WeightsInfo, bundled_path
from scenes.scenes import CALIBRATION_SEED, EVAL_SEED, EXAMPLE_SEED, TRAIN_SEED
from tests.fakes import disc_image
from training.calibration import (
    ANSWERED,
    GAINS,
    Presence,
    Trial,
    best_presence,
    f1,
    fit_presence,
    presence_shift,
    set_presence,
    trial_of,
)


def trial(presence: float, *alone: float, found: tuple[int, ...] = (), wanted: int = 0) -> Trial:
    """Candidates of these own scores; each shows the object of its place in `found`."""
    overlaps = np.zeros((len(alone), wanted))
    for candidate, target in enumerate(found):
        overlaps[candidate, target] = 0.9
    return Trial(math.log(presence / (1 - presence)), np.array(alone), overlaps)


@pytest.mark.parametrize(
    ("asked", "gain", "shift"),
    [
        (trial(0.5), 1.0, math.inf),
        (trial(0.5, 0.99999), 4.0, 0.0),  # kept at a presence of one half: there already
        (trial(0.9, 0.6, 0.625), 1.0, math.log(4) - math.log(9)),  # kept at a presence of 0.8
        (trial(0.9, 0.6, 0.625), 2.0, math.log(4) - 2 * math.log(9)),
    ],
)
def test_the_shift_that_keeps_the_best_candidate(asked: Trial, gain: float, shift: float) -> None:
    assert asked.needed(gain) == pytest.approx(shift, abs=1e-4)
    if math.isfinite(shift):
        assert asked.counts(Presence(gain, shift + 1e-3))[0] > 0
        assert asked.counts(Presence(gain, shift - 1e-3))[0] == 0


def test_only_candidates_that_presence_decides_about_are_tried() -> None:
    mask = np.full((4, 4), 1.0, np.float32)
    candidates = tuple(Candidate(score, mask, (8, 8)) for score in (0.36, 0.19))
    answer = ConceptCandidates(ConceptPrompt("dog"), 0.4, candidates)
    everything = mask_from_bitmap(np.ones((8, 8), dtype=bool))
    tried = trial_of(answer, [everything])
    assert tried.logit == pytest.approx(math.log(0.4 / 0.6))
    np.testing.assert_allclose(tried.alone, [0.9])
    np.testing.assert_allclose(tried.overlaps, [[1.0]])
    assert trial_of(answer, []).overlaps.shape == (1, 0)


def test_one_object_counts_once() -> None:
    asked = trial(0.99, 0.9, 0.8, 0.7, found=(0, 0, 2), wanted=3)
    assert asked.counts(Presence()) == (3, 2)
    assert f1([asked], Presence()) == pytest.approx(4 / 6)
    assert f1([], Presence()) == 0.0


def test_at_most_the_allowed_share_stays_answered() -> None:
    needed = [*np.linspace(-3.0, -0.1, 20), *[math.inf] * 80]
    shift = presence_shift(needed)
    assert sum(need <= shift for need in needed) == int(ANSWERED * 100) > 0
    assert presence_shift([math.inf] * 10) == 0.0
    assert presence_shift([]) == 0.0
    assert presence_shift([1.0] * 10) == 0.0  # never raised


def test_the_gain_is_the_one_that_finds_most() -> None:
    # A query of 0.6 is hidden by a presence of 0.8, but not by one made sure.
    there = [trial(0.8, 0.6, found=(0,), wanted=1)] * 10
    absent = [trial(0.3, 0.9)] * 10 + [trial(0.5)] * 90
    chosen = best_presence(there, absent)
    assert chosen.gain == 2.0
    assert f1(there, chosen) == 1.0
    assert f1(there, Presence()) == 0.0
    answered = [asked.counts(chosen)[0] > 0 for asked in absent]
    assert sum(answered) <= ANSWERED * len(absent)
    assert best_presence([], []) == Presence()


def test_a_smaller_gain_is_worth_a_little() -> None:
    # One query in a thousand comes out only with the greatest gain; with one in a hundred it pays.
    absent = [trial(0.3, 0.9)]
    seen = [trial(0.9, 0.9, found=(0,), wanted=1)] * 990
    hidden = trial(0.7, 0.51, found=(0,), wanted=1)
    greatest = GAINS[-1]
    assert f1([hidden], Presence(greatest)) == 1.0
    assert f1([hidden], Presence(2.0)) == 0.0
    assert best_presence([*seen, hidden], absent).gain == 1.0
    assert best_presence([*seen, *[hidden] * 10], absent).gain == greatest


def test_calibration_has_a_seed_of_its_own() -> None:
    assert CALIBRATION_SEED not in {EVAL_SEED, EXAMPLE_SEED, TRAIN_SEED}


def test_presence_moves_and_the_order_stays() -> None:
    path = bundled_path()
    config = read_config(path)
    network = build_network(config)
    load_checkpoint(network, path)

    def segmenter() -> LocalSegmenter:
        runner = Runner(network, config, torch.device("cpu"))
        return LocalSegmenter(runner, WeightsInfo("x", False, path), cache_bytes=0)

    assert -math.inf < fit_presence(segmenter(), scenes=1).shift <= 0.0
    set_presence(network, Presence(0.1))  # no share so near to 1 that its logit is lost
    image = disc_image([("red", 40, 40, 20), ("blue", 110, 70, 25)])
    prompts = [ConceptPrompt("red circle"), ConceptPrompt("cat")]
    before = segmenter().segment_concepts(image, prompts, score_floor=0.0).candidates
    set_presence(network, Presence(2.0, -1.5))
    after = segmenter().segment_concepts(image, prompts, score_floor=0.0).candidates
    for one, other in zip(before, after, strict=True):
        logits = [np.log(p / (1 - p)) for p in (one.presence_score, other.presence_score)]
        assert logits[1] == pytest.approx(2.0 * logits[0] - 1.5, abs=2e-3)
        ratio = other.presence_score / one.presence_score
        for a, b in zip(one.candidates, other.candidates, strict=True):
            assert b.score == pytest.approx(a.score * ratio, abs=1e-6)
            np.testing.assert_array_equal(a.mask_logits, b.mask_logits)
