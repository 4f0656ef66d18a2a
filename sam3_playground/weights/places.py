"""Where this program keeps things of a user's: weights, what was accepted, what was computed."""

from __future__ import annotations

from pathlib import Path

import platformdirs

_NAME = "sam3-playground"


def weights_folder(folder: Path | None) -> Path:
    """The folder of one's own for weights; it may not be there yet.

    Args:
        folder: What SAM3_WEIGHTS_DIR names; None takes "weights" in the user's data folder.
    """
    return (
        platformdirs.user_data_path(_NAME, appauthor=False) / "weights"
        if folder is None
        else folder
    )


def config_file(name: str) -> Path:
    """A file that the user decided on; it may not be there yet."""
    return platformdirs.user_config_path(_NAME, appauthor=False) / name


def cache_file(name: str) -> Path:
    """A file that can be made again at any time; it may not be there yet."""
    return platformdirs.user_cache_path(_NAME, appauthor=False) / name


def hub_sources_file() -> Path:
    """The list of what was fetched from the hub besides Meta's own, one source a line."""
    return platformdirs.user_data_path(_NAME, appauthor=False) / "hub-sources.txt"
