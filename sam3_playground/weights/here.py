"""Which weights lie on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Found:
    """A file of weights on this machine.

    Attributes:
        source: What to give as `--weights`, or to `resolve_weights`.
        name: For people.
        path: The file.
        byte_count: Its size.
        bundled: Whether it is the project's own small checkpoint.
        published: Which of Meta's published files it is; None if it is none, or was not hashed.
    """

    source: str
    name: str
    path: Path
    byte_count: int
    bundled: bool
    published: str | None


def weights_here(folder: Path | None) -> tuple[Found, ...]:
    """Everything that can run without fetching anything, the bundled checkpoint last.

    Nothing is hashed here: `published` comes from what was remembered of earlier looks.

    Args:
        folder: The folder of one's own (SAM3_WEIGHTS_DIR); None takes the default one.
    """
    raise NotImplementedError
