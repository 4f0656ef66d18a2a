"""A request as text for this package's own Python API.

It prints a document as the command line writes it, with masks as RLE: to the pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.corrections import Correction
from sam3_playground.core.nms import Nms
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest, Request, VisualObject, VisualRequest
from sam3_playground.core.steps import Part, Step
from sam3_playground.formats.code_calls import (
    Source,
    cleanup_fields,
    header_of,
    mask_input_note,
    names_note,
)
from sam3_playground.formats.code_layout import Call, Raw, one_line, python_text

# Of what stands in the text, what has to be imported.
_PUBLIC = (
    "Click",
    "ConceptPrompt",
    "ConceptRequest",
    "Correction",
    "Exemplar",
    "MaskCleanup",
    "Nms",
    "Seed",
    "Step",
    "VisualObject",
    "VisualPrompt",
    "VisualRequest",
)


def as_python(request: Request, source: Source) -> str:
    """For Python with this package; it says all of a request but masks given as numbers."""
    image: Any = source.image
    read = ""
    if source.is_url:
        image = Raw("image")
        opened = python_text(Call("urlopen", [source.image]), before="with ")
        read = f"{opened} as file:\n    image = file.read()\n"
    call = _python_call(request, image)
    names = [name for name in _PUBLIC if name in set(_called(call))]
    lines = ["import json", *(["from urllib.request import urlopen"] if source.is_url else [])]
    lines += ["", "import sam3_playground"]
    if names:
        lines.append(python_text(tuple(map(Raw, names)), before="from sam3_playground import "))
        # Brackets only around what has several lines.
        if "\n" not in lines[-1]:
            lines[-1] = f"from sam3_playground import {', '.join(names)}"
    weights = [] if source.weights is None else [source.weights]
    load = python_text(Call("sam3_playground.load", weights), before="playground = ")
    found = python_text(call, before="found = ")
    notes = [
        mask_input_note(one_line(item.label))
        for item in (request.objects if isinstance(request, VisualRequest) else ())
        if item.mask_input is not None
    ]
    text = "\n".join([*lines, "", load])
    return f'{header_of(notes)}{text}\n{read}{found}\nprint(json.dumps(found.to_json("rle")))\n'


def _python_call(request: Request, image: Any) -> Call:
    cleanup = _cleanup(request.cleanup)
    if isinstance(request, ConceptRequest):
        named = {"score_threshold": request.score_threshold, "nms": _nms(request.nms)}
        if request.corrections:
            return Call("playground.segment", [image, _corrected(request, named | cleanup)])
        prompts = map(_concept, request.prompts)
        return Call("playground.segment_concepts", [image, *prompts], named | cleanup)
    first, *others = request.objects
    step = first.step
    plain = step.base is None and not step.choice and first.mask_input is None
    if plain and not others and request.multimask is None and not names_note(request):
        return Call("playground.segment_visual", [image], _shown(step.prompt) | cleanup)
    said: dict[str, Any] = {}
    if request.multimask is not None:
        said["multimask"] = request.multimask
    asked = Call("VisualRequest", [tuple(map(_object, request.objects))], said | cleanup)
    return Call("playground.segment", [image, asked])


def _corrected(request: ConceptRequest, named: dict[str, Any]) -> Call:
    """A request with what was mended; its concepts have names, by which that refers to them."""
    prompts = tuple(map(_concept_prompt, request.prompts))
    corrections = tuple(map(_correction, request.corrections))
    return Call("ConceptRequest", [prompts, request.ids], named | {"corrections": corrections})


def _correction(one: Correction) -> Call:
    said: dict[str, Any] = {}
    if one.replaces:
        said["replaces"] = tuple(map(_part, one.replaces))
    if one.parts:
        said["parts"] = tuple(map(_part, one.parts))
    return Call("Correction", [one.id, one.concept], said)


def _part(part: Part) -> Call:
    if isinstance(part, Step):
        return _step(part)
    return Call("Seed", [_concept_prompt(part.prompt), part.candidate, part.box_xyxy])


def _concept_prompt(prompt: ConceptPrompt) -> Call:
    said = _concept(prompt)
    return Call("ConceptPrompt", [said]) if isinstance(said, str) else said


def _concept(prompt: ConceptPrompt) -> str | Call:
    said: dict[str, Any] = {}
    if prompt.exemplars:
        said["exemplars"] = tuple(
            Call("Exemplar", [one.box_xyxy], {} if one.positive else {"positive": False})
            for one in prompt.exemplars
        )
    if prompt.score_threshold is not None:
        said["score_threshold"] = prompt.score_threshold
    if prompt.text is not None and not said:
        return prompt.text
    return Call("ConceptPrompt", [] if prompt.text is None else [prompt.text], said)


def _object(item: VisualObject) -> Call:
    label = [] if item.label == "object" else [item.label]
    return Call("VisualObject", [_step(item.step), *label])


def _step(step: Step) -> Call:
    said: dict[str, Any] = {"choice": step.choice} if step.choice else {}
    if step.base is not None:
        said["base"] = _part(step.base)
    return Call("Step", [Call("VisualPrompt", named=_shown(step.prompt))], said)


def _shown(prompt: VisualPrompt) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if prompt.clicks:
        said["clicks"] = tuple(
            Call("Click", [one.x, one.y], {} if one.positive else {"positive": False})
            for one in prompt.clicks
        )
    if prompt.box_xyxy is not None:
        said["box_xyxy"] = prompt.box_xyxy
    return said


def _nms(nms: Nms) -> Call:
    return Call("Nms", [nms.mode] if nms.mode == "off" else [nms.mode, nms.iou_threshold])


def _cleanup(cleanup: MaskCleanup) -> dict[str, Call]:
    said = cleanup_fields(cleanup)
    return {"cleanup": Call("MaskCleanup", named=said)} if said else {}


def _called(value: Any) -> Iterator[str]:
    """The names of all calls in a value."""
    if isinstance(value, Call):
        yield value.name
        value = [*value.values, *(value.named or {}).values()]
    if isinstance(value, list | tuple):
        for part in value:
            yield from _called(part)
