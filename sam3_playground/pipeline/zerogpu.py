"""The network on a Space with ZeroGPU, where a process has a GPU only while a call lasts.

Such a call runs in a fork of this process, in which the network, loaded here before the page
opens, is on the GPU. The package `spaces`, which every Space has, makes the fork, hands over the
arguments and fetches the result; until then it pretends, in the thread that imported it, that
there is a GPU, so the network is built on the CPU, and moved by that thread. Source:
https://huggingface.co/docs/hub/spaces-zerogpu

Tensors cross as bytes: as tensors they would cross as handles of shared memory, of which a
container has little, and those on the GPU not at all.
"""

from __future__ import annotations

import math
import os
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import Progress
from sam3_playground.errors import BusyError, PlaygroundError
from sam3_playground.model import Embedding, EncodedText, Runner
from sam3_playground.model.arithmetic import encode_operations
from sam3_playground.model.device import use_one_thread
from sam3_playground.pipeline.work import Texts, Work

# A process that begins, and the network's way onto the GPU, in seconds and bytes a second.
START_SECONDS = 2.0
BYTES_A_SECOND = 1e9
# Operations a second: a tenth of what such a GPU reaches, for what does not keep it busy.
OPERATIONS_A_SECOND = 2e13
# A concept is about so much of an image's encoding, a visual prompt far less than one concept.
CONCEPT_SHARE = 1 / 10

_Task = TypeVar("_Task", bound=Callable[..., bytes])


class Decorate(Protocol):
    """What `spaces.GPU` is: gives a function that runs where there is a GPU."""

    def __call__(self, task: _Task, *, duration: Callable[..., int]) -> _Task:
        """The function; `duration` is given its arguments and says the seconds to ask for."""
        ...


def find_zero_gpu() -> Decorate:
    """`spaces.GPU`; from the first call on, this thread sees a GPU that is there in name alone.

    To be called once the network is built, before it is moved to the GPU.
    """
    import spaces

    gpu: Decorate = spaces.GPU
    return gpu


class ZeroGpuWork(Work):
    """The two calls on a GPU that is there only for them. Its runner has to be one of this process.

    Args:
        runner: Its network lies where ZeroGPU finds it.
        gpu: What has a function run on the GPU.
    """

    # Each call has a fork, and a GPU, of its own.
    at_once = 8

    def __init__(self, runner: Runner, gpu: Decorate) -> None:
        start = START_SECONDS + runner.byte_count / BYTES_A_SECOND
        operations = encode_operations(runner.config)
        home = os.getpid()

        def answer(work: Callable[[], Any]) -> bytes:
            if os.getpid() != home:
                use_one_thread()
            return _packed(work)

        def encode(image: RgbImage) -> bytes:
            return answer(lambda: runner.encode(image).cpu())

        def encode_seconds(_image: RgbImage) -> int:
            return math.ceil(start + operations / OPERATIONS_A_SECOND)

        def prompt(asked: bytes, concepts: int) -> bytes:
            del concepts  # only its duration depends on it
            return answer(lambda: _prompted(runner, *pickle.loads(asked)))  # noqa: S301 (own bytes)

        def prompt_seconds(_asked: bytes, concepts: int) -> int:
            share = max(1, concepts) * CONCEPT_SHARE
            return math.ceil(start + share * operations / OPERATIONS_A_SECOND)

        self._encode = gpu(encode, duration=encode_seconds)
        self._prompt = gpu(prompt, duration=prompt_seconds)

    def encode(self, runner: Runner, image: RgbImage, progress: Progress | None) -> Embedding:
        """As `Runner.encode`; of the progress only the beginning is told."""
        del runner
        if progress is not None:
            progress(0.0)
        embedding: Embedding = _fetched(self._encode, image)
        return embedding

    def concepts(
        self,
        runner: Runner,
        embedding: Embedding,
        prompts: Sequence[ConceptPrompt],
        texts: Texts,
        score_floor: float,
    ) -> tuple[tuple[ConceptCandidates, ...], dict[str, EncodedText]]:
        """As `Work.concepts`."""
        del runner
        asked = pickle.dumps(
            ("concepts", embedding.for_concepts(), tuple(prompts), dict(texts), score_floor)
        )
        found: tuple[tuple[ConceptCandidates, ...], dict[str, EncodedText]]
        found = _fetched(self._prompt, asked, len(prompts))
        return found

    def visual(
        self,
        runner: Runner,
        embedding: Embedding,
        prompt: VisualPrompt,
        mask_input: NDArray[np.float32] | None,
        multimask: bool | None,  # noqa: FBT001 (as `Work` has it)
    ) -> tuple[VisualCandidates, Embedding]:
        """As `Work.visual`."""
        del runner
        asked = pickle.dumps(("visual", embedding.for_clicks(), prompt, mask_input, multimask))
        found: VisualCandidates
        found, clicks = _fetched(self._prompt, asked, 0)
        return found, embedding if clicks is None else replace(embedding, clicks=clicks)


def _prompted(runner: Runner, kind: str, embedding: Embedding, *asked: Any) -> Any:
    """What crosses back of one prompt."""
    if kind == "concepts":
        found, made = Work().concepts(runner, embedding, *asked)
        return found, {text: row.cpu() for text, row in made.items()}
    seen, ready = Work().visual(runner, embedding, *asked)
    return seen, None if ready is embedding else ready.cpu().clicks


def _packed(work: Callable[[], Any]) -> bytes:
    """What some work gives, or why it gives nothing: only the names of errors would cross."""
    try:
        given = work()
    except PlaygroundError as error:
        given = error
    except RuntimeError as error:  # what torch raises, for want of memory too
        given = RuntimeError(str(error))
    return pickle.dumps(given)


def _fetched(call: Callable[..., bytes], *arguments: Any) -> Any:
    """What a call on the GPU gives.

    Raises:
        BusyError: There is no GPU for it now, as ZeroGPU says in its own words.
        Exception: What the work raised.
    """
    try:
        given = call(*arguments)
    # A boundary: the package raises errors of the page's framework, and of its own requests.
    except Exception as error:
        title = getattr(error, "title", "ZeroGPU gave no GPU")
        raise BusyError(f"{title}: {getattr(error, 'message', error)}") from error
    value = pickle.loads(given)  # noqa: S301 (own bytes)
    if isinstance(value, Exception):
        raise value
    return value
