"""Where "there is none" begins: the presence logit, fitted on scenes of a seed of its own.

Training weighs a missed object against an invented one as its losses happen to; a user who
asks for what is not there should seldom get an answer. An instance's score is the presence
times its query's own score, so a presence of 0.6 hides what a query is sure of. A gain on the
presence logit lets it say yes or no, and a shift sets where; neither reorders instances, nor
touches exemplars' answers much, whose presence is all but certain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sam3_playground.core.candidates import ConceptCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask
from sam3_playground.core.nms import mask_iou
from sam3_playground.core.requests import DEFAULT_SCORE_THRESHOLD
from sam3_playground.core.segmenter import Segmenter
from scenes.queries import absent_words, present_words
from scenes.scenes import CALIBRATION_SEED, draw_scene
from training.evaluation import (
    SCENE_SIZE,
    Counts,
    matches_in,
    prompt_of,
    true_masks,
)

# Share of prompts for what is absent that may still be answered. On other scenes it is to be
# 0.05 at most; measured on 760 prompts of 440 scenes, its standard error is 0.0065.
ANSWERED = 0.025
PROMPTS_PER_SCENE = 6  # of each: words for what is there, words for what is not
GAINS = (1.0, 2.0, 4.0, 8.0)
# So much F1 (a half of its standard error on 3,000 prompts) is given up for a smaller gain: a great
# one takes the scores of what is thought absent to nothing, and then no threshold shows any of it.
ALIKE_F1 = 0.002


@dataclass(frozen=True)
class Presence:
    """What becomes of the presence logit: `gain` times it, plus `shift`."""

    gain: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True)
class Trial:
    """One prompt's answer, as far as presence decides about it.

    Attributes:
        logit: The presence logit.
        alone: (C,) the candidates' own scores, those above the threshold only.
        overlaps: (C, T) IoU of each of them with each object that is meant.
    """

    logit: float
    alone: NDArray[np.float64]
    overlaps: NDArray[np.float64]

    def needed(self, gain: float) -> float:
        """The least shift with which the best candidate is kept; infinite if none ever is."""
        if not len(self.alone):
            return math.inf
        return _logit(DEFAULT_SCORE_THRESHOLD / float(self.alone.max())) - gain * self.logit

    def counts(self, presence: Presence) -> tuple[int, int]:
        """How many candidates are kept, and how many of those are one object each."""
        there = 1.0 / (1.0 + math.exp(-presence.gain * self.logit - presence.shift))
        kept = self.overlaps[self.alone * there >= DEFAULT_SCORE_THRESHOLD]
        return len(kept), matches_in(kept)


def fit_presence(
    segmenter: Segmenter,
    *,
    scenes: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Presence:
    """The gain and shift that find most, on the first scenes of CALIBRATION_SEED."""
    present: list[Trial] = []
    absent: list[Trial] = []
    for index in progress(range(scenes)):
        rng = np.random.default_rng([CALIBRATION_SEED, index])
        scene = draw_scene(rng, SCENE_SIZE)
        queries = [absent_words(scene, rng) for _ in range(PROMPTS_PER_SCENE)]
        asked = (present_words(scene, rng) for _ in range(PROMPTS_PER_SCENE))
        queries += [query for query in asked if query is not None]
        answer = segmenter.segment_concepts(
            RgbImage(scene.image), [prompt_of(scene, query) for query in queries]
        )
        truth = true_masks(scene)
        for query, candidates in zip(queries, answer.candidates, strict=True):
            trial = trial_of(candidates, [truth[target] for target in query.targets])
            (present if query.targets else absent).append(trial)
    return best_presence(present, absent)


def trial_of(candidates: ConceptCandidates, wanted: Sequence[Mask]) -> Trial:
    """What presence can change of an answer, against the masks that were meant."""
    presence = candidates.presence_score
    sure = [c for c in candidates.candidates if c.score > DEFAULT_SCORE_THRESHOLD * presence]
    return Trial(
        _logit(presence),
        np.array([candidate.score / presence for candidate in sure]),
        np.array(
            [[mask_iou(candidate.mask, mask) for mask in wanted] for candidate in sure]
        ).reshape(len(sure), len(wanted)),
    )


def best_presence(present: Sequence[Trial], absent: Sequence[Trial]) -> Presence:
    """Of those with which at most ANSWERED of the absent are answered, the one of the best F1.

    The smallest gain of those that are within ALIKE_F1 of it. Without any prompt nothing is
    changed.
    """
    scored: list[tuple[float, Presence]] = []
    for gain in GAINS:
        presence = Presence(gain, presence_shift([trial.needed(gain) for trial in absent]))
        scored.append((f1(present, presence), presence))
    best = max(score for score, _ in scored)
    return next(presence for score, presence in scored if score >= best - ALIKE_F1)


def presence_shift(needed: Sequence[float]) -> float:
    """The greatest shift, at most 0, with which at most ANSWERED of the prompts are answered.

    Args:
        needed: `Trial.needed` of each prompt; empty gives 0.
    """
    ordered = sorted(needed)
    allowed = int(ANSWERED * len(ordered))
    return min(0.0, ordered[allowed] - 1e-3) if ordered else 0.0


def f1(present: Sequence[Trial], presence: Presence) -> float:
    """F1 of all prompts' instances; 0 without any."""
    total = Counts()
    for trial in present:
        kept, matched = trial.counts(presence)
        total.matched += matched
        total.spurious += kept - matched
        total.missed += trial.overlaps.shape[1] - matched
    return total.f1


@torch.no_grad()
def set_presence(network: Any, presence: Presence) -> None:
    """Let the network's presence logit be what it was, times the gain, plus the shift."""
    last = network.transformer.decoder.presence_token_head.layers[-1]
    last.weight *= presence.gain
    last.bias *= presence.gain
    last.bias += presence.shift


def _logit(share: float) -> float:
    share = min(max(share, 1e-6), 1.0 - 1e-6)
    return math.log(share / (1.0 - share))
