"""A picture of four quarters, no two alike, so that all eight ways of lying differ."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

QUARTERS = np.array([[(220, 20, 20), (20, 180, 20)], [(20, 20, 220), (240, 240, 240)]], np.uint8)
# (64, 96, 3), as a viewer shows it.
SHOWN = QUARTERS.repeat(32, axis=0).repeat(48, axis=1)

# The way back from each orientation.
_UNDONE = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}


def exif_of(orientation: int) -> bytes:
    """EXIF that says nothing else."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def lying(orientation: int) -> Image.Image:
    """The picture as it lies in a file of this orientation."""
    picture = Image.fromarray(SHOWN)
    picture.info["exif"] = exif_of(_UNDONE[orientation])
    laid = ImageOps.exif_transpose(picture)
    laid.info.clear()
    return laid
