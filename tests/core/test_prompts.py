"""What no image could make right is refused before any image is looked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sam3_playground.core.prompts import (
    MAX_TEXT_LENGTH,
    BoxXYXY,
    Click,
    ConceptPrompt,
    Exemplar,
    VisualPrompt,
    validate_inside,
    validated_box,
)
from sam3_playground.errors import InvalidPromptError

BOX = (1.0, 2.0, 3.0, 4.0)
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (ConceptPrompt, "a text or at least one exemplar box, got neither"),
        (lambda: ConceptPrompt(""), "a text with a word in it, got an empty one"),
        (lambda: ConceptPrompt(" \n"), "a text with a word in it, got an empty one"),
        (lambda: ConceptPrompt("a" * (MAX_TEXT_LENGTH + 1)), "at most 256 characters, got 257"),
        (lambda: ConceptPrompt("cat", score_threshold=1.5), r"in \[0, 1\], got 1.5"),
        (lambda: ConceptPrompt("cat", score_threshold=-0.1), r"in \[0, 1\], got -0.1"),
        (lambda: ConceptPrompt("cat", score_threshold=NAN), r"in \[0, 1\], got nan"),
        (VisualPrompt, "at least one click or a box, got neither"),
        (lambda: Click(NAN, 0), "a point in pixels from .*, got nan"),
        (lambda: Click(0, INF), "a point in pixels from .*, got inf"),
    ],
)
def test_empty_and_impossible_prompts_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidPromptError, match=f"expected .*{message}"):
        make()


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ((1, 2, 3), "four numbers, got 3"),
        ((1, 2, 3, 4, 5), "four numbers, got 5"),
        ((1, 2, NAN, 4), "in pixels from -1,000,000 to 1,000,000, got nan"),
        ((1, 2, INF, 4), "in pixels from -1,000,000 to 1,000,000, got inf"),
        ((1, 2, 10**400, 4), "in pixels from -1,000,000 to 1,000,000, got 1000"),
        ((3, 2, 1, 4), "x0 < x1 and y0 < y1"),  # right before left
        ((1, 4, 3, 2), "x0 < x1 and y0 < y1"),  # bottom before top
        ((1, 2, 1, 4), "x0 < x1 and y0 < y1"),  # no width
    ],
)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (Exemplar, "exemplar box"),
        (lambda box: VisualPrompt(box_xyxy=box), "box"),
        (lambda box: validated_box(box, name="crop"), "crop"),
    ],
)
def test_boxes_without_an_area_are_refused_by_name(
    make: Callable[[tuple[float, ...]], object], name: str, box: tuple[float, ...], message: str
) -> None:
    with pytest.raises(InvalidPromptError, match=f"expected {name} .*{message}"):
        make(box)


def test_a_text_is_stripped_and_names_the_concept() -> None:
    assert ConceptPrompt("  red circle ").text == "red circle"
    assert ConceptPrompt("  red circle ").label == "red circle"


@pytest.mark.parametrize("text", [None, "", "  "])
def test_exemplars_alone_need_no_text(text: str | None) -> None:
    prompt = ConceptPrompt(text, exemplars=(Exemplar(BOX),))
    assert (prompt.text, prompt.label) == (None, "visual")


@pytest.mark.parametrize("threshold", [0, 1])
def test_thresholds_at_both_ends_are_thresholds(threshold: float) -> None:
    assert ConceptPrompt("cat", score_threshold=threshold).score_threshold == threshold


def test_a_text_of_the_longest_length_is_taken() -> None:
    assert ConceptPrompt("a" * MAX_TEXT_LENGTH).text


def test_sequences_are_kept_as_tuples() -> None:
    # A list would leave the frozen prompt open to change, and without a hash.
    exemplar, click = Exemplar([*BOX]), Click(1, 2)  # type: ignore[arg-type]
    assert exemplar.box_xyxy == BOX
    hash(ConceptPrompt("cat", exemplars=[exemplar]))  # type: ignore[arg-type]
    hash(VisualPrompt(clicks=[click]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("box", "meets"),
    [
        ((0, 0, 20, 10), True),  # the whole image of 20 x 10
        ((-5, -5, 1, 1), True),  # partly outside
        ((19, 9, 30, 30), True),
        ((-5, 0, 0, 10), False),  # its edge touches the left border
        ((20, 0, 25, 10), False),  # and the right one
        ((0, -5, 20, 0), False),
        ((0, 10, 20, 15), False),
    ],
)
def test_a_box_has_to_meet_the_image(box: BoxXYXY, meets: bool) -> None:
    if meets:
        validate_inside(box, (10, 20), name="box")
    else:
        with pytest.raises(InvalidPromptError, match="expected box to meet the image of 20 x 10"):
            validate_inside(box, (10, 20), name="box")


def test_one_click_alone_leaves_open_what_is_meant() -> None:
    click, box = Click(1, 1), (0.0, 0.0, 2.0, 2.0)
    assert VisualPrompt((click,)).is_ambiguous
    assert not VisualPrompt((click, Click(2, 2, positive=False))).is_ambiguous
    assert not VisualPrompt((click,), box).is_ambiguous
    assert not VisualPrompt(box_xyxy=box).is_ambiguous


def test_a_text_without_a_letter_to_see_is_none() -> None:
    unseen = "\N{ZERO WIDTH SPACE}\N{SOFT HYPHEN}"
    with pytest.raises(InvalidPromptError, match="a text with a word in it, got an empty one"):
        ConceptPrompt(unseen)
    assert ConceptPrompt(unseen, (Exemplar(BOX),)).text is None


def test_letters_that_are_short_for_many_count_as_many() -> None:
    with pytest.raises(InvalidPromptError, match="at most 256 characters, got 4"):
        ConceptPrompt("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 256)
