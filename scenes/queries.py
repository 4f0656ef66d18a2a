"""What one can ask of a scene, and which objects are the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scenes.mixes import USUAL, Mix
from scenes.scenes import Scene, SceneObject
from scenes.vocabulary import (
    COLOUR_NAMES,
    GROUPS,
    KIND_OF,
    KINDS,
    NEVER_DRAWN,
    kind_words,
    with_article,
)


@dataclass(frozen=True)
class ConceptQuery:
    """A concept prompt with its answer; all numbers are indices into the scene's objects.

    Attributes:
        phrase: The words, None where exemplars alone say it.
        targets: The objects to be found; empty for what is absent.
        positive: Objects boxed as examples.
        negative: Objects boxed as what is not meant.
    """

    phrase: str | None
    targets: tuple[int, ...]
    positive: tuple[int, ...] = ()
    negative: tuple[int, ...] = ()


def sample_queries(
    scene: Scene, rng: np.random.Generator, count: int, mix: Mix = USUAL
) -> list[ConceptQuery]:
    """A mix of prompts: present and absent words, exemplars, exemplars against look-alikes.

    A scene without objects gets absent words only.
    """
    makers: list[tuple[float, Callable[[Scene, np.random.Generator], ConceptQuery | None]]] = [
        (mix.present, present_words),
        (mix.absent, absent_words),
        (mix.exemplar, one_exemplar),
        (mix.against, exemplar_against_look_alike),
        (mix.words_and_exemplar, words_and_exemplar),
        (mix.shapes, shape_words),
        (mix.other_shapes, other_shape_words),
        (mix.excluding, excluding),
    ]
    shares = np.array([share for share, _ in makers])
    queries: list[ConceptQuery] = []
    while len(queries) < count:
        _, maker = makers[int(rng.choice(len(makers), p=shares))]
        query = maker(scene, rng) or absent_words(scene, rng)
        queries.append(query)
    return queries


def present_words(scene: Scene, rng: np.random.Generator) -> ConceptQuery | None:
    """Words for a random object, narrow or wide, and all objects they fit."""
    if not scene.objects:
        return None
    chosen = scene.objects[int(rng.integers(len(scene.objects)))]
    kind = KIND_OF[chosen.kind]
    wide = rng.random()
    if kind.groups and wide < 0.12:
        group = kind.groups[0]
        return ConceptQuery(_any(rng, GROUPS[group]), _indices(scene, _in_group(group)))
    if chosen.colour is not None and wide < 0.05:
        return ConceptQuery(_any(rng, GROUPS["shape"]), _indices(scene, _in_group("shape")))
    if chosen.colour is None or wide < 0.25:
        return ConceptQuery(_phrase(rng, None, kind.name), _indices(scene, _of_kind(kind.name)))
    if wide < 0.35:
        words = f"{chosen.colour} {_any(rng, GROUPS['shape'])}"
        return ConceptQuery(words, _indices(scene, lambda o: o.colour == chosen.colour))
    return ConceptQuery(_phrase(rng, chosen.colour, kind.name), _indices(scene, _like(chosen)))


def shape_words(scene: Scene, rng: np.random.Generator) -> ConceptQuery | None:
    """The name of a shape that is there, in its colour or in any."""
    shapes = [obj for obj in scene.objects if obj.colour is not None]
    if not shapes:
        return None
    chosen = shapes[int(rng.integers(len(shapes)))]
    if rng.random() < 0.5:
        return ConceptQuery(_phrase(rng, None, chosen.kind), _indices(scene, _of_kind(chosen.kind)))
    return ConceptQuery(_phrase(rng, chosen.colour, chosen.kind), _indices(scene, _like(chosen)))


def other_shape_words(scene: Scene, rng: np.random.Generator) -> ConceptQuery | None:
    """The name of another shape than those there are, in the colour of one that is there."""
    shapes = [obj for obj in scene.objects if obj.colour is not None]
    if not shapes:
        return None
    colour = shapes[int(rng.integers(len(shapes)))].colour
    taken = {obj.kind for obj in shapes if obj.colour == colour}
    others = tuple(kind.name for kind in KINDS if kind.is_shape and kind.name not in taken)
    return ConceptQuery(_phrase(rng, colour, _any(rng, others)), ()) if others else None


def absent_words(scene: Scene, rng: np.random.Generator) -> ConceptQuery:
    """Words for what the scene does not hold, most of them close to what it does."""
    while True:
        draw = rng.random()
        shapes = [o for o in scene.objects if o.colour is not None]
        if draw < 0.4 and shapes:
            near = shapes[int(rng.integers(len(shapes)))]
            colour, kind = near.colour, near.kind
            if rng.random() < 0.6:
                colour = _any(rng, COLOUR_NAMES)
            else:
                kind = _any(rng, tuple(k.name for k in KINDS if k.is_shape))
            if not _indices(scene, _like(SceneObject(kind, colour, (0.0, 0.0, 0.0, 0.0)))):
                return ConceptQuery(_phrase(rng, colour, kind), ())
        elif draw < 0.85:
            kind = KINDS[int(rng.integers(len(KINDS)))].name
            if not _indices(scene, _of_kind(kind)):
                colour = None
                if KIND_OF[kind].is_shape and rng.random() < 0.5:
                    colour = _any(rng, COLOUR_NAMES)
                return ConceptQuery(_phrase(rng, colour, kind), ())
        elif draw < 0.9:
            group = _any(rng, tuple(GROUPS))
            if not _indices(scene, _in_group(group)):
                return ConceptQuery(_any(rng, GROUPS[group]), ())
        else:
            word = _any(rng, NEVER_DRAWN)
            return ConceptQuery(with_article(word) if rng.random() < 0.2 else word, ())


def one_exemplar(scene: Scene, rng: np.random.Generator) -> ConceptQuery | None:
    """One object boxed, sometimes two of its like: all of its like are meant."""
    if not scene.objects:
        return None
    index = int(rng.integers(len(scene.objects)))
    targets = _indices(scene, _like(scene.objects[index]))
    boxed: tuple[int, ...] = (index,)
    if len(targets) > 2 and rng.random() < 0.15:
        boxed = tuple(int(i) for i in rng.choice(targets, 2, replace=False))
    return ConceptQuery(None, targets, boxed)


def exemplar_against_look_alike(scene: Scene, rng: np.random.Generator) -> ConceptQuery | None:
    """One object boxed, and one that is not meant: the same shape in another colour, if any."""
    query = one_exemplar(scene, rng)
    if query is None:
        return None
    chosen = scene.objects[query.positive[0]]
    others = [i for i in range(len(scene.objects)) if i not in query.targets]
    close = [i for i in others if scene.objects[i].kind == chosen.kind]
    close = close or [i for i in others if scene.objects[i].colour == chosen.colour]
    if not close:
        return None
    against = int(rng.choice(close))
    return ConceptQuery(None, query.targets, query.positive, (against,))


def excluding(scene: Scene, rng: np.random.Generator) -> ConceptQuery | None:
    """Words, an exemplar or both, and a negative box that says what else they leave out.

    It stands on a look-alike that is not meant, or on one that would be: that one goes then, and
    what looks like it, unless all that is meant looks so.
    """
    makers = (present_words, one_exemplar, words_and_exemplar)
    query = makers[int(rng.choice(3, p=(0.5, 0.25, 0.25)))](scene, rng)
    if query is None:
        return None
    objects = scene.objects
    meant = {objects[index].kind for index in query.targets}
    colours = {objects[index].colour for index in query.targets} - {None}
    inside = [index for index in query.targets if index not in query.positive]
    close = [
        index
        for index, obj in enumerate(objects)
        if index not in query.targets and (obj.kind in meant or obj.colour in colours)
    ]
    if len(query.targets) > 1 and inside and (not close or rng.random() < 0.5):
        against = int(rng.choice(inside))
        alike = set(_indices(scene, _like(objects[against]))) & set(query.targets)
        only = len(alike) == len(query.targets) or alike & set(query.positive)
        gone = {against} if only else alike
        targets = tuple(index for index in query.targets if index not in gone)
        return replace(query, targets=targets, negative=(against,))
    return replace(query, negative=(int(rng.choice(close)),)) if close else None


def words_and_exemplar(scene: Scene, rng: np.random.Generator) -> ConceptQuery | None:
    """Words, and a box around one of the objects they fit."""
    query = present_words(scene, rng)
    if query is None:
        return None
    return ConceptQuery(query.phrase, query.targets, (int(rng.choice(query.targets)),))


Test = Callable[[SceneObject], bool]


def _indices(scene: Scene, fits: Test) -> tuple[int, ...]:
    return tuple(index for index, obj in enumerate(scene.objects) if fits(obj))


def _of_kind(name: str) -> Test:
    return lambda obj: obj.kind == name


def _like(other: SceneObject) -> Test:
    return lambda obj: (obj.kind, obj.colour) == (other.kind, other.colour)


def _in_group(group: str) -> Test:
    if group == "shape":
        return lambda obj: obj.colour is not None
    return lambda obj: group in KIND_OF[obj.kind].groups


def _any(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(len(words)))]


def _phrase(rng: np.random.Generator, colour: str | None, kind: str) -> str:
    """The kind's name mostly, now and then its plural, a synonym, or an article before it."""
    words = kind_words(KIND_OF[kind])
    draw = rng.random()
    noun = words[0] if draw < 0.55 else words[1] if draw < 0.8 else _any(rng, words)
    phrase = f"{colour} {noun}" if colour else noun
    return with_article(phrase) if noun != words[1] and rng.random() < 0.12 else phrase
