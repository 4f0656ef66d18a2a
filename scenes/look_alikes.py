"""Scenes drawn to confuse: shapes of one colour, one shape in several, and many of one picture."""

from __future__ import annotations

import numpy as np

from scenes.scenes import Player
from scenes.vocabulary import COLOUR_NAMES, KINDS


def confusing_cast(rng: np.random.Generator) -> list[Player]:
    """Two shapes in two colours, each of the four once or twice, in any order."""
    shapes = [kind for kind in KINDS if kind.is_shape]
    kinds = [shapes[int(place)] for place in rng.choice(len(shapes), 2, replace=False)]
    colours = rng.choice(COLOUR_NAMES, 2, replace=False).tolist()
    side = float(rng.uniform(0.12, 0.26))
    cast: list[Player] = [
        (kind, colour, side * float(np.exp(rng.normal(0.0, 0.2))))
        for kind in kinds
        for colour in colours
        for _ in range(int(rng.integers(1, 3)))
    ]
    return _in_any_order(cast, rng)


def crowd_cast(rng: np.random.Generator) -> list[Player]:
    """Two pictures, each two to four times, in any order."""
    pictures = [kind for kind in KINDS if not kind.is_shape]
    side = float(rng.uniform(0.12, 0.26))
    cast: list[Player] = [
        (pictures[int(place)], None, side * float(np.exp(rng.normal(0.0, 0.2))))
        for place in rng.choice(len(pictures), 2, replace=False)
        for _ in range(int(rng.integers(2, 5)))
    ]
    return _in_any_order(cast, rng)


def _in_any_order(cast: list[Player], rng: np.random.Generator) -> list[Player]:
    return [cast[place] for place in rng.permutation(len(cast)).tolist()]
