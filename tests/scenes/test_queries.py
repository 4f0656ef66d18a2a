"""A query's targets are all objects that its words or boxes mean, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple

import numpy as np
import pytest

from scenes.mixes import FOR_BOTH, FOR_EXCLUSIONS, FOR_SHAPES, FOR_TRAINING, USUAL, Mix
from scenes.queries import ConceptQuery, absent_words, excluding, other_shape_words, sample_queries
from scenes.scenes import Scene, SceneObject, draw_scene
from scenes.vocabulary import (
    COLOUR_NAMES,
    GROUPS,
    KIND_OF,
    KINDS,
    kind_words,
)

Asked = tuple[Scene, ConceptQuery]


def meant(scene: Scene, phrase: str) -> tuple[int, ...]:
    """The objects that a reader of the phrase would point at; read word by word."""
    phrase = phrase.removeprefix("an ").removeprefix("a ")
    colour, _, noun = phrase.partition(" ")
    if colour not in COLOUR_NAMES:
        colour, noun = "", phrase

    def fits(obj: SceneObject) -> bool:
        kind = KIND_OF[obj.kind]
        groups = ("shape",) if kind.is_shape else kind.groups
        words = [*kind_words(kind), *(word for group in groups for word in GROUPS[group])]
        return noun in words and colour in {"", obj.colour}

    return tuple(index for index, obj in enumerate(scene.objects) if fits(obj))


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    def draw() -> Iterator[Asked]:
        for index in range(150):
            rng = np.random.default_rng([42_000, index])
            scene = draw_scene(rng, 96)
            yield from ((scene, query) for query in sample_queries(scene, rng, 8))

    return list(draw())


def test_words_mean_all_that_they_fit_and_absent_words_nothing(asked: list[Asked]) -> None:
    for scene, query in asked:
        if query.phrase is not None:
            assert query.targets == meant(scene, query.phrase), query.phrase


def test_boxes_without_words_mean_the_same_kind_in_the_same_colour(asked: list[Asked]) -> None:
    for scene, query in asked:
        if query.phrase is None:
            boxed = {(scene.objects[i].kind, scene.objects[i].colour) for i in query.positive}
            assert len(boxed) == 1
            like = [i for i, obj in enumerate(scene.objects) if (obj.kind, obj.colour) in boxed]
            assert query.targets == tuple(like)


def test_examples_are_targets_and_counter_examples_are_not(asked: list[Asked]) -> None:
    for _, query in asked:
        assert set(query.positive) <= set(query.targets)
        assert not set(query.negative) & set(query.targets)
        assert query.positive or not query.negative


def test_every_sort_of_prompt_is_asked(asked: list[Asked]) -> None:
    sorts = [
        (query.phrase is not None, bool(query.positive), bool(query.negative), bool(query.targets))
        for _, query in asked
    ]
    shares = {sort: sorts.count(sort) / len(sorts) for sort in set(sorts)}
    assert shares[True, False, False, True] > 0.2  # words for what is there
    assert shares[True, False, False, False] > 0.2  # words for what is not
    assert shares[False, True, False, True] > 0.1  # an exemplar
    assert shares[False, True, True, True] > 0.03  # an exemplar against a look-alike
    assert shares[True, True, False, True] > 0.03  # words and an exemplar


def test_many_absent_words_are_close_to_what_is_there(asked: list[Asked]) -> None:
    absent = [(scene, query.phrase) for scene, query in asked if not query.targets]
    near = [
        any(word in str(phrase) for obj in scene.objects for word in kind_words(KIND_OF[obj.kind]))
        for scene, phrase in absent
    ]
    assert np.mean(near) > 0.1


def test_another_shape_is_asked_for_in_a_colour_that_is_there() -> None:
    for index in range(60):
        rng = np.random.default_rng([42_000, index])
        scene = draw_scene(rng, 96)
        query = other_shape_words(scene, rng)
        colours = {obj.colour for obj in scene.objects if obj.colour is not None}
        assert (query is None) == (not colours)
        if query is not None:
            assert query.targets == meant(scene, str(query.phrase)) == ()
            assert any(f"{colour} " in str(query.phrase) for colour in colours)


@pytest.mark.parametrize("mix", [USUAL, FOR_TRAINING, FOR_EXCLUSIONS, FOR_SHAPES, FOR_BOTH])
def test_the_shares_of_a_mix_add_up(mix: Mix) -> None:
    assert sum(astuple(mix)) == pytest.approx(1.0)


def test_every_wider_word_is_asked_where_it_fits_too(asked: list[Asked]) -> None:
    # A word that is only ever asked in vain is learned to mean nothing.
    answered = {query.phrase for _, query in asked if query.targets}
    for words in GROUPS.values():
        assert answered & set(words), words


def test_an_empty_scene_gets_absent_words_only() -> None:
    blank = Scene(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8), ())
    queries = sample_queries(blank, np.random.default_rng(0), 20)
    assert len(queries) == 20
    assert all(query.phrase and not query.targets and not query.positive for query in queries)


def test_a_scene_that_holds_everything_still_gets_an_absent_word() -> None:
    objects = tuple(
        SceneObject(kind.name, colour, (0.0, 0.0, 1.0, 1.0))
        for kind in KINDS
        for colour in (COLOUR_NAMES if kind.is_shape else (None,))
    )
    full = Scene(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8), objects)
    query = absent_words(full, np.random.default_rng(0))
    assert query.phrase
    assert meant(full, query.phrase) == ()


def test_an_exclusion_leaves_out_its_box_and_what_looks_like_it() -> None:
    seen = {"look-alike": 0, "meant": 0}
    for index in range(200):
        rng = np.random.default_rng([44_000, index])
        scene = draw_scene(rng, 96)
        query = excluding(scene, rng)
        if query is None:
            continue
        (against,) = query.negative
        assert against not in query.targets
        assert set(query.positive) <= set(query.targets)
        assert query.targets
        if query.phrase is None:
            continue
        fitting = set(meant(scene, query.phrase))
        gone = fitting - set(query.targets)
        if not gone:
            assert against not in fitting
            seen["look-alike"] += 1
            continue
        seen["meant"] += 1
        look = (scene.objects[against].kind, scene.objects[against].colour)
        assert against in gone
        assert {(scene.objects[one].kind, scene.objects[one].colour) for one in gone} == {look}
    assert min(seen.values()) > 10
