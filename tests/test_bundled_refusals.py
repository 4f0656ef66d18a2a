"""The bundled checkpoint: what is excluded goes, what is absent stays silent.

As in `test_bundled.py`, what is demanded lies well below what was measured, and each control
counts the same answers without the thing that is asked for.
"""

from __future__ import annotations

import numpy as np
import pytest

from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import Segmenter
from tests.drawn import drawn_examples
from training.evaluation import found_masks
from training.exclusions import PROMPTS, Case, cases_of, is_found
from training.habits import answered_photographs

SCENES = range(300, 306)


@pytest.fixture(scope="module")
def cases(bundled: Segmenter) -> list[Case]:
    return [case for index in SCENES for case in cases_of(bundled, index)[1]]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_what_a_negative_box_stands_on_goes_and_the_rest_stays(
    cases: list[Case], prompt: str
) -> None:
    of_prompt = [case for case in cases if case.prompt == prompt]
    assert len(of_prompt) >= 6
    gone_elsewhere = [not is_found(case.truth[case.against], case.control) for case in of_prompt]
    right = sum(len(case.right) for case in of_prompt)
    assert np.mean([case.gone for case in of_prompt]) > 0.6  # measured: 0.86, 1.00, 0.92
    assert np.mean(gone_elsewhere) < 0.4  # measured: 0.00, 0.07, 0.00
    assert sum(case.kept for case in of_prompt) / right > 0.7  # measured: 0.85, 0.92, 1.00


def test_common_words_find_nothing_on_photographs(bundled: Segmenter) -> None:
    control = [
        bool(found)
        for drawn in drawn_examples()
        for found in found_masks(bundled, drawn.image, [*map(ConceptPrompt, drawn.concepts)])
    ]
    assert answered_photographs(bundled) < 0.15  # measured: 0.075
    assert np.mean(control) > 0.7
