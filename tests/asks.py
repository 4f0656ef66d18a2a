"""States of the page as Python values, for tests that need no browser's JSON."""

from __future__ import annotations

from typing import Any

from sam3_playground.core.nms import DEFAULT_NMS, Nms
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import ConceptRequest, VisualObject, VisualRequest
from sam3_playground.core.steps import Step
from sam3_playground.ui.ask import Ask, Row


def concept_ask(
    image: object, *prompts: ConceptPrompt, nms: Nms = DEFAULT_NMS, **changes: Any
) -> Ask:
    """An ask for concepts, their ids counted from 1; changes are those of the request."""
    rows = tuple(Row(str(place + 1), place, one.label) for place, one in enumerate(prompts))
    ids = tuple(row.id for row in rows)
    request = ConceptRequest(prompts, ids, nms=nms, **changes) if prompts else None
    return Ask(1, image=str(image), concepts=request, rows=rows, nms=nms)


def object_ask(image: object, *steps: Step, active: int = 0, **changes: Any) -> Ask:
    """An ask for objects, their ids counted from 1; changes are those of the request."""
    rows = tuple(Row(str(n + 1), n, f"object {n + 1}") for n in range(len(steps)))
    ids = tuple(row.id for row in rows)
    objects = tuple(VisualObject(step, row.label) for step, row in zip(steps, rows, strict=True))
    return Ask(
        1,
        mode="objects",
        image=str(image),
        objects=VisualRequest(objects, ids, **changes),
        rows=rows,
        active=ids[active],
    )
