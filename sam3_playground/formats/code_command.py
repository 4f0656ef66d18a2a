"""A request as text for this project's command line.

It prints a document for each command, with masks as RLE: to the pixel.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest, Request, VisualRequest
from sam3_playground.core.words import plain_words, split_concepts
from sam3_playground.formats.code_calls import (
    Source,
    by_multimask,
    cleanup_fields,
    corrections_note,
    first_mask_notes,
    header_of,
    names_note,
    standing_alone,
)
from sam3_playground.formats.code_layout import one_line, shown_number


def as_command(request: Request, source: Source) -> str:
    """For bash and other POSIX shells; not for Windows' own shells.

    A command knows one threshold, one concept without words, and one object: what has more is
    several commands.
    """
    image, before = source.image, ""
    if source.is_url:
        image = PurePosixPath(urlsplit(source.image).path).name or "image"
        before = "curl --fail --silent --show-error --location"
        before += f" --output {shlex.quote(_path(image))} --url {shlex.quote(source.image)}\n"
    weights = [] if source.weights is None else [f"--weights={source.weights}"]
    end = ["--format=rle", "--json", *weights]
    cleanup = cleanup_fields(request.cleanup)
    end = [f"--{name.replace('_', '-')}={_number(it)}" for name, it in cleanup.items()] + end
    commands, notes = _commands(request)
    text = ""
    for options in commands:
        words = map(shlex.quote, [*options, *end])
        start = f"sam3-playground segment {shlex.quote(_path(image))}"
        text += " \\\n    ".join([start, *words]) + "\n"
    return header_of(notes) + before + text


def _commands(request: Request) -> tuple[list[list[str]], list[str]]:
    """Options of each command, and what they cannot say."""
    if isinstance(request, VisualRequest):
        commands = [_object_options(standing_alone(item.step)) for item in request.objects]
        return commands, [*names_note(request), *first_mask_notes(request), *_multimask(request)]
    notes: list[str | None] = [*corrections_note(request)]
    notes += [_words_note(one.text) for one in request.prompts if one.text is not None]
    parts = [request]
    if not _is_one_command(request):
        parts = [
            replace(request, prompts=(one,), ids=(), corrections=()) for one in request.prompts
        ]
        if request.nms.mode == "across":
            notes.append(
                "Not said here: NMS across concepts. These concepts need a command each, where "
                "none gives way to another's."
            )
    return [_concept_options(part) for part in parts], [note for note in notes if note]


def _is_one_command(request: ConceptRequest) -> bool:
    names = [_words(one) for one in request.prompts]
    thresholds = {request.threshold_of(one) for one in request.prompts}
    alone = len(names) == 1
    return alone or (len(thresholds) == 1 and all(names) and len(set(names)) == len(names))


def _concept_options(request: ConceptRequest) -> list[str]:
    alone = len(request.prompts) == 1
    options = [f"--concept={words}" for words in map(_words, request.prompts) if words]
    for one in request.prompts:
        of = "" if alone else f"{_words(one)}:"
        for exemplar in one.exemplars:
            sign = "+" if exemplar.positive else "-"
            options.append(f"--exemplar={of}{sign}{_numbers(exemplar.box_xyxy)}")
    options.append(f"--threshold={_number(request.threshold_of(request.prompts[0]))}")
    options.append(f"--nms={request.nms.mode}")
    if request.nms.mode != "off":
        options.append(f"--iou={_number(request.nms.iou_threshold)}")
    return options


def _words(prompt: ConceptPrompt) -> str:
    """A concept's words without what would end them; empty where boxes alone say it."""
    text = prompt.text or ""
    # Of separators alone nothing is left: the command says itself that it wants words.
    return " ".join(split_concepts(text)) or text


def _words_note(text: str) -> str | None:
    """What a command reads otherwise; the ends of lines and the like are spaces for the network."""
    words = _words(ConceptPrompt(text))
    if split_concepts(words) == [words] and plain_words(words) == plain_words(text):
        return None
    return f"Not said here: {one_line(text)} as one concept. A comma or the like ends it."


def _object_options(prompt: VisualPrompt) -> list[str]:
    options = [
        f"--click={'+' if one.positive else '-'}{_numbers((one.x, one.y))}" for one in prompt.clicks
    ]
    if prompt.box_xyxy is not None:
        options.append(f"--box={_numbers(prompt.box_xyxy)}")
    return options


def _multimask(request: VisualRequest) -> list[str]:
    usual = replace(request, multimask=None)
    if request.multimask is None or [
        value for value, items in by_multimask(usual) for _ in items
    ] == [request.multimask] * len(request.objects):
        return []
    wanted = "the best of three masks" if request.multimask else "the single mask"
    return [
        f"Not said here: {wanted} of each prompt. A command goes by what the prompt leaves open."
    ]


def _path(name: str) -> str:
    """A file that no command takes for an option."""
    return f"./{name}" if name.startswith("-") else name


def _number(value: float) -> str:
    return repr(shown_number(value))


def _numbers(values: tuple[float, ...]) -> str:
    return ",".join(map(_number, values))
