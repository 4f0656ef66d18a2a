"""The one boundary at which whatever an image decoder raises becomes an error in words.

Decoders are foreign code over foreign bytes: beside what Pillow documents they raise
RuntimeError, struct.error, IndexError, ZeroDivisionError and whatever the next release thinks
of. What they say is for their authors, so none of it goes on.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from sam3_playground.errors import InvalidImageError, OutOfMemoryError, PlaygroundError

# How Pillow and the libraries under it say that there was no memory.
_WANT_OF_MEMORY = ("out of memory", "cannot allocate", "memory allocation")
# libheif's words, under the same heading, for an image that is larger than its header says.
_NO_WANT = "security limit"


class BrokenImageError(Exception):
    """What is wrong with a file, in a user's words; becomes an `InvalidImageError`."""


@contextmanager
def decoder_faults(name: str, *, byte_count: int = 0) -> Iterator[None]:
    """Let only errors raised on purpose leave the block.

    Args:
        name: How errors call the image.
        byte_count: What the block needs at most. Some decoders say "broken" for want of memory:
            where so much cannot be had, that is what is said.

    Raises:
        InvalidImageError: The block raised anything else.
        OutOfMemoryError: It wanted memory.
    """
    try:
        yield
    except PlaygroundError:
        raise
    except BrokenImageError as error:
        raise InvalidImageError(
            f"expected a whole image, got {name}, which is broken: {error}"
        ) from error
    except Exception as error:
        if _wants_memory(error) or not _can_be_had(byte_count):
            raise OutOfMemoryError(
                f"expected memory to decode {name}, got too little: try again in a moment"
            ) from error
        raise InvalidImageError(f"expected a whole image, got {name}, which is broken") from error


def _wants_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    words = str(error).lower()
    return _NO_WANT not in words and any(want in words for want in _WANT_OF_MEMORY)


def _can_be_had(byte_count: int) -> bool:
    try:
        np.empty(byte_count, np.uint8)
    except MemoryError:
        return False
    return True
