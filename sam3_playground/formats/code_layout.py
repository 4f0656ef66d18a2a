"""Values as source text: JSON and Python literals, broken into lines where they are long."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

WIDTH = 92
_INDENT = "    "


@dataclass(frozen=True)
class Raw:
    """Source text that stands as it is, such as the name of a variable."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call, such as `Nms("within", 0.7)`.

    Attributes:
        name: What is called.
        values: Its arguments by position.
        named: Its arguments by name, after them.
    """

    name: str
    values: Sequence[Any] = ()
    named: Mapping[str, Any] | None = None


Literal: TypeAlias = Callable[[Any], str]


def json_text(value: Any) -> str:
    """The value as JSON; letters stay readable, and what cannot be seen is escaped."""
    return _laid_out(value, _json_literal, last_comma="")


def python_text(value: Any, *, before: str = "") -> str:
    """The value as Python: plain values, tuples, `Call` and `Raw`.

    Args:
        value: What is written.
        before: What stands before it on its first line, and in the answer too.
    """
    return before + _laid_out(value, _python_literal, used=len(before), last_comma=",")


def shown_number(value: float) -> float:
    """The same number, whole if it is one: 12.0 is typed as 12."""
    return int(value) if float(value).is_integer() else float(value)


def one_line(text: str) -> str:
    """The text for a comment: on one line, without anything that cannot be seen."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _laid_out(
    value: Any, literal: Literal, *, depth: int = 0, used: int = 0, last_comma: str
) -> str:
    """The value on one line, or a line for each of its parts.

    Args:
        value: What is written.
        literal: How what has no parts is written.
        depth: How far its lines are indented.
        used: Letters that its first line has already, and those that will follow it.
        last_comma: What follows the last part, where each has a line.
    """
    if isinstance(value, Raw):
        return value.text
    opening, parts, closing = _parts(value, literal)
    if parts is None:
        return literal(value)
    flat = [
        before + _laid_out(part, literal, depth=-1, last_comma=last_comma) for before, part in parts
    ]
    alone = "," if isinstance(value, tuple) and len(parts) == 1 else ""
    line = opening + ", ".join(flat) + alone + closing
    # On one line, whoever asks for it: depth -1.
    if depth < 0 or not parts or len(_INDENT) * depth + used + len(line) <= WIDTH:
        return line
    inner = [
        _INDENT * (depth + 1)
        + before
        + _laid_out(part, literal, depth=depth + 1, used=len(before) + 1, last_comma=last_comma)
        for before, part in parts
    ]
    return opening + "\n" + ",\n".join(inner) + last_comma + "\n" + _INDENT * depth + closing


def _parts(value: Any, literal: Literal) -> tuple[str, list[tuple[str, Any]] | None, str]:
    """Brackets, and what is between them: each part, and what stands before it."""
    if isinstance(value, Call):
        named = [(f"{name}=", part) for name, part in (value.named or {}).items()]
        return f"{value.name}(", [("", part) for part in value.values] + named, ")"
    if isinstance(value, Mapping):
        return "{", [(f"{literal(key)}: ", part) for key, part in value.items()], "}"
    if isinstance(value, tuple):
        return "(", [("", part) for part in value], ")"
    if isinstance(value, list):
        return "[", [("", part) for part in value], "]"
    return "", None, ""


def _json_literal(value: Any) -> str:
    if isinstance(value, float):
        value = shown_number(value)
    text = json.dumps(value, ensure_ascii=False)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def _python_literal(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | float):
        return repr(value)
    if isinstance(value, float):
        return repr(shown_number(value))
    text = repr(value)
    # In double quotes as most of Python is written, where no letter is escaped for it.
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text and "\\'" not in text else text
