"""What the server keeps for one visitor: a bounded cache, and nothing that cannot be made anew.

The page sends its whole state each time, so a session that was dropped costs time only.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

from cachetools import LRUCache, TTLCache

from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.results import ConceptCandidates, VisualCandidates
from sam3_playground.ui.ask import Step

MAX_SESSIONS = 32
IDLE_SECONDS = 30 * 60
KEPT_CONCEPTS = 24
KEPT_STEPS = 48


class StepKey(NamedTuple):
    """What the network's answer to a step depends on; the choice among it comes after."""

    prompt: VisualPrompt
    base: Step | None


class Session:
    """One visitor's image and what the network said about it. Safe in several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._image: RgbImage | None = None
        self._embedded: str | None = None
        self._concepts: LRUCache[tuple[str, ConceptPrompt], ConceptCandidates] = LRUCache(
            KEPT_CONCEPTS
        )
        self._steps: LRUCache[tuple[str, StepKey], VisualCandidates] = LRUCache(KEPT_STEPS)

    def image_at(self, path: Path) -> RgbImage | None:
        """The image that came from this file, if it is the one kept."""
        with self._lock:
            return self._image if path == self._path else None

    def keep_image(self, path: Path, image: RgbImage) -> None:
        """Take another image and forget what was said about the former one."""
        with self._lock:
            self._path, self._image, self._embedded = path, image, None
            self._concepts.clear()
            self._steps.clear()

    def is_embedded(self, image: RgbImage) -> bool:
        """Whether the network has seen the image."""
        return self._embedded == image.key

    def mark_embedded(self, image: RgbImage) -> None:
        """Note that the network has seen the image."""
        self._embedded = image.key

    def concept(self, image: RgbImage, prompt: ConceptPrompt) -> ConceptCandidates | None:
        """Candidates of a concept without a threshold, if they are kept."""
        with self._lock:
            return self._concepts.get((image.key, prompt))

    def keep_concept(self, image: RgbImage, found: ConceptCandidates) -> None:
        """Keep the candidates of a concept without a threshold."""
        with self._lock:
            self._concepts[image.key, found.prompt] = found

    def step(self, image: RgbImage, key: StepKey) -> VisualCandidates | None:
        """Candidates of a step, if they are kept."""
        with self._lock:
            return self._steps.get((image.key, key))

    def keep_step(self, image: RgbImage, key: StepKey, found: VisualCandidates) -> None:
        """Keep the candidates of a step."""
        with self._lock:
            self._steps[image.key, key] = found


class Sessions:
    """The sessions of all visitors, by a key that only the visitor's own page has.

    The one not used for longest goes first when there are too many; an idle one goes after
    half an hour, and one whose tab was closed at once.
    """

    def __init__(self, *, most: int = MAX_SESSIONS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._kept: TTLCache[str, Session] = TTLCache(most, idle_seconds)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            self._kept.expire()
            return len(self._kept)

    def of(self, key: str) -> Session:
        """The visitor's session, a new one where there is none."""
        with self._lock:
            session = self._kept.pop(key, None) or Session()
            self._kept[key] = session  # put anew: its time starts again
            return session

    def drop(self, key: str) -> None:
        """Forget a visitor."""
        with self._lock:
            self._kept.pop(key, None)
