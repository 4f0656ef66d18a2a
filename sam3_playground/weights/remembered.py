"""Small things kept between runs, in files that may be lost at any time without harm."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from sam3_playground.errors import PlaygroundError
from sam3_playground.outputs import whole_file


def read_lines(path: Path) -> list[str]:
    """The lines of a file; none if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def add_line(path: Path, line: str) -> None:
    """Put a line at the end, unless it is there.

    Raises:
        PlaygroundError: The file cannot be written.
    """
    lines = read_lines(path)
    if line not in lines:
        with whole_file(path, overwrite=True) as partial:
            partial.write_text("".join(f"{it}\n" for it in [*lines, line]), encoding="utf-8")


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; an empty one if there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_object(path: Path, content: dict[str, Any]) -> None:
    """Put a JSON object in the place of what the file holds, if it can be written."""
    with suppress(PlaygroundError), whole_file(path, overwrite=True) as partial:
        partial.write_text(json.dumps(content), encoding="utf-8")
