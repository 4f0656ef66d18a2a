"""The SAM License, accepted once before weights come from elsewhere than Meta's own gate."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sam3_playground.bundled import bundled_folder
from sam3_playground.errors import PlaygroundError, StorageError, WeightsUnavailableError
from sam3_playground.weights.places import config_file
from sam3_playground.weights.remembered import add_line, read_lines

_ACCEPTED = "accepted-licences.txt"


def licence_text() -> str:
    """The whole text, as it came with the weights.

    Raises:
        WeightsUnavailableError: The checkout lacks it.
    """
    folder = bundled_folder("tiny")  # it lies beside the checkpoint that is under it
    try:
        return (folder or Path()).joinpath("LICENSE").read_text(encoding="utf-8")
    except OSError as error:
        raise WeightsUnavailableError(
            "expected the SAM License at assets/tiny/LICENSE, got none: is the checkout complete?"
        ) from error


def is_accepted() -> bool:
    """Whether this user accepted the licence, in this very wording."""
    return _digest() in read_lines(config_file(_ACCEPTED))


def accept() -> None:
    """Remember that this user accepted the licence, by the SHA-256 of its text.

    Raises:
        StorageError: It cannot be remembered.
    """
    try:
        add_line(config_file(_ACCEPTED), _digest())
    except PlaygroundError as error:
        raise StorageError(
            "expected to remember that the licence was accepted, got a folder for settings "
            "that cannot be written to"
        ) from error


def _digest() -> str:
    return hashlib.sha256(licence_text().encode()).hexdigest()
