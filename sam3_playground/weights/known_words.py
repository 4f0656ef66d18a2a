"""The words that the bundled checkpoint was trained on, as they lie beside it."""

from __future__ import annotations

import json

from sam3_playground.bundled import bundled_folder

FILE = "words.json"


def bundled_words() -> dict[str, list[str]]:
    """Its usual words by what they name: colours, shapes, pictures, groups; synonyms left out.

    Empty where the checkout lacks the list: it is for people alone.
    """
    folder = bundled_folder("tiny")
    path = None if folder is None else folder / FILE
    if path is None or not path.is_file():
        return {}
    words: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return words
