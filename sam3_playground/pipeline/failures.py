"""What the network and the machine fail with, in a user's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sam3_playground.errors import OutOfMemoryError, PlaygroundError


def network_failed(error: RuntimeError) -> str:
    """What torch raises, for want of memory or for its own faults, in one sentence."""
    line = str(error).strip().partition("\n")[0] or "it gave no reason"
    return f"The network failed: {line}"


@contextmanager
def in_words() -> Iterator[None]:
    """What the network or the machine fails with in the block, raised in a user's words."""
    try:
        yield
    except MemoryError as error:
        raise OutOfMemoryError from error
    except RuntimeError as error:
        raise PlaygroundError(network_failed(error)) from error
