"""How often each sort of prompt is drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mix:
    """Shares of the sorts of prompts among those that are drawn; they add up to 1."""

    present: float
    absent: float
    exemplar: float
    against: float
    words_and_exemplar: float
    shapes: float
    other_shapes: float
    excluding: float = 0.0


# What people ask for, which is what scores are taken of.
USUAL = Mix(
    present=0.36,
    absent=0.26,
    exemplar=0.22,
    against=0.10,
    words_and_exemplar=0.06,
    shapes=0.0,
    other_shapes=0.0,
)
# More of what is harder to learn: words, those for shapes most of all. A picture shows what it
# is in any of its parts, but a shape only as a whole.
FOR_TRAINING = Mix(
    present=0.24,
    absent=0.16,
    exemplar=0.09,
    against=0.04,
    words_and_exemplar=0.03,
    shapes=0.11,
    other_shapes=0.15,
    excluding=0.18,
)

# Nearly half of them with a negative box; the others keep what is known already, which is
# forgotten where they are fewer.
FOR_EXCLUSIONS = Mix(
    present=0.20,
    absent=0.07,
    exemplar=0.09,
    against=0.0,
    words_and_exemplar=0.04,
    shapes=0.08,
    other_shapes=0.10,
    excluding=0.42,
)
# Once exclusions are heeded: shapes by name, and silence for those that are not there.
FOR_SHAPES = Mix(
    present=0.20,
    absent=0.07,
    exemplar=0.10,
    against=0.0,
    words_and_exemplar=0.04,
    shapes=0.14,
    other_shapes=0.20,
    excluding=0.25,
)
# Between the two: what either of them gives up for the other.
FOR_BOTH = Mix(
    present=0.18,
    absent=0.06,
    exemplar=0.10,
    against=0.0,
    words_and_exemplar=0.04,
    shapes=0.12,
    other_shapes=0.18,
    excluding=0.32,
)
