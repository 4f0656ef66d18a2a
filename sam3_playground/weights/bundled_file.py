"""The file of the bundled checkpoint."""

from __future__ import annotations

from pathlib import Path

from sam3_playground.bundled import bundled_folder
from sam3_playground.errors import WeightsUnavailableError

BUNDLED_NAME = "tiny"
BUNDLED_FILE = "sam3-tiny.safetensors"


def bundled_path() -> Path:
    """Where it lies.

    Raises:
        WeightsUnavailableError: There is none.
    """
    folder = bundled_folder("tiny")
    if folder is None or not (folder / BUNDLED_FILE).is_file():
        raise WeightsUnavailableError(
            f"expected the bundled checkpoint assets/tiny/{BUNDLED_FILE}, got none: "
            "is the checkout complete?"
        )
    return folder / BUNDLED_FILE
