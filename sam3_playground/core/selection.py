"""From candidates to instances: thresholds, cleanup, suppression. No network, no full image."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sam3_playground.core.candidates import Candidate, ConceptCandidates, VisualCandidates
from sam3_playground.core.cleanup import Shape, clean
from sam3_playground.core.corrections import Corrected
from sam3_playground.core.mending import mended
from sam3_playground.core.nms import NO_NMS, Nms, suppressors
from sam3_playground.core.requests import ConceptRequest, VisualRequest
from sam3_playground.core.results import Instance, PromptResult, Result, Suppressed
from sam3_playground.errors import ImageTooLargeError, InvalidInputError

# Suppression compares masks with each other, so it needs all of them.
MAX_MASK_BYTES = 2 * 2**30


@dataclass(frozen=True, eq=False)
class _Kept:
    """An instance that reached its threshold, and the place of its prompt."""

    row: int
    instance: Instance


def select_concepts(
    request: ConceptRequest,
    found: Sequence[ConceptCandidates],
    image_size: tuple[int, int],
    corrected: Sequence[Corrected] = (),
) -> Result:
    """Keep what reaches its threshold, mend what was mended, clean the masks, then suppress.

    Only masks of candidates that reach their threshold are made. Empty masks are instances
    like others, as on the reference server, unless the cleanup wants an area. Suppression
    comes last, so that what it compares is what comes out, and what was dropped suppresses
    nothing. What was mended reaches every threshold and gives way to nothing.

    Args:
        request: What was asked.
        found: The candidates of each of its prompts, in order.
        image_size: (height, width) in pixels.
        corrected: The request's corrections with their candidates; those whose instances are not
            found any more are left out.

    Raises:
        InvalidInputError: Candidates of another number of prompts or of an image of another
            size, or a score that is NaN.
        ImageTooLargeError: Suppression over masks of more than `MAX_MASK_BYTES` together.
    """
    if len(found) != len(request.prompts):
        raise InvalidInputError(
            f"expected candidates for {len(request.prompts)} concepts, got {len(found)}"
        )
    if request.nms.mode != "off":
        _check_mask_bytes(request, found, corrected, image_size)
    kept = []
    for row, name in enumerate(request.ids):
        instances = list(concept_instances(request, found[row], row, image_size))
        own = [one for one in corrected if one.correction.concept == name]
        if own:
            for one in own:
                _check((*one.replaced, *one.parts), image_size)
            everything = found[row].candidates
            reaching = sum(one.score >= request.score_floor for one in everything)
            label = request.prompts[row].label
            instances = mended(instances, own, everything, reaching, label, request.cleanup)
        kept += [_Kept(row, instance) for instance in _named_apart(instances, request)]
    applied = {one.correction.id for one in corrected}
    better = _suppressors(request.nms, kept, len(found))
    results = []
    for row, (prompt, concept) in enumerate(zip(request.prompts, found, strict=True)):
        places = [place for place, item in enumerate(kept) if item.row == row]
        given_way = Counter(
            request.prompts[kept[winner].row].label
            for place in places
            if (winner := better[place]) is not None
        )
        results.append(
            PromptResult(
                prompt,
                tuple(kept[place].instance for place in places if better[place] is None),
                max((candidate.score for candidate in concept.candidates), default=None),
                id=request.ids[row],
                label=prompt.label,
                score_threshold=request.threshold_of(prompt),
                suppressed=tuple(Suppressed(*item) for item in given_way.items()),
                misfits=tuple(
                    one.id
                    for one in request.corrections
                    if one.concept == request.ids[row] and one.id not in applied
                ),
            )
        )
    return Result(image_size, tuple(results), request.nms)


def _named_apart(instances: Sequence[Instance], request: ConceptRequest) -> list[Instance]:
    """The same with other ids for those found that have one of a mended instance.

    A network that sees another prompt, or has other weights, may find another thing by the same
    id; the mended one keeps it.
    """
    taken = {one.id for one in request.corrections}
    named = []
    for item in instances:
        name, count = item.id, 1
        while not item.corrected and name in taken:
            count += 1
            name = f"{item.id}:{count}"
        named.append(item if name == item.id else replace(item, id=name))
    return named


def concept_instances(
    request: ConceptRequest,
    found: ConceptCandidates,
    row: int,
    image_size: tuple[int, int],
) -> Iterator[Instance]:
    """The instances of one concept that reach its threshold, nothing suppressed, one by one."""
    _check(found.candidates, image_size)
    prompt, name = request.prompts[row], request.ids[row]
    threshold = request.threshold_of(prompt)
    for rank, candidate in enumerate(found.candidates):
        if candidate.score < threshold:
            continue
        shape = clean(candidate.mask, request.cleanup)
        if shape is not None:
            yield _instance(prompt.label, candidate, rank, f"{name}:{candidate.id}", shape)


def select_visual(
    request: VisualRequest, found: Sequence[VisualCandidates], image_size: tuple[int, int]
) -> Result:
    """The one mask that is chosen of each object's candidates, the best one first.

    An object has no instance where the cleanup leaves nothing of its mask.

    Args:
        request: What was asked.
        found: The candidates of each of its objects, in order.
        image_size: (height, width) in pixels.

    Raises:
        InvalidInputError: Candidates of another number of objects or of an image of another
            size, no candidate where one is chosen, or a score that is NaN.
    """
    if len(found) != len(request.objects):
        raise InvalidInputError(
            f"expected candidates for {len(request.objects)} objects, got {len(found)}"
        )
    results = []
    for item, name, proposed in zip(request.objects, request.ids, found, strict=True):
        _check(proposed.candidates, image_size)
        chosen = chosen_candidate(proposed, item.step.choice)
        best = max(candidate.score for candidate in proposed.candidates)
        shape = clean(chosen.mask, request.cleanup)
        instances = () if shape is None else (_instance(item.label, chosen, 0, name, shape),)
        results.append(PromptResult(proposed.prompt, instances, best, id=name, label=item.label))
    return Result(image_size, tuple(results), NO_NMS)


def chosen_candidate(found: VisualCandidates, choice: int) -> Candidate:
    """The candidate that a user chose, counted from 0.

    Raises:
        InvalidInputError: There is none of that place.
    """
    if not 0 <= choice < len(found.candidates):
        raise InvalidInputError(
            f"expected a mask from 0 to {len(found.candidates) - 1}, got {choice}"
        )
    return found.candidates[choice]


def _instance(label: str, candidate: Candidate, rank: int, name: str, shape: Shape) -> Instance:
    return Instance(
        label,
        candidate.score,
        shape.mask,
        id=name,
        rank=rank,
        polygons=shape.polygons,
        candidate=candidate,
    )


def _suppressors(nms: Nms, kept: Sequence[_Kept], rows: int) -> list[int | None]:
    """For whom each instance gives way, by its place; None where it stays."""
    better: list[int | None] = [None] * len(kept)
    everything = list(range(len(kept)))
    groups = {
        "off": [],
        "across": [everything],
        "within": [[at for at in everything if kept[at].row == row] for row in range(rows)],
    }[nms.mode]
    for places in groups:
        found = suppressors(
            [kept[place].instance.mask for place in places],
            [kept[place].instance.score for place in places],
            iou_threshold=nms.iou_threshold,
            staying={n for n, place in enumerate(places) if kept[place].instance.corrected},
        )
        for place, winner in zip(places, found, strict=True):
            better[place] = None if winner is None else places[winner]
    return better


def _check(candidates: Sequence[Candidate], image_size: tuple[int, int]) -> None:
    for candidate in candidates:
        if math.isnan(candidate.score):
            raise InvalidInputError("expected scores as numbers, got NaN")
        if tuple(candidate.image_size) != tuple(image_size):
            raise InvalidInputError(
                f"expected candidates of an image of (height, width) {image_size}, "
                f"got {candidate.image_size}"
            )


def _check_mask_bytes(
    request: ConceptRequest,
    found: Sequence[ConceptCandidates],
    corrected: Sequence[Corrected],
    image_size: tuple[int, int],
) -> None:
    reached = [
        candidate
        for prompt, concept in zip(request.prompts, found, strict=True)
        for candidate in concept.candidates
        if candidate.score >= request.threshold_of(prompt)
    ]
    reached += [part for one in corrected for part in one.parts]
    if len(reached) * image_size[0] * image_size[1] <= MAX_MASK_BYTES:
        return
    total = sum(_mask_bytes(candidate, image_size) for candidate in reached)
    if total > MAX_MASK_BYTES:
        raise ImageTooLargeError(
            f"expected masks of at most {MAX_MASK_BYTES:,} bytes together for NMS, got about "
            f"{total:,}: take a smaller image, a higher threshold, fewer concepts, or no NMS"
        )


def _mask_bytes(candidate: Candidate, image_size: tuple[int, int]) -> int:
    """About the bytes of the full-size mask: those of the box around its positive logits."""
    positive = candidate.mask_logits > 0
    rows = np.flatnonzero(positive.any(axis=1))
    columns = np.flatnonzero(positive.any(axis=0))
    if not rows.size:
        return 0
    share = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / positive.size
    return int(share * image_size[0] * image_size[1])
