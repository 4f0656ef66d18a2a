"""The one type of result that page, API, command line, Python and exports share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sam3_playground.core.candidates import Candidate
from sam3_playground.core.masks import Mask
from sam3_playground.core.nms import NO_NMS, Nms
from sam3_playground.core.polygons import Polygon, mask_to_polygons
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import NO_TIME, Timings


@dataclass(frozen=True, eq=False)
class Instance:
    """One object that was found.

    Attributes:
        label: The concept's name, as shown.
        score: Confidence in [0, 1].
        mask: Its pixels.
        id: Names it among all of an image: its prompt's id and its candidate's, or an object's
            own. Another prompt beside its own, other thresholds and hidden neighbours leave
            it as it is.
        rank: Its place among all that its prompt found, kept or not, the best one first from 0.
        polygons: The outer outlines that the mask was drawn from, in the form of
            `mask_to_polygons`; None where they have to be traced.
        candidate: What the network proposed; None where nobody keeps that.
        corrected: Whether it was mended by hand.
    """

    label: str
    score: float
    mask: Mask
    id: str = "0"
    rank: int = 0
    polygons: tuple[Polygon, ...] | None = None
    candidate: Candidate | None = None
    corrected: bool = False

    @property
    def outlines(self) -> Sequence[Polygon]:
        """Its outer outlines, (K, 2) int32 corners (x, y) each, as `mask_to_polygons` says."""
        return mask_to_polygons(self.mask) if self.polygons is None else self.polygons


@dataclass(frozen=True)
class Suppressed:
    """Instances that gave way to better ones of one prompt.

    Attributes:
        label: What the better ones are called.
        count: How many gave way to them.
    """

    label: str
    count: int


@dataclass(frozen=True, eq=False)
class PromptResult:
    """What one prompt found.

    Attributes:
        prompt: The prompt that was asked.
        instances: Kept instances in the candidates' order.
        best_score: The best score that any candidate had, kept or not; None without any.
        id: The prompt's id.
        label: What its instances are called.
        score_threshold: What they had to reach; None where there is no threshold.
        suppressed: Which of them NMS took, and for whom.
        misfits: The ids of corrections of what is not found any more; they are left out.
    """

    prompt: ConceptPrompt | VisualPrompt
    instances: tuple[Instance, ...]
    best_score: float | None = None
    id: str = "0"
    label: str = "object"
    score_threshold: float | None = None
    suppressed: tuple[Suppressed, ...] = ()
    misfits: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to one request over one image.

    Attributes:
        image_size: (height, width) in pixels.
        prompt_results: One for each prompt, in the request's order.
        nms: The suppression that was used.
        timings: What the network's part took.
        weights: The name of the weights that answered; empty where no network did.
    """

    image_size: tuple[int, int]
    prompt_results: tuple[PromptResult, ...]
    nms: Nms = NO_NMS
    timings: Timings = NO_TIME
    weights: str = ""

    @property
    def instances(self) -> tuple[Instance, ...]:
        """All instances, prompt after prompt."""
        return tuple(i for result in self.prompt_results for i in result.instances)

    def filtered(self, keep: Callable[[Instance], bool]) -> Result:
        """The result with those instances alone that `keep` says."""
        return replace(
            self,
            prompt_results=tuple(
                replace(result, instances=tuple(filter(keep, result.instances)))
                for result in self.prompt_results
            ),
        )

    def mapped(self, change: Callable[[Mask], Mask], image_size: tuple[int, int]) -> Result:
        """The result over another size of (height, width), each mask changed to it."""
        return replace(
            self,
            image_size=image_size,
            prompt_results=tuple(
                replace(
                    result,
                    instances=tuple(
                        replace(item, mask=change(item.mask), polygons=None)
                        for item in result.instances
                    ),
                )
                for result in self.prompt_results
            ),
        )


def joined(image_size: tuple[int, int], results: Sequence[Result]) -> Result:
    """Several requests' results over one image of (height, width) as one; none is an empty one.

    The suppression is that of the first, and the time that of all together.
    """
    if not results:
        return Result(image_size, ())
    timings = NO_TIME
    for result in results:
        timings += result.timings
    prompts = tuple(found for result in results for found in result.prompt_results)
    return replace(results[0], prompt_results=prompts, timings=timings)
