"""What the server keeps for the page: bounded in bytes, and nothing that cannot be made anew.

The page sends its whole state each time, so whatever was dropped costs time only. What depends
on an image alone is kept once, however many visitors have it open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from sam3_playground.config import Settings
from sam3_playground.core.cache import ByteCache
from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.sizes import OBJECT_BYTES, candidates_bytes, image_bytes, prompt_bytes
from sam3_playground.core.steps import Step, StepKey

IDLE_SECONDS = 30 * 60
# One visitor may hold half of all: few are here at once, and one large image takes much.
SHARES = 2


_Asked = ConceptPrompt | StepKey
_Found = ConceptCandidates | VisualCandidates


class Session:
    """One visitor's view of what is kept. Safe in several threads.

    Args:
        kept: What is kept for all visitors. Under an image's key lies the image, under a
            network's key, that and a prompt the candidates; under a visitor and an upload the key
            of what was opened, under a visitor, a network and an image that it has seen it.
        visitor: Whose share it is.
    """

    def __init__(self, kept: ByteCache[Hashable, Any], visitor: str) -> None:
        self._kept = kept
        self.visitor = visitor
        self._gone = False

    def image_at(self, upload: str) -> RgbImage | None:
        """The image that came from this upload, if it is kept."""
        key: str | None = self.get((self.visitor, upload))
        image: RgbImage | None = None if key is None else self.get(key)
        return image

    def keep_image(self, upload: str, image: RgbImage) -> RgbImage:
        """Take an image. Former ones stay, with what was said about them, while there is room.

        Returns:
            The same image: the object that is kept already, if another visitor has it open.
        """
        known: RgbImage | None = self.get(image.key)
        if known is None:
            self.put(image.key, image, image_bytes(image))
        # An id's letters take four bytes at most.
        self.put((self.visitor, upload), image.key, 2 * OBJECT_BYTES + 4 * len(upload))
        return known or image

    def answers(self, network: str) -> Answers:
        """What is kept of a network's answers, by the segmenter's key."""
        return Answers(self, network)

    def leave(self) -> None:
        """Let go of everything, and of what an answer on its way would still keep."""
        self._gone = True
        self._kept.leave(self.visitor)

    def recount(self, key: Hashable, value: Any, byte_count: int) -> None:
        """Put a kept value's successor in its place, if it is kept still."""
        self._kept.recount(key, value, byte_count=byte_count)

    @property
    def share_bytes(self) -> int:
        """The most that a visitor may hold."""
        return self._kept.share_bytes

    def get(self, key: Hashable) -> Any:
        """What is kept under a key, for one more visitor; None if nothing is."""
        return None if self._gone else self._kept.get(key, holder=self.visitor)

    def put(self, key: Hashable, value: Any, byte_count: int) -> None:
        """Keep a value, if there is room for it."""
        if not self._gone:
            self._kept.put(key, value, byte_count=byte_count, holder=self.visitor)


class Answers:
    """What one network said, as far as a visitor's session keeps it.

    Args:
        session: The visitor's.
        network: The key of the segmenter: another one's answers are others.
    """

    def __init__(self, session: Session, network: str) -> None:
        self._session = session
        self._network = network

    def is_embedded(self, image: RgbImage) -> bool:
        """Whether the network has seen the image."""
        return self._session.get((self._session.visitor, self._network, image.key)) is not None

    def mark_embedded(self, image: RgbImage) -> None:
        """Note that the network has seen the image."""
        self._session.put(
            (self._session.visitor, self._network, image.key), "embedded", OBJECT_BYTES
        )

    def concept(self, image: RgbImage, prompt: ConceptPrompt) -> ConceptCandidates | None:
        """Candidates of a concept without a threshold, if they are kept."""
        found: ConceptCandidates | None = self._session.get((self._network, image.key, prompt))
        return found

    def keep_concept(self, image: RgbImage, found: ConceptCandidates) -> None:
        """Keep the candidates of a concept without a threshold."""
        self._session.put(
            (self._network, image.key, found.prompt), found, _bytes_of(found.prompt, found)
        )

    def step(self, image: RgbImage, key: StepKey) -> VisualCandidates | None:
        """Candidates of a step, if they are kept."""
        found: VisualCandidates | None = self._session.get((self._network, image.key, key))
        return found

    def keep_step(self, image: RgbImage, key: StepKey, found: VisualCandidates) -> None:
        """Keep the candidates of a step."""
        self._session.put((self._network, image.key, key), found, _bytes_of(key, found))

    def count_masks(
        self,
        image: RgbImage,
        concepts: Mapping[ConceptPrompt, ConceptCandidates],
        steps: Mapping[StepKey, VisualCandidates],
    ) -> None:
        """Count the masks that an answer made of its candidates, or go on without them.

        Masks of the image's size may take more than all else. They stay where the share holds
        all of the answer's together with the image.
        """
        answer: list[tuple[_Asked, _Found]] = [*concepts.items(), *steps.items()]
        together = image_bytes(image) + sum(_bytes_of(*item) for item in answer)
        for asked, found in answer:
            kept = found if together <= self._session.share_bytes else _without_masks(found)
            self._session.recount((self._network, image.key, asked), kept, _bytes_of(asked, kept))


class Sessions:
    """The sessions of all visitors, by a key that only the visitor's own page has.

    What was not used for longest goes first when there is too much; what nobody used for half
    an hour goes with the next visitor's ask, and a visitor's whose tab was closed at once.

    Args:
        max_bytes: The most that is kept for all of them; half of it for one.
        idle_seconds: What nobody used for so long goes.
        clock: Tells the time in seconds.
    """

    def __init__(
        self,
        max_bytes: int = Settings.page_bytes,
        *,
        idle_seconds: float = IDLE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept: ByteCache[Hashable, Any] = ByteCache(
            max_bytes, share_bytes=max_bytes // SHARES, idle_seconds=idle_seconds, clock=clock
        )
        # Those at work now: all that a visitor has beside them is what is kept.
        self._at_work: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept.held())

    @property
    def byte_count(self) -> int:
        """Bytes that are kept now."""
        return self._kept.byte_count

    def of(self, key: str) -> Session:
        """The visitor's session, a new one where there is none."""
        with self._lock:
            session = self._at_work.get(key) or Session(self._kept, key)
            self._at_work[key] = session
            return session

    def drop(self, key: str) -> None:
        """Forget a visitor."""
        with self._lock:
            session = self._at_work.pop(key, None) or Session(self._kept, key)
        session.leave()


def _bytes_of(asked: _Asked, found: _Found) -> int:
    """Bytes of what was found, with the masks made so far and with what was asked."""
    return (
        OBJECT_BYTES
        + _asked_bytes(asked)
        + prompt_bytes(found.prompt)
        + candidates_bytes(found.candidates)
    )


def _asked_bytes(asked: _Asked) -> int:
    if isinstance(asked, ConceptPrompt):
        return prompt_bytes(asked)
    size, base = prompt_bytes(asked.prompt), asked.base
    while base is not None:
        size += OBJECT_BYTES + prompt_bytes(base.prompt)
        base = base.base if isinstance(base, Step) else None
    return size


def _without_masks(found: _Found) -> Any:
    """The same candidates; those of an answer on its way keep their masks for themselves."""
    return replace(found, candidates=tuple(replace(one) for one in found.candidates))
