"""Weights on a running server: which there are, which to run, and others to be fetched."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sam3_playground.errors import (
    BusyError,
    FetchCancelledError,
    InvalidInputError,
    LicenceError,
    PlaygroundError,
)
from sam3_playground.pipeline.service import Load, SegmenterService
from sam3_playground.weights.getting import Progress, get_weights
from sam3_playground.weights.here import Found, weights_here


@dataclass(frozen=True)
class Fetch:
    """A download that goes on, or the last one's end.

    Attributes:
        source: What was asked for; empty if nothing was.
        going_on: Whether it is still being fetched.
        progress: How far it is; None before the first bytes.
        error: Why it ended, in a user's words; empty where it did not fail.
        wants_licence: Whether it ended because the licence has to be accepted first.
    """

    source: str = ""
    going_on: bool = False
    progress: Progress | None = None
    error: str = ""
    wants_licence: bool = False


class WeightsManager:
    """What an owner does about weights while others use the server.

    Args:
        service: What answers; it changes over to other weights.
        load_named: Makes what loads the weights of a source, their click head from a second
            source where one is given.
        folder: The folder of one's own for weights.
    """

    def __init__(
        self,
        service: SegmenterService,
        load_named: Callable[[str, str | None], Load],
        folder: Path,
    ) -> None:
        self._service = service
        self._load_named = load_named
        self._folder = folder
        self._fetch = Fetch()
        self._cancelled = threading.Event()
        self._lock = threading.Lock()

    @property
    def fetch(self) -> Fetch:
        """The download that goes on, or the last one's end."""
        return self._fetch

    def here(self) -> tuple[Found, ...]:
        """What can run without fetching anything."""
        return weights_here(self._folder)

    def runs(self, found: Found) -> bool:
        """Whether these are the weights that run."""
        status = self._service.status
        if status.bundled or found.bundled:
            return status.bundled and found.bundled
        return status.weights in {found.source, found.name, found.path.name}

    def run(self, source: str, click_source: str | None = None) -> None:
        """Change over to weights of this machine, in a thread; returns at once.

        Args:
            source: As one of `here` has it; nothing else is looked for.
            click_source: Whose click head to take; None takes their own.

        Raises:
            InvalidInputError: None of them.
            BusyError: Others are on their way.
        """
        known = {found.source for found in self.here()}
        for one in (source, click_source):
            if one is not None and one not in known:
                raise InvalidInputError(
                    f"expected weights of this machine, got {one[:80]!r}: they may have been moved"
                )
        self._service.change(self._load_named(source, click_source))
        if not self._fetch.going_on:
            self._fetch = Fetch()

    def get(
        self, source: str | None, *, token: str | None = None, licence_accepted: bool = False
    ) -> None:
        """Fetch weights and change over to them, in a thread; returns at once.

        Args:
            source: See `get_weights`.
            token: For the hub alone; kept for as long as the download takes.
            licence_accepted: See `get_weights`.

        Raises:
            BusyError: A download goes on already.
        """
        with self._lock:
            if self._fetch.going_on:
                raise BusyError("expected one download at a time: another one goes on")
            self._fetch = Fetch(source or "", going_on=True)
            self._cancelled = threading.Event()
        self._service.forget_refusal()
        threading.Thread(
            target=self._get,
            args=(source, token, self._cancelled),
            kwargs={"licence_accepted": licence_accepted},
            name="get-weights",
            daemon=True,
        ).start()

    def cancel(self) -> None:
        """Stop the download, if there is one; what came so far is kept."""
        self._cancelled.set()

    def _get(
        self,
        source: str | None,
        token: str | None,
        cancelled: threading.Event,
        *,
        licence_accepted: bool,
    ) -> None:
        shown = source or ""

        def progress(far: Progress) -> None:
            self._fetch = Fetch(shown, going_on=True, progress=far)

        outcome = Fetch(shown, error="the download failed; the server's log says more")
        try:
            found = get_weights(
                source,
                folder=self._folder,
                token=token,
                licence_accepted=licence_accepted,
                progress=progress,
                cancelled=cancelled.is_set,
            )
            self._service.change(self._load_named(found.source, None))
            outcome = Fetch(shown)
        except FetchCancelledError:
            outcome = Fetch(shown)
        except LicenceError as error:
            outcome = Fetch(shown, error=str(error), wants_licence=True)
        except PlaygroundError as error:
            outcome = Fetch(shown, error=str(error))
        finally:
            self._fetch = outcome
