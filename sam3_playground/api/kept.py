"""What is kept between requests: images by their id, and low-resolution logits.

Both are scoped to the caller and to the pixels: nobody reads or replaces another's, and an
id never stands for another image than the one it came with. Anonymous callers can't be told
from each other: they keep images, which come with the request or by their own pixels, and no
logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.cache import ByteCache
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import VisualPrompt
from sam3_playground.core.sizes import OBJECT_BYTES, image_bytes, prompt_bytes
from sam3_playground.server.keys import ANONYMOUS

IMAGE_BYTES = 128 * 2**20
LOGIT_BYTES = 64 * 2**20

Logits = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class KeptImage:
    """An image under an id.

    Attributes:
        source: A digest of the URL or base64 text that it came from.
        image: Its pixels.
    """

    source: str
    image: RgbImage


class KeptImages:
    """The images used last, by caller and id; safe to share between threads.

    Args:
        max_bytes: The most that they may take; a larger image is not kept.
    """

    def __init__(self, max_bytes: int = IMAGE_BYTES) -> None:
        self._kept: ByteCache[tuple[str, str, str], KeptImage] = ByteCache(max_bytes)

    def put(self, caller: str, image_id: str, kept: KeptImage) -> None:
        """Bind an id to an image; a former image of that id is forgotten.

        Anonymous callers are many: an id that one of them chose stands beside the same id of
        others, and never in the place of one that was made from pixels.
        """
        # An id of 256 letters takes a kibibyte at most.
        byte_count = 2 * OBJECT_BYTES + image_bytes(kept.image)
        source = "" if names_alone(caller, image_id, kept.image) else kept.source
        self._kept.put((caller, image_id, source), kept, byte_count=byte_count)

    def get(self, caller: str, image_id: str, source: str | None) -> RgbImage | None:
        """The image under an id, if it is the caller's and came from that source.

        Args:
            caller: Who asks.
            image_id: The id.
            source: A digest of the image's text in the request; None if it sent none: then the
                id has to name an image alone.
        """
        kept = self._kept.get((caller, image_id, ""))
        if kept is not None and source in {None, kept.source}:
            return kept.image
        kept = None if source is None else self._kept.get((caller, image_id, source))
        return None if kept is None else kept.image


def names_alone(caller: str, image_id: str, image: RgbImage) -> bool:
    """Whether an id stands for an image in requests that do not send the image.

    Any id of a key's holder does. Without keys only the one made from the pixels does: an id
    that somebody chose could be another visitor's.
    """
    return caller != ANONYMOUS or image_id == image.key


class _LogitsKey(NamedTuple):
    caller: str
    network: str
    image_key: str
    prompt: VisualPrompt


class KeptLogits:
    """Low-resolution logits of visual prompts, the latest that fit; safe between threads."""

    def __init__(self, max_bytes: int = LOGIT_BYTES) -> None:
        self._kept: ByteCache[_LogitsKey, Logits] = ByteCache(max_bytes)

    def put(
        self, caller: str, network: str, image: RgbImage, prompt: VisualPrompt, logits: Logits
    ) -> None:
        """Keep a prompt's (m, m) float32 mask logits, unless the caller is anonymous.

        One visitor's would steer the mask of the next who clicks at the same place, and tell
        where others have clicked.
        """
        if caller == ANONYMOUS:
            return
        # A copy: the candidates' logits share one larger array.
        own = logits.copy()
        byte_count = OBJECT_BYTES + prompt_bytes(prompt) + own.nbytes
        self._kept.put(_LogitsKey(caller, network, image.key, prompt), own, byte_count=byte_count)

    def before(
        self, caller: str, network: str, image: RgbImage, prompt: VisualPrompt
    ) -> Logits | None:
        """The logits of the prompt that this one goes on from; None if none is kept.

        That is a prompt to the same network over the same image by the same caller with the same
        box and some, but not all, of the clicks: the one with the most of them.
        """
        earlier = [
            key
            for key in self._kept
            if key.caller == caller
            and key.network == network
            and key.image_key == image.key
            and _goes_on_from(prompt, key.prompt)
        ]
        if not earlier:
            return None
        return self._kept.get(max(earlier, key=lambda key: len(key.prompt.clicks)))


def _goes_on_from(prompt: VisualPrompt, earlier: VisualPrompt) -> bool:
    return prompt.box_xyxy == earlier.box_xyxy and set(earlier.clicks) < set(prompt.clicks)
