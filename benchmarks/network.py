"""The network: one batch against one by one, a second prompt against a first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from PIL import Image

from benchmarks.measure import (
    Row,
    median_seconds,
    seconds,
    times,
)
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.segmenter import ConceptAnswer, VisualAnswer
from sam3_playground.pipeline.answer import answer
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.pipeline.local import LocalSegmenter
from scenes.scenes import EXAMPLE_SEED, draw_scene
from scenes.vocabulary import COLOUR_NAMES, KINDS
from tests.model.reference import CudaOnCpu, pretend_original
from training.evaluation import SCENE_SIZE

CONCEPTS = (1, 4, 16)
DOG = ConceptPrompt("dog")
CLICK = VisualPrompt((Click(99, 99),))
NAMES = [f"{colour} {kind.name}" for colour in COLOUR_NAMES for kind in KINDS if kind.is_shape]


def devices() -> list[str]:
    """Where to measure."""
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def scene(number: int) -> RgbImage:
    """One of an endless stream of images."""
    return RgbImage(draw_scene(np.random.default_rng([EXAMPLE_SEED, number]), SCENE_SIZE).image)


def bundled(device: str) -> LocalSegmenter:
    """The bundled checkpoint."""
    return load_segmenter("tiny", device=device, say=lambda _: None)


def concept_rows(amounts: Sequence[int] = CONCEPTS, *, repeats: int = 9) -> Iterator[Row]:
    """Concepts over one embedded image: one batch, and Sam3Processor one by one."""
    for device in devices():
        ours, theirs = Ours(bundled(device)), Theirs(bundled(device))
        for amount in amounts:
            names = Names(amount)
            together = median_seconds(lambda: ours.ask(next(names)), repeats=repeats)  # noqa: B023
            alone = median_seconds(lambda: theirs.ask(next(names)), repeats=repeats)  # noqa: B023
            yield Row(
                f"concepts on an embedded image, bundled weights, {device}: {amount}",
                seconds(together),
                seconds(alone),
                times(together, alone),
                "other: `Sam3Processor`, one by one",
            )


class Names:
    """Lists of names that no cache of encoded words holds."""

    def __init__(self, amount: int) -> None:
        self._amount = amount
        self._asked = 0

    def __next__(self) -> list[str]:
        """The next list."""
        self._asked += 1
        return [f"{name} {self._asked}" for name in NAMES[: self._amount]]


class Ours:
    """This project's segmenter with an image embedded."""

    def __init__(self, segmenter: LocalSegmenter) -> None:
        self._segmenter, self._image = segmenter, scene(0)
        segmenter.embed(self._image)

    def ask(self, names: Sequence[str]) -> None:
        """Every name, in one batch, and the masks of what is found."""
        answer(self._segmenter, self._image, ConceptRequest(tuple(map(ConceptPrompt, names))))


class Theirs:
    """The package's own processor over the same weights and image."""

    def __init__(self, segmenter: LocalSegmenter) -> None:
        from sam3.model.sam3_image_processor import Sam3Processor

        with CudaOnCpu():
            self._processor = Sam3Processor(
                pretend_original(segmenter.runner._network),  # noqa: SLF001
                resolution=segmenter.runner.config.image_size,
                device=segmenter.runner.device.type,
            )
            self._state = self._processor.set_image(Image.fromarray(scene(0).pixels))

    def ask(self, names: Sequence[str]) -> None:
        """Every name, one after the other, masks included."""
        with CudaOnCpu(), torch.inference_mode():
            for name in names:
                self._processor.set_text_prompt(name, self._state)


def reuse_rows(*, repeats: int = 15) -> Iterator[Row]:
    """A second prompt on an image against a first one."""
    for device in devices():
        segmenter = bundled(device)
        # Drawn ahead: drawing is no part of it.
        images = iter([scene(number) for number in range(2 * repeats + 2)])
        encode = median_seconds(partial(embed_next, segmenter, images), repeats=repeats)
        first = median_seconds(
            lambda: segmenter.segment_concepts(next(images), [DOG]),  # noqa: B023
            repeats=repeats,
        )
        yield Row(f"encoding an image, bundled weights, {device}", seconds(encode))
        kept = scene(0)
        calls: dict[str, Callable[[], ConceptAnswer | VisualAnswer]] = {
            "a second concept": partial(segmenter.segment_concepts, kept, [DOG]),
            "a click": partial(segmenter.segment_visual, kept, CLICK),
        }
        for name, work in calls.items():
            second = median_seconds(work, repeats=repeats)
            encodings = work().timings.encode
            yield Row(
                f"{name} on an image, bundled weights, {device}",
                seconds(second),
                seconds(first),
                times(second, first),
                f"other: a first concept, encoding included; encoding here {seconds(encodings)}",
            )


def embed_next(segmenter: LocalSegmenter, images: Iterator[RgbImage]) -> None:
    """Encode an image that was not encoded before."""
    segmenter.embed(next(images))
