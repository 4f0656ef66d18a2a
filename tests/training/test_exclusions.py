"""An exclusion counts where there was something to exclude, and says what went with it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import pytest

from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, Exemplar
from sam3_playground.core.segmenter import ConceptAnswer, Segmenter, Timings
from scenes.scenes import Scene
from tests.fakes import FakeSegmenter, low_logits
from training import exclusion_sheet, exclusions
from training.exclusions import LOOK_ALIKES, PROMPTS, Case, draw_confusing, evaluate_exclusions

Gone = Callable[[tuple[float, ...], Sequence[Exemplar]], bool]
SCENES = 3


class Everything(FakeSegmenter):
    """Finds every object of the scene for every prompt, but for those that `gone` says."""

    def __init__(self, gone: Gone) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self.gone = gone

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **_: Any
    ) -> ConceptAnswer:
        scene = self.scene
        assert scene is not None
        answers = []
        for prompt in prompts:
            negative = [one for one in prompt.exemplars if not one.positive]
            found = tuple(
                Candidate(0.9, low_logits(scene.label_map == number), image.size, id=number)
                for number, obj in enumerate(scene.objects, start=1)
                if not self.gone(obj.box_xyxy, negative)
            )
            answers.append(ConceptCandidates(prompt, 1.0, found))
        return ConceptAnswer(tuple(answers), Timings(0.01, 0.02, encoded=True))


def watching(monkeypatch: pytest.MonkeyPatch, gone: Gone) -> Everything:
    """Such a finder, which is told each scene that is drawn."""
    segmenter = Everything(gone)

    def drawn(rng: Any, drawer: str) -> Scene:
        segmenter.scene = draw_confusing(rng, drawer)
        return segmenter.scene

    monkeypatch.setattr(exclusions, "draw_confusing", drawn)
    return segmenter


def scored(monkeypatch: pytest.MonkeyPatch, gone: Gone) -> dict[str, Any]:
    segmenter = watching(monkeypatch, gone)
    return evaluate_exclusions(cast("Segmenter", segmenter), scenes=SCENES)


def boxed(box: tuple[float, ...], negative: Sequence[Exemplar]) -> bool:
    return any(box == one.box_xyxy for one in negative)


@pytest.mark.parametrize(
    ("gone", "shares"),
    [
        (boxed, (1.0, 0.0, 1.0)),
        (lambda *_: False, (0.0, 0.0, 1.0)),
        (lambda _, negative: bool(negative), (1.0, 1.0, 0.0)),
    ],
    ids=["obeys", "ignores", "drops all"],
)
def test_shares_say_what_the_box_did(
    monkeypatch: pytest.MonkeyPatch, gone: Gone, shares: tuple[float, float, float]
) -> None:
    result = scored(monkeypatch, gone)
    assert tuple(result) == ("own_scenes", "other_scenes", "pictures")
    groups = {"by_prompt": PROMPTS, "by_look_alike": LOOK_ALIKES}
    for drawer, (group, names) in itertools.product(result, groups.items()):
        assert tuple(result[drawer][group]) == names
        for name, row in result[drawer][group].items():
            if (drawer, name) == ("pictures", "other colour"):  # pictures have none
                assert row["cases"] == 0
                continue
            assert row["cases"] >= SCENES
            assert (row["gone"], row["gone_with_the_box_elsewhere"], row["kept"]) == shares


def test_what_was_not_found_is_no_case(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = scored(monkeypatch, lambda *_: True)["other_scenes"]["by_prompt"].values()
    nothing = {"cases": 0, "gone": None, "gone_with_the_box_elsewhere": None, "kept": None}
    assert list(rows) == [nothing] * len(PROMPTS)


def test_the_sheet_shows_twelve_cases_and_says_what_became_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    caption = exclusion_sheet.caption

    def noted(case: Case) -> str:
        said.append(caption(case))
        return said[-1]

    monkeypatch.setattr(exclusion_sheet, "caption", noted)
    sheets = []
    for gone, became in ((boxed, ": gone, "), (lambda *_: False, ": still there, ")):
        said.clear()
        segmenter = cast("Segmenter", watching(monkeypatch, gone))
        sheets.append(exclusion_sheet.draw_exclusion_sheet(segmenter))
        assert len(said) == 12
        assert all(became in line for line in said)
        assert sum(line.startswith("example box") for line in said) == 4
        assert sum(" and box: " in line for line in said) == 4
    obeyed, ignored = sheets
    assert obeyed.shape == ignored.shape == (1266, 1672, 3)
    without_box, with_box = slice(10, 280), slice(284, 554)
    assert np.array_equal(obeyed[10:280, without_box], ignored[10:280, without_box])
    assert not np.array_equal(obeyed[10:280, with_box], ignored[10:280, with_box])
    dropped = cast("Segmenter", watching(monkeypatch, lambda _, negative: bool(negative)))
    grey = exclusion_sheet.draw_exclusion_sheet(dropped)[20:270, 294:544]
    left = ignored[20:270, 294:544]
    assert grey.std() < 0.6 * left.std()  # nothing found is nothing in its own colours
