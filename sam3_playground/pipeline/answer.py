"""An image and a request give a result: what every door does, in one place."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias, overload

from sam3_playground.core.candidates import SCORE_FLOOR, ConceptCandidates, VisualCandidates
from sam3_playground.core.corrections import Corrected
from sam3_playground.core.images import RgbImage
from sam3_playground.core.requests import (
    ConceptRequest,
    Request,
    VisualRequest,
    without_threshold,
)
from sam3_playground.core.results import Result
from sam3_playground.core.segmenter import NO_TIME, Segmenter, Timings, check_clicks
from sam3_playground.core.selection import select_concepts, select_visual
from sam3_playground.core.steps import StepKey
from sam3_playground.errors import located
from sam3_playground.pipeline.following import Following
from sam3_playground.pipeline.keeping import Concepts, Forgetful, Keeper
from sam3_playground.pipeline.progress import telling

ENCODING = "Encoding the image"


@dataclass(frozen=True, eq=False)
class ConceptProposal:
    """What a network says to a request about concepts.

    Attributes:
        request: What was asked.
        image_size: (height, width) in pixels.
        found: The candidates of each of its prompts, in order.
        timings: What the network took.
        weights: The name of its weights.
        corrected: Those of its corrections whose instances are still found.
        steps: The candidates of all steps that led to these.
        seeds: What concepts found that corrections are about, beside `found`.
    """

    request: ConceptRequest
    image_size: tuple[int, int]
    found: tuple[ConceptCandidates, ...]
    timings: Timings
    weights: str
    corrected: tuple[Corrected, ...] = ()
    steps: Mapping[StepKey, VisualCandidates] = field(default_factory=dict)
    seeds: tuple[ConceptCandidates, ...] = ()

    def select(self) -> Result:
        """What the request keeps of it."""
        result = select_concepts(self.request, self.found, self.image_size, self.corrected)
        return replace(result, timings=self.timings, weights=self.weights)


@dataclass(frozen=True, eq=False)
class VisualProposal:
    """What a network says to a request about objects.

    Attributes:
        request: What was asked.
        image_size: (height, width) in pixels.
        found: The candidates of each of its objects, in order.
        steps: The candidates of all steps that led there.
        timings: What the network took.
        weights: The name of its weights.
    """

    request: VisualRequest
    image_size: tuple[int, int]
    found: tuple[VisualCandidates, ...]
    steps: Mapping[StepKey, VisualCandidates]
    timings: Timings
    weights: str

    def select(self) -> Result:
        """The masks that are chosen of it."""
        result = select_visual(self.request, self.found, self.image_size)
        return replace(result, timings=self.timings, weights=self.weights)


Proposal: TypeAlias = ConceptProposal | VisualProposal
Encode: TypeAlias = Callable[[Segmenter, RgbImage], Generator[str, None, Timings]]


def answer(segmenter: Segmenter, image: RgbImage, request: Request) -> Result:
    """The result of a request over an image.

    Raises:
        InvalidPromptError: A text that is too long for the network, or a prompt that has no part
            in the image; it says which one.
        PlaygroundError: What the segmenter raises, and what `select_concepts` does.
    """
    return propose(segmenter, image, request).select()


@overload
def propose(
    segmenter: Segmenter, image: RgbImage, request: ConceptRequest, keeper: Keeper | None = None
) -> ConceptProposal: ...
@overload
def propose(
    segmenter: Segmenter, image: RgbImage, request: VisualRequest, keeper: Keeper | None = None
) -> VisualProposal: ...
@overload
def propose(
    segmenter: Segmenter, image: RgbImage, request: Request, keeper: Keeper | None = None
) -> Proposal: ...
def propose(
    segmenter: Segmenter, image: RgbImage, request: Request, keeper: Keeper | None = None
) -> Proposal:
    """What the network says to a request, before anything is chosen: see `answer`."""
    steps = _proposing(segmenter, image, request, keeper, _embedding_untold)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        proposal: Proposal = end.value
        return proposal


def proposing(
    segmenter: Segmenter, image: RgbImage, request: Request, keeper: Keeper | None = None
) -> Generator[str, None, Proposal]:
    """The same, telling what is about to be done; the network runs for what is not kept.

    Yields:
        A line about the step that begins, and how far one is that takes long.
    """
    return (yield from _proposing(segmenter, image, request, keeper, embedding))


def embedding(segmenter: Segmenter, image: RgbImage) -> Generator[str, None, Timings]:
    """Encode an image, telling how far that is, where it is not done already."""
    if segmenter.is_embedded(image):
        return NO_TIME
    yield ENCODING
    return (yield from telling(ENCODING, partial(segmenter.embed, image)))


def _embedding_untold(segmenter: Segmenter, image: RgbImage) -> Generator[str, None, Timings]:
    """The same where nobody listens: in this thread, which can be interrupted."""
    yield ENCODING
    return segmenter.embed(image)


def _proposing(
    segmenter: Segmenter,
    image: RgbImage,
    request: Request,
    keeper: Keeper | None,
    encode: Encode,
) -> Generator[str, None, Proposal]:
    request.check_inside(image.size)
    keeper = keeper or Forgetful()
    if isinstance(request, ConceptRequest):
        return (yield from _propose_concepts(segmenter, image, request, keeper, encode))
    return (yield from _propose_objects(segmenter, image, request, keeper, encode))


def check_answerable(segmenter: Segmenter, request: Request) -> None:
    """Refuse what the weights cannot answer, whatever the image: before any image is read.

    Raises:
        InvalidPromptError: A text that the network would read only the beginning of; it says
            which prompt.
        NoClicksError: Objects, or corrections by clicks, of weights that answer concepts alone.
    """
    if isinstance(request, VisualRequest) or any(one.steps for one in request.corrections):
        check_clicks(segmenter.weights)
    for place, prompt in enumerate(request.prompts if isinstance(request, ConceptRequest) else ()):
        with located("prompts", place, "text"):
            segmenter.validate_text(prompt)
    for prompt in dict.fromkeys(seed.prompt for seed in request.seeds):
        segmenter.validate_text(prompt)


def _propose_concepts(
    segmenter: Segmenter, image: RgbImage, request: ConceptRequest, keeper: Keeper, encode: Encode
) -> Generator[str, None, ConceptProposal]:
    asked = list(map(without_threshold, request.prompts))
    concepts = Concepts(image, asked, request.seeds, request.score_floor, keeper)
    following = Following(segmenter, image, keeper)
    known = following.knows([step for one in request.corrections for step in one.steps])
    timings = NO_TIME
    if known and concepts.complete:
        corrected = _corrected(following, concepts, request)
    else:
        check_answerable(segmenter, request)
        with segmenter.holding(image):
            timings += yield from encode(segmenter, image)
            timings += yield from concepts.ask(segmenter)
            corrected = _corrected(following, concepts, request)
    return ConceptProposal(
        request,
        image.size,
        tuple(concepts.found[prompt] for prompt in asked),
        timings + following.timings,
        segmenter.weights.name,
        corrected,
        following.steps,
        tuple(found for prompt, found in concepts.found.items() if prompt not in asked),
    )


def _corrected(
    following: Following, concepts: Concepts, request: ConceptRequest
) -> tuple[Corrected, ...]:
    following.start_from(concepts.found)
    return tuple(filter(None, map(following.corrected, request.corrections)))


def _propose_objects(
    segmenter: Segmenter, image: RgbImage, request: VisualRequest, keeper: Keeper, encode: Encode
) -> Generator[str, None, VisualProposal]:
    steps = [item.step for item in request.objects]
    following = Following(segmenter, image, keeper, multimask=request.multimask)
    timings = NO_TIME
    plain = all(item.mask_input is None for item in request.objects)
    if plain and following.knows(steps):
        found = [following.steps[step.key] for step in steps]
    else:
        check_answerable(segmenter, request)
        concepts = Concepts(image, (), request.seeds, SCORE_FLOOR, keeper)
        with segmenter.holding(image):
            timings += yield from encode(segmenter, image)
            timings += yield from concepts.ask(segmenter)
            following.start_from(concepts.found)
            found = []
            for place, item in enumerate(request.objects):
                with located("objects", place):
                    found.append(following.follow(item.step, item.mask_input))
    return VisualProposal(
        request,
        image.size,
        tuple(found),
        following.steps,
        timings + following.timings,
        segmenter.weights.name,
    )
