"""Grey TIFFs as instruments write them, made without the library that reads them."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

_FORMATS = {"u": 1, "i": 2, "f": 3}


def grey_tiff(values: NDArray[np.generic], *, white_is_zero: bool = False) -> bytes:
    """A little-endian, uncompressed TIFF of one strip.

    Args:
        values: (H, W) of any real dtype of 8, 16 or 32 bits.
        white_is_zero: Its PhotometricInterpretation; the values are stored as they are.
    """
    height, width = values.shape
    data = values.astype(values.dtype.newbyteorder("<")).tobytes()
    tags = {
        256: width,
        257: height,
        258: values.dtype.itemsize * 8,
        259: 1,  # no compression
        262: 0 if white_is_zero else 1,
        273: 8,  # where the strip begins
        277: 1,
        278: height,
        279: len(data),
        339: _FORMATS[values.dtype.kind],
    }
    entries = b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in tags.items())
    start = 8 + len(data)
    return (
        struct.pack("<2sHL", b"II", 42, start)
        + data
        + struct.pack("<H", len(tags))
        + entries
        + struct.pack("<L", 0)
    )
