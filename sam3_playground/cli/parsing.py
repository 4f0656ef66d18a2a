"""Prompts as they are typed on a command line."""

from __future__ import annotations

from collections.abc import Sequence

from sam3_playground.core.prompts import (
    Click,
    ConceptPrompt,
    Exemplar,
    VisualPrompt,
    validate_target,
)
from sam3_playground.core.words import split_concepts
from sam3_playground.errors import InvalidPromptError

_SIGNS = {"+": True, "-": False}


def parse_numbers(text: str, count: int, *, name: str) -> tuple[float, ...]:
    """`count` numbers between commas.

    Raises:
        InvalidPromptError: Another count, or no numbers.
    """
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError:
        values = ()
    if len(values) != count:
        form = ",".join(("x0", "y0", "x1", "y1")[:count]) if count == 4 else "x,y"
        raise InvalidPromptError(f"expected {name} as {form}, got {text!r}")
    return values


def parse_click(text: str) -> Click:
    """`+x,y` or `-x,y`; without a sign it is positive.

    Raises:
        InvalidPromptError: Not of that form.
    """
    positive = _SIGNS.get(text[:1], True)
    x, y = parse_numbers(text.lstrip("+") if positive else text[1:], 2, name="a click")
    return Click(x, y, positive)


def parse_exemplar(text: str) -> tuple[str | None, Exemplar]:
    """`[CONCEPT:]+x0,y0,x1,y1`, or with `-` for what is not meant.

    Returns:
        The concept's words, None if none are named, and the exemplar.

    Raises:
        InvalidPromptError: Not of that form.
    """
    concept, colon, box = text.rpartition(":")
    positive = _SIGNS.get(box[:1], True)
    x0, y0, x1, y1 = parse_numbers(
        box.lstrip("+") if positive else box[1:], 4, name="an exemplar box"
    )
    return (concept if colon else None), Exemplar((x0, y0, x1, y1), positive)


def concept_prompts(concepts: Sequence[str], exemplars: Sequence[str]) -> list[ConceptPrompt]:
    """One prompt for each concept, with the exemplars that belong to it.

    An exemplar without a name belongs to the only concept there is; where there is none, all
    of them make a concept without words.

    Raises:
        InvalidPromptError: An exemplar whose concept is not asked for, or not named among
            several.
    """
    names = list(dict.fromkeys(name for entry in concepts for name in split_concepts(entry)))
    boxes: dict[str | None, list[Exemplar]] = {name: [] for name in names}
    for text in exemplars:
        name, exemplar = parse_exemplar(text)
        if name is None and len(names) == 1:
            name = names[0]
        if name is None and not names:
            boxes.setdefault(None, []).append(exemplar)
        elif name is None:
            raise InvalidPromptError(
                f"expected the concept of exemplar {text!r} before it, such as "
                f"{names[0]}:{text}, because there are {len(names)} concepts"
            )
        elif name not in boxes:
            raise InvalidPromptError(
                f"expected an exemplar of one of the concepts {names}, got one of {name!r}"
            )
        else:
            boxes[name].append(exemplar)
    return [ConceptPrompt(name, tuple(found)) for name, found in boxes.items()]


def visual_prompt(clicks: Sequence[str], box: str | None) -> VisualPrompt:
    """The object that clicks and box show.

    Raises:
        InvalidPromptError: Not of their forms, or neither a positive click nor a box.
    """
    corners = None
    if box is not None:
        x0, y0, x1, y1 = parse_numbers(box, 4, name="a box")
        corners = (x0, y0, x1, y1)
    prompt = VisualPrompt(tuple(parse_click(text) for text in clicks), corners)
    validate_target(prompt, refines=False)
    return prompt
