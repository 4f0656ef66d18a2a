"""A segmenter over one runner: whose turn it is, its clock, and what is kept."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.cache import ByteCache
from sam3_playground.core.candidates import SCORE_FLOOR
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import (
    NO_TIME,
    ConceptAnswer,
    Progress,
    RunningWeights,
    Timings,
    VisualAnswer,
    check_clicks,
)
from sam3_playground.core.sizes import OBJECT_BYTES
from sam3_playground.model import Embedding, EncodedText, Runner
from sam3_playground.model.texts import read_words
from sam3_playground.pipeline.held_cache import HeldCache
from sam3_playground.pipeline.work import Work

# Hundreds of texts at the published size, thousands at the bundled one.
TEXT_BYTES = 16 * 2**20
_LETTER_BYTES = 4


class LocalSegmenter:
    """One runner with one embedding for each image: see `core.segmenter`.

    Calls from several threads take turns on the runner, as many at once as its work allows.

    Args:
        runner: Runs the network, here or elsewhere.
        weights: Where its weights come from.
        cache_bytes: The most that kept embeddings may take.
        work: Has the runner do it, here or elsewhere.

    Attributes:
        key: What its answers may be kept under.
        weights: Which weights run, and what to say about them.
        runner: What runs them.
        cache: The embeddings kept.
    """

    def __init__(
        self,
        runner: Runner,
        weights: RunningWeights,
        *,
        cache_bytes: int,
        work: Work | None = None,
    ) -> None:
        self.key = uuid.uuid4().hex
        self.weights = weights
        self.runner = runner
        self.cache: HeldCache[Embedding] = HeldCache(cache_bytes)
        self._texts: ByteCache[str, EncodedText] = ByteCache(TEXT_BYTES)
        self._work = work or Work()
        self._turns = threading.Semaphore(self._work.at_once)

    @property
    def device(self) -> object:
        """Where the weights run."""
        return self.runner.device

    def validate_text(self, prompt: ConceptPrompt) -> None:
        """Refuse a text that the network would read only the beginning of; it does not run.

        Raises:
            InvalidPromptError: More tokens than its context holds.
        """
        if self._texts.get(read_words(prompt)) is None:
            self.runner.validate_text(prompt)

    def holding(self, image: RgbImage) -> AbstractContextManager[None]:
        """Encode an image once at most in a block of several calls, whatever the cache keeps."""
        return self.cache.hold(image.key)

    def is_embedded(self, image: RgbImage) -> bool:
        """Whether the image's embedding is kept."""
        return self.cache.get(image.key) is not None

    def embed(self, image: RgbImage, progress: Progress | None = None) -> Timings:
        """Encode an image, unless its embedding is kept already: that takes no time."""
        with self._turns:
            _, timings = self._embedding(image, progress)
        return timings

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], *, score_floor: float = SCORE_FLOOR
    ) -> ConceptAnswer:
        """Propose instances of every concept, in one batch."""
        for prompt in prompts:
            self.validate_text(prompt)
        with self._turns:
            embedding, timings = self._embedding(image)
            start = time.perf_counter()
            found, made = self._work.concepts(
                self.runner, embedding, prompts, self._kept_texts(prompts), score_floor
            )
            self._keep_texts(made)
            seconds = time.perf_counter() - start
        return ConceptAnswer(found, timings + Timings(prompt=seconds))

    def segment_visual(
        self,
        image: RgbImage,
        prompt: VisualPrompt,
        *,
        mask_input: NDArray[np.float32] | None = None,
        multimask: bool | None = None,
    ) -> VisualAnswer:
        """Propose masks of one object."""
        check_clicks(self.weights)
        self.runner.validate_mask(mask_input)  # before an image is encoded for it
        with self._turns:
            embedding, timings = self._embedding(image)
            start = time.perf_counter()
            found, ready = self._work.visual(self.runner, embedding, prompt, mask_input, multimask)
            if ready is not embedding:
                self.cache.put(image.key, ready)
            seconds = time.perf_counter() - start
        return VisualAnswer(found, timings + Timings(prompt=seconds))

    def _embedding(
        self, image: RgbImage, progress: Progress | None = None
    ) -> tuple[Embedding, Timings]:
        kept = self.cache.get(image.key)
        if kept is not None:
            return kept, NO_TIME
        start = time.perf_counter()
        embedding = self._work.encode(self.runner, image, progress)
        seconds = time.perf_counter() - start
        self.cache.put(image.key, embedding)
        return embedding, Timings(encode=seconds, encoded=True)

    def _kept_texts(self, prompts: Sequence[ConceptPrompt]) -> dict[str, EncodedText]:
        """What is kept of their words."""
        found = {text: self._texts.get(text) for text in map(read_words, prompts)}
        return {text: row for text, row in found.items() if row is not None}

    def _keep_texts(self, made: Mapping[str, EncodedText]) -> None:
        for text, row in made.items():
            byte_count = 3 * OBJECT_BYTES + _LETTER_BYTES * len(text) + row.byte_count
            self._texts.put(text, row, byte_count=byte_count)
