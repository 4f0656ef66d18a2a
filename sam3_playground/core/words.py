"""The words of concepts: where one ends and the next begins."""

from __future__ import annotations

# Commas and semicolons as keyboards of several scripts type them, and the ends of lines.
SEPARATORS = ",;\n\r，；、､،؛"

_TO_COMMAS = str.maketrans(dict.fromkeys(SEPARATORS, ","))


def split_concepts(text: str) -> list[str]:
    """The concepts that a person typed one after the other, in order; doubles stay.

    Returns:
        What stands between separators, stripped; empty parts are left out.
    """
    parts = (part.strip() for part in text.translate(_TO_COMMAS).split(","))
    return [part for part in parts if part]
