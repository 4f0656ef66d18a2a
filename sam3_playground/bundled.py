"""Where the files lie that come with the package: `assets/`, in a checkout and when installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled_folder(name: str) -> Path | None:
    """A folder of `assets/`: inside the package when installed, beside it in a checkout.

    Args:
        name: "tiny" for the bundled checkpoint, "examples" for images to try.

    Returns:
        The folder; None if it is in neither place.
    """
    # Inside first: beside an installed package lie the folders of all others.
    places = (root / "assets" / name for root in (_PACKAGE, _PACKAGE.parent))
    return next((place for place in places if place.is_dir()), None)
