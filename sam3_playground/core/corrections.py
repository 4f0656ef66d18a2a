"""What a user mends of what a concept's prompt found: refined, removed, added, merged.

One form for all four. A correction stands in the place of instances that were found, and says what
its own mask is made of:

- refined: it replaces an instance, and its part is a step that begins with that instance's mask;
- removed: it replaces an instance, and has no part;
- added: it replaces none, and its part is a step of its own;
- merged: it replaces several, and its parts are what they were.

It holds while the concept does: other thresholds and example boxes change what is found beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from sam3_playground.core.candidates import SCORE_FLOOR, Candidate, ConceptCandidates
from sam3_playground.core.masks import Mask, mask_union
from sam3_playground.core.prompts import BoxXYXY, validate_concept_inside, validated_count
from sam3_playground.core.steps import Part, Seed, Step
from sam3_playground.errors import InvalidPromptError

# Masks and boxes that overlap by so much show the same thing.
SAME_IOU = 0.5
# What one correction may replace, and be made of.
MAX_PARTS = 32


@dataclass(frozen=True)
class Correction:
    """An instance that was mended by hand.

    Attributes:
        id: The instance's, among all of the image.
        concept: The id of its concept's prompt.
        replaces: The found instances in whose place it stands; what is found of the same thing
            again gives way too.
        parts: What its mask is made of, all of them together; none where it was removed.

    Raises:
        InvalidPromptError: Nothing replaced and no part, too many of either, or a step that says
            nowhere which object it is about.
    """

    id: str
    concept: str
    replaces: tuple[Seed, ...] = ()
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "replaces", tuple(self.replaces))
        object.__setattr__(self, "parts", tuple(self.parts))
        if not (self.replaces or self.parts):
            raise InvalidPromptError("expected a correction of something, got an empty one")
        for some in (self.replaces, self.parts):
            validated_count(some, MAX_PARTS, name="parts of a corrected instance")
        for part in self.parts:
            if isinstance(part, Step):
                part.check_target()

    @property
    def seeds(self) -> tuple[Seed, ...]:
        """All found instances that it is about, each once."""
        roots = [part.seed if isinstance(part, Step) else part for part in self.parts]
        return tuple(dict.fromkeys([*self.replaces, *(root for root in roots if root)]))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The parts that the network is clicked for."""
        return tuple(part for part in self.parts if isinstance(part, Step))

    def check_inside(self, image_size: tuple[int, int]) -> None:
        """Refuse what has no part in an image of (height, width) pixels.

        Raises:
            InvalidPromptError: It says which point or box.
        """
        for step in self.steps:
            step.check_inside(image_size)
        for seed in self.seeds:
            validate_concept_inside(seed.prompt, image_size)


@dataclass(frozen=True, eq=False)
class Corrected:
    """A correction with the candidates that it is about.

    Attributes:
        correction: What was mended.
        replaced: The candidates of the instances that it replaces, in order.
        parts: The candidates whose masks it is made of, in order.
    """

    correction: Correction
    replaced: tuple[Candidate, ...]
    parts: tuple[Candidate, ...]

    @property
    def mask(self) -> Mask | None:
        """All its parts together; None where it was removed."""
        return mask_union([part.mask for part in self.parts]) if self.parts else None

    @property
    def score(self) -> float:
        """That of the best instance replaced, else the best predicted IoU of its parts."""
        scores = [one.score for one in self.replaced or self.parts]
        return max(scores, default=0.0)


def seeded(seed: Seed, found: ConceptCandidates) -> Candidate | None:
    """The candidate that a seed names: by its id if it is still where it was, else by its box.

    By its box it is one of those that reach `SCORE_FLOOR`, so that how low scores were asked for
    changes nothing.

    Args:
        seed: The instance.
        found: What the seed's prompt finds now, perhaps with other weights.

    Returns:
        None where nothing is found there any more.
    """
    known = known_by_id(seed, found)
    if known is not None:
        return known
    # Of the others the network's own boxes will do: their masks need not be made.
    near = [
        (box_iou(seed.box_xyxy, one.box_xyxy or one.mask.box_xyxy), one)
        for one in found.candidates
        if one.score >= SCORE_FLOOR
    ]
    likely, best = max(near, key=itemgetter(0), default=(0.0, None))
    return best if likely >= SAME_IOU else None


def known_by_id(seed: Seed, found: ConceptCandidates) -> Candidate | None:
    """The candidate of a seed's id, if it is still where it was; None if not.

    Either of its boxes may say so: the mask's reaches to the last speck, which a cleanup may
    have taken before the seed's box was noted.
    """
    for one in found.candidates:
        if one.id == seed.candidate and any(
            box is not None and box_iou(seed.box_xyxy, box) >= SAME_IOU
            for box in (one.box_xyxy, one.mask.box_xyxy)
        ):
            return one
    return None


def box_iou(one: BoxXYXY, other: Sequence[float]) -> float:
    """Intersection over union of two boxes in [0, 1]; 0 where one has no area."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)
