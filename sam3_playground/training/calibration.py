"""Where "there is none" begins: the presence bias, fitted on scenes of a seed of its own.

Training weighs a missed object against an invented one as its losses happen to; a user who
asks for what is not there should seldom get an answer. The bias of the presence logit moves
that border and nothing else: it neither reorders instances nor touches exemplars' answers much,
whose presence is all but certain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch

from sam3_playground.core.images import RgbImage
from sam3_playground.core.results import ConceptCandidates
from sam3_playground.core.selection import DEFAULT_SCORE_THRESHOLD
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.training.evaluation import SCENE_SIZE, prompt_of
from sam3_playground.training.queries import absent_words
from sam3_playground.training.scenes import CALIBRATION_SEED, draw_scene

# Share of prompts for what is absent that may still be answered; under the 0.05 that is
# wanted, since it is estimated on a few hundred.
ANSWERED = 0.04
ABSENT_PROMPTS_PER_SCENE = 6


def fit_presence_shift(
    segmenter: Segmenter,
    *,
    scenes: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> float:
    """What to add to the presence logit, at most 0, on the first scenes of CALIBRATION_SEED."""
    needed: list[float] = []
    for index in progress(range(scenes)):
        rng = np.random.default_rng([CALIBRATION_SEED, index])
        scene = draw_scene(rng, SCENE_SIZE)
        queries = [absent_words(scene, rng) for _ in range(ABSENT_PROMPTS_PER_SCENE)]
        answer = segmenter.segment_concepts(
            RgbImage(scene.image), [prompt_of(scene, query) for query in queries]
        )
        needed.extend(map(shift_to_answer, answer.candidates))
    return presence_shift(needed)


def shift_to_answer(candidates: ConceptCandidates) -> float:
    """The least shift of the presence logit with which the best candidate is still kept.

    Infinite where none is, however certain the network were that the concept is there.
    """
    if not candidates.candidates:
        return math.inf
    alone = candidates.candidates[0].score / candidates.presence_score
    if alone <= DEFAULT_SCORE_THRESHOLD:
        return math.inf
    return _logit(DEFAULT_SCORE_THRESHOLD / alone) - _logit(candidates.presence_score)


def presence_shift(needed: Sequence[float]) -> float:
    """The greatest shift, at most 0, with which at most ANSWERED of the prompts are answered.

    Args:
        needed: From `shift_to_answer`, one for each prompt; empty gives 0.
    """
    ordered = sorted(needed)
    allowed = int(ANSWERED * len(ordered))
    return min(0.0, ordered[allowed] - 1e-3) if ordered else 0.0


@torch.no_grad()
def shift_presence(network: Any, shift: float) -> None:
    """Add to the presence logit, for good."""
    network.transformer.decoder.presence_token_head.layers[-1].bias += shift


def _logit(share: float) -> float:
    share = min(max(share, 1e-6), 1.0 - 1e-6)
    return math.log(share / (1.0 - share))
