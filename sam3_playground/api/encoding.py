"""From a proposal to a request's answer, one mask at a time where that is possible.

At full size a mask takes a byte for each pixel of its box: all of a request's masks at once
can be more than a machine has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.results import Result
from sam3_playground.core.selection import concept_instances, select_visual
from sam3_playground.formats.masks import Way
from sam3_playground.formats.roboflow import concept_response, prediction, visual_response
from sam3_playground.pipeline.answer import ConceptProposal, VisualProposal


def concept_answer(
    proposal: ConceptProposal, way: Way, *, go_on: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """The values of an answer about concepts; `time` is 0.0 still.

    Args:
        proposal: What the network says to the request.
        way: How masks are written.
        go_on: Called between masks; raises where nobody waits for the answer any more.

    Raises:
        ImageTooLargeError: Suppression over too many masks.
    """
    request = proposal.request
    if request.nms.mode != "off":
        return concept_response(proposal.select(), way=way, seconds=0.0)
    nothing = tuple(replace(concept, candidates=()) for concept in proposal.found)
    values = concept_response(replace(proposal, found=nothing).select(), way=way, seconds=0.0)
    for row, concept in enumerate(proposal.found):
        predictions = values["prompt_results"][row]["predictions"]
        for candidate in concept.candidates:
            go_on()
            # A candidate keeps the mask that it has made: this copy goes with it.
            alone: ConceptCandidates = replace(concept, candidates=(replace(candidate),))
            found = concept_instances(request, alone, row, proposal.image_size)
            predictions += [prediction(one, way) for one in found]
    return values


def visual_answer(
    proposal: VisualProposal, way: Way, *, go_on: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """The values of an answer about objects: the mask that is chosen of each.

    `time` is 0.0 still. Where the cleanup leaves nothing of a mask, its object has no
    prediction. The arguments are those of `concept_answer`.
    """
    request = proposal.request
    values = visual_response(Result(proposal.image_size, ()), way=way, seconds=0.0)
    for index, (item, found) in enumerate(zip(request.objects, proposal.found, strict=True)):
        go_on()
        # A copy, as above.
        alone: VisualCandidates = replace(found, candidates=tuple(map(replace, found.candidates)))
        result = select_visual(
            replace(request, objects=(item,), ids=(request.ids[index],)),
            [alone],
            proposal.image_size,
        )
        one = visual_response(result, way=way, seconds=0.0)
        values["predictions"] += one["predictions"]
        values["prompt_results"] += [
            entry | {"prompt_index": index} for entry in one["prompt_results"]
        ]
    return values
