"""An image and a request give a result: what every door does, in one place."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeAlias, overload

from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import (
    ConceptRequest,
    Request,
    Step,
    StepKey,
    VisualObject,
    VisualRequest,
    without_threshold,
)
from sam3_playground.core.results import Result
from sam3_playground.core.segmenter import NO_TIME, Segmenter, Timings, check_clicks
from sam3_playground.core.selection import chosen_candidate, select_concepts, select_visual
from sam3_playground.errors import located
from sam3_playground.pipeline.progress import telling

ENCODING = "Encoding the image"


class Keeper(Protocol):
    """Remembers what a network said of images, for as long as it likes."""

    def concept(self, image: RgbImage, prompt: ConceptPrompt) -> ConceptCandidates | None:
        """Candidates of a concept without a threshold, if they are kept."""
        ...

    def keep_concept(self, image: RgbImage, found: ConceptCandidates) -> None:
        """Keep the candidates of a concept without a threshold."""
        ...

    def step(self, image: RgbImage, key: StepKey) -> VisualCandidates | None:
        """Candidates of a step, if they are kept."""
        ...

    def keep_step(self, image: RgbImage, key: StepKey, found: VisualCandidates) -> None:
        """Keep the candidates of a step."""
        ...


class _Forgetful:
    """Keeps nothing."""

    def concept(self, image: RgbImage, prompt: ConceptPrompt) -> None:
        """Nothing."""

    def keep_concept(self, image: RgbImage, found: ConceptCandidates) -> None:
        """Nothing is kept."""

    def step(self, image: RgbImage, key: StepKey) -> None:
        """Nothing."""

    def keep_step(self, image: RgbImage, key: StepKey, found: VisualCandidates) -> None:
        """Nothing is kept."""


@dataclass(frozen=True, eq=False)
class ConceptProposal:
    """What a network says to a request about concepts.

    Attributes:
        request: What was asked.
        image_size: (height, width) in pixels.
        found: The candidates of each of its prompts, in order.
        timings: What the network took.
        weights: The name of its weights.
    """

    request: ConceptRequest
    image_size: tuple[int, int]
    found: tuple[ConceptCandidates, ...]
    timings: Timings
    weights: str

    def select(self) -> Result:
        """What the request keeps of it."""
        result = select_concepts(self.request, self.found, self.image_size)
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
    keeper = keeper or _Forgetful()
    if isinstance(request, ConceptRequest):
        return (yield from _propose_concepts(segmenter, image, request, keeper, encode))
    return (yield from _propose_objects(segmenter, image, request, keeper, encode))


def check_answerable(segmenter: Segmenter, request: Request) -> None:
    """Refuse what the weights cannot answer, whatever the image: before any image is read.

    Raises:
        InvalidPromptError: A text that the network would read only the beginning of; it says
            which prompt.
        NoClicksError: Objects, of weights that answer concepts alone.
    """
    if isinstance(request, VisualRequest):
        check_clicks(segmenter.weights)
    for place, prompt in enumerate(request.prompts if isinstance(request, ConceptRequest) else ()):
        with located("prompts", place, "text"):
            segmenter.validate_text(prompt)


def _propose_concepts(
    segmenter: Segmenter, image: RgbImage, request: ConceptRequest, keeper: Keeper, encode: Encode
) -> Generator[str, None, ConceptProposal]:
    floor = request.score_floor
    wanted = list(dict.fromkeys(map(without_threshold, request.prompts)))
    found: dict[ConceptPrompt, ConceptCandidates] = {}
    for prompt in wanted:
        kept = keeper.concept(image, prompt)
        if kept is not None and kept.score_floor <= floor:
            found[prompt] = kept
    missing = [prompt for prompt in wanted if prompt not in found]
    timings = NO_TIME
    if missing:
        check_answerable(segmenter, request)
        with segmenter.holding(image):
            timings += yield from encode(segmenter, image)
            yield "Looking for " + ", ".join(prompt.label for prompt in missing)
            said = segmenter.segment_concepts(image, missing, score_floor=floor)
        timings += said.timings
        for candidates in said.candidates:
            keeper.keep_concept(image, candidates)
            found[candidates.prompt] = candidates
    return ConceptProposal(
        request,
        image.size,
        tuple(found[without_threshold(prompt)] for prompt in request.prompts),
        timings,
        segmenter.weights.name,
    )


def _propose_objects(
    segmenter: Segmenter, image: RgbImage, request: VisualRequest, keeper: Keeper, encode: Encode
) -> Generator[str, None, VisualProposal]:
    steps: dict[StepKey, VisualCandidates] = {}
    for step in (step for item in request.objects for step in item.step.chain):
        kept = keeper.step(image, step.key)
        if kept is not None:
            steps[step.key] = kept
    timings = NO_TIME
    if any(item.step.key not in steps for item in request.objects):
        check_answerable(segmenter, request)
        with segmenter.holding(image):
            timings += yield from encode(segmenter, image)
            found = []
            for place, item in enumerate(request.objects):
                with located("objects", place):
                    one, took = _follow(segmenter, image, request, item, steps, keeper)
                timings += took
                found.append(one)
    else:
        found = [steps[item.step.key] for item in request.objects]
    return VisualProposal(request, image.size, tuple(found), steps, timings, segmenter.weights.name)


def _follow(
    segmenter: Segmenter,
    image: RgbImage,
    request: VisualRequest,
    item: VisualObject,
    steps: dict[StepKey, VisualCandidates],
    keeper: Keeper,
) -> tuple[VisualCandidates, Timings]:
    """Go an object's steps, those that are known left out."""
    timings, mask_input = NO_TIME, item.mask_input

    def ask(step: Step) -> VisualCandidates:
        nonlocal timings
        kept = steps.get(step.key)
        if kept is not None and item.mask_input is None:
            return kept
        said = segmenter.segment_visual(
            image, step.prompt, mask_input=mask_input, multimask=request.multimask
        )
        timings += said.timings
        if item.mask_input is None:
            steps[step.key] = said.candidates
            keeper.keep_step(image, step.key, said.candidates)
        return said.candidates

    *earlier, last = item.step.chain
    for step in earlier:
        mask_input = chosen_candidate(ask(step), step.choice).mask_logits
    return ask(last), timings
