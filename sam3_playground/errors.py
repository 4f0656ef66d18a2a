"""Every error that is raised on purpose.

PlaygroundError
├── InvalidInputError      the caller's prompt, image or option is wrong
│   ├── InvalidPromptError
│   ├── InvalidImageError
│   └── InvalidFileError   a file that is not an image, such as an RLE
├── ImageTooLargeError     a valid image above the limit on pixels or bytes
├── UploadGoneError        an uploaded image whose time is over
├── StorageError           no room on the server's disk
├── ShareError             a public link that cannot be had
├── CheckpointError        weights that do not fit the network, or cannot be read
├── WeightsUnavailableError  weights that cannot be had: gated, offline, not found
│   ├── LicenceError       their licence has not been accepted yet
│   └── FetchCancelledError  somebody stopped the download
├── NoClicksError          a visual prompt, and weights without a click head
├── UnknownModelError      a model by name that is not served
├── BusyError              the queue is full; try again later
│   └── LoadingError       the weights are still loading
├── OutOfMemoryError       the machine has too little memory for it now
└── UnauthorizedError      no key, or a wrong one

Each class knows the HTTP status and the process exit code that it means, and whether to try
again, so that the API, the page and the command line only look them up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class PlaygroundError(Exception):
    """Base of all errors raised on purpose; its message is fit to be shown to a user."""

    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    # After how long the same request may succeed; None where waiting does not help.
    retry_seconds: ClassVar[int | None] = None


class InvalidInputError(PlaygroundError):
    """What the caller gave is wrong; the message says what was expected and what came."""

    http_status = 422
    exit_code = 2


class InvalidPromptError(InvalidInputError):
    """A prompt, threshold, point or box that is wrong, for this image or for any.

    Attributes:
        where: Which one of a request it is, by names and places from the outside in, such as
            ("prompts", 2, "exemplars", 0); empty where that goes without saying.
    """

    def __init__(self, message: str, *, where: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.where = where


@contextmanager
def located(*where: str | int) -> Iterator[None]:
    """Say of errors about prompts that are raised in the block which prompt it is."""
    try:
        yield
    except InvalidPromptError as error:
        error.where = (*where, *error.where)
        raise


class InvalidImageError(InvalidInputError):
    """Bytes that are no image, or an image that cannot be decoded."""

    exit_code = 3


class InvalidFileError(InvalidInputError):
    """A file other than an image that does not hold what it should."""


class ImageTooLargeError(PlaygroundError):
    """An image above the limit on pixels or bytes, refused before it is decoded."""

    http_status = 413
    exit_code = 3


class UploadGoneError(PlaygroundError):
    """An uploaded image that is not kept any more: it has to be sent again."""

    http_status = 410
    exit_code = 3


class StorageError(PlaygroundError):
    """The server's disk takes no more."""

    http_status = 507


class ShareError(PlaygroundError):
    """A public link that cannot be had now."""


class CheckpointError(PlaygroundError):
    """A checkpoint that cannot be read, or does not fit the network."""

    exit_code = 4


class WeightsUnavailableError(PlaygroundError):
    """Weights that were asked for by name and cannot be had."""

    http_status = 503
    exit_code = 4


class LicenceError(WeightsUnavailableError):
    """Weights from elsewhere than Meta's own gate, before their licence was accepted."""

    http_status = 403


class FetchCancelledError(WeightsUnavailableError):
    """A download was stopped on purpose; what came so far is kept."""

    http_status = 409


class NoClicksError(PlaygroundError):
    """A visual prompt was asked of weights that have no click head.

    Args:
        weights: Their name.

    Attributes:
        remedy: How to give them one.
    """

    remedy: ClassVar[str] = (
        "take one from another file with --click-weights FILE or SAM3_CLICK_WEIGHTS"
    )

    http_status = 501
    exit_code = 4

    def __init__(self, weights: str) -> None:
        super().__init__(
            f"expected weights that answer clicks and boxes around one object, got {weights}, "
            f"which hold no click head, as fine-tuned ones often do: {self.remedy}, or ask for "
            "concepts"
        )


class UnknownModelError(PlaygroundError):
    """A model was asked for by a name that is not served."""

    http_status = 404
    exit_code = 2


class BusyError(PlaygroundError):
    """More requests wait than the queue holds."""

    http_status = 503
    exit_code = 5
    retry_seconds = 5


class LoadingError(BusyError):
    """The weights are still loading."""


class OutOfMemoryError(PlaygroundError):
    """Nothing is wrong with what was asked; the machine lacks the memory for it."""

    http_status = 503
    exit_code = 5
    retry_seconds = 5

    def __init__(
        self, message: str = "expected memory for this, got too little: try again in a moment"
    ) -> None:
        super().__init__(message)


class UnauthorizedError(PlaygroundError):
    """No API key came with the request, or an unknown one."""

    http_status = 401
    exit_code = 6
