"""What is wrong with a value that came from outside, as a sentence with expected and got."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sized
from typing import Any

SHOWN_CHARACTERS = 40


def expected_and_got(entry: Mapping[str, Any]) -> str:
    """Pydantic's message in this project's form; own messages have it already.

    Args:
        entry: One of a validation error's `errors()`.
    """
    message = str(entry["msg"]).removeprefix("Value error, ")
    if message.startswith("expected "):
        return printable(message)
    if entry["type"] == "missing":
        return "expected this field, got none"
    if entry["type"] == "json_invalid":
        return "expected JSON, got something else"
    sized = re.match(r"\w+ should have (at (?:most|least) \d+ \w+)", message)
    if sized and isinstance(given := entry.get("input"), Sized):
        return f"expected {sized[1]}, got {len(given):,}"
    wanted = message.removeprefix("Input should be ").strip()
    wanted = wanted[:1].lower() + wanted[1:]
    return printable(f"expected {wanted}, got {brief(entry.get('input'))}")


def brief(value: object) -> str:
    """A value for a message: short, and of lists and objects only the kind."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        return f"{value[:SHOWN_CHARACTERS]!r}... of {len(value):,} characters"
    shown = repr(value) if not isinstance(value, int) or abs(value) < 10**15 else "a huge number"
    return shown if len(shown) <= 2 * SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + "..."


def printable(text: str) -> str:
    """Text that UTF-8 can hold: JSON allows half of a surrogate pair, UTF-8 does not."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
