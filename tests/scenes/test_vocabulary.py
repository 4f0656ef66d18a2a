"""The words are unambiguous, and each has a picture that can be told from the others."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from scenes.sprites import picture, shape_alpha
from scenes.vocabulary import (
    COLOURS,
    GROUPS,
    KINDS,
    NEVER_DRAWN,
    Kind,
    kind_words,
    with_article,
)

PICTURES = [kind for kind in KINDS if not kind.is_shape]
SHAPES = [kind for kind in KINDS if kind.is_shape]


def test_no_word_means_two_things() -> None:
    words = [word for kind in KINDS for word in kind_words(kind)]
    words += [word for group in GROUPS.values() for word in group]
    assert [word for word, count in Counter(words).items() if count > 1] == []


def test_what_is_never_drawn_has_no_word_of_what_is() -> None:
    known = {word for kind in KINDS for word in kind_words(kind)}
    known |= {word for group in GROUPS.values() for word in group} | set(COLOURS)
    assert known.isdisjoint(NEVER_DRAWN)


def test_there_is_enough_to_try() -> None:
    assert len(PICTURES) >= 30
    assert len(SHAPES) >= 8
    assert len(COLOURS) >= 9
    assert {group for kind in PICTURES for group in kind.groups} == set(GROUPS) - {"shape"}


def test_colours_are_far_apart() -> None:
    for (one, first), (two, second) in combinations(COLOURS.items(), 2):
        assert np.abs(np.subtract(first, second)).sum() > 75, (one, two)


@pytest.mark.parametrize("kind", PICTURES, ids=lambda kind: kind.name)
def test_every_picture_is_on_the_sheet(kind: Kind) -> None:
    rgba = picture(kind.name)
    assert max(rgba.shape[:2]) > 100
    assert rgba[..., 3].mean() > 40


def test_pictures_and_shapes_differ_from_one_another() -> None:
    def small(array: np.ndarray) -> np.ndarray:
        return cv2.resize(array, (16, 16), interpolation=cv2.INTER_AREA).astype(float)

    for group in (
        [small(picture(kind.name)) for kind in PICTURES],
        [small(shape_alpha(kind.name)) for kind in SHAPES],
    ):
        assert min(np.abs(a - b).mean() for a, b in combinations(group, 2)) > 12


def test_the_sheet_is_small_and_comes_with_its_licence() -> None:
    folder = Path(str(files("scenes")))
    assert (folder / "sprites.png").stat().st_size < 1_500_000
    assert "SIL OPEN FONT LICENSE" in (folder / "sprites.LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize(("noun", "phrase"), [("dog", "a dog"), ("orange ring", "an orange ring")])
def test_articles_suit_the_noun(noun: str, phrase: str) -> None:
    assert with_article(noun) == phrase
