"""A process as on a ZeroGPU Space: `python -m tests.pipeline.zero_gpu forked|package|loaded FILE`.

It asks a segmenter over a small random network, whose calls run in forks of it, and writes what
was asked for and what came of it to FILE. `forked` makes the forks itself, and lets nothing cross
but what is no tensor. `package` has the package `spaces` make them, which asks a server at
SPACES_ZERO_DEVICE_API_URL for GPUs; there being none here, what it does to one is left out.
`loaded` loads the bundled weights as a Space does, and lets them answer on the GPU that the
package pretends there is, which refuses to mix what lies on it with what does not.
"""

from __future__ import annotations

import io
import multiprocessing
import pickle
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from sam3_playground.core.candidates import SCORE_FLOOR, ConceptCandidates, VisualCandidates
from sam3_playground.core.prompts import BoxXYXY, Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import ConceptAnswer, VisualAnswer
from sam3_playground.errors import PlaygroundError
from sam3_playground.model import Runner
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.pipeline.work import Work
from sam3_playground.pipeline.zerogpu import ZeroGpuWork, find_zero_gpu
from sam3_playground.weights.resolving import WeightsInfo
from tests.model.conftest import PROMPTS, SMALL, noise_image, random_network

IMAGE = noise_image(4)
CLICK = VisualPrompt((Click(9, 9),))
BOX: BoxXYXY = (5, 5, 60, 60)
# What is asked, in turn, as a visitor does: how often each of the two calls is made says whether
# an image was encoded again.
STEPS = ("embed", "concepts", "the same words", "other words", "click", "box", "other image")


class Forks:
    """Stands for `spaces.GPU`: each call runs in a fork, which gets and gives no tensor."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    def __call__(self, task: Any, *, duration: Callable[..., int]) -> Any:
        def call(*arguments: Any) -> Any:
            self.calls.append((task.__name__, duration(*arguments)))
            here, there = multiprocessing.Pipe()
            fork = multiprocessing.get_context("fork").Process(
                target=_answer, args=(task, there), daemon=True
            )
            fork.start()
            here.send_bytes(without_tensors(arguments))
            value = pickle.loads(here.recv_bytes())
            fork.join(60)
            return value

        return call


class _Strict(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, torch.Tensor | torch.UntypedStorage):
            raise TypeError("a tensor may not cross")
        return NotImplemented


def without_tensors(value: Any) -> bytes:
    """The value pickled; what holds a tensor in itself is refused."""
    sink = io.BytesIO()
    _Strict(sink).dump(value)
    return sink.getvalue()


def _answer(task: Callable[..., Any], pipe: Connection) -> None:
    pipe.send_bytes(without_tensors(task(*pickle.loads(pipe.recv_bytes()))))


def segmenter_on(gpu: Any) -> LocalSegmenter:
    """One whose calls `gpu` has run elsewhere; None for one that makes them itself."""
    runner = Runner(random_network(config=SMALL), SMALL, torch.device("cpu"))
    weights = WeightsInfo("random", bundled=False, path=Path("random"))
    work = None if gpu is None else ZeroGpuWork(runner, gpu)
    return LocalSegmenter(runner, weights, cache_bytes=2**30, work=work)


def visit(segmenter: LocalSegmenter, mark: Callable[[str], None] = lambda _: None) -> list[Any]:
    """What a visitor asks, step by step, and the answers as plain values."""
    answers: list[Any] = []

    def step(name: str, value: Any) -> None:
        answers.append(value)
        mark(name)

    step("embed", segmenter.embed(IMAGE).encoded)
    step("concepts", concepts(segmenter.segment_concepts(IMAGE, PROMPTS[:2])))
    step("the same words", concepts(segmenter.segment_concepts(IMAGE, PROMPTS[:2])))
    step("other words", concepts(segmenter.segment_concepts(IMAGE, [ConceptPrompt("a bird")])))
    step("click", visual(segmenter.segment_visual(IMAGE, CLICK)))
    step("box", visual(segmenter.segment_visual(IMAGE, VisualPrompt((), BOX))))
    step("other image", visual(segmenter.segment_visual(noise_image(5), CLICK)))
    return answers


def concepts(answer: ConceptAnswer) -> Any:
    found = [
        [(one.id, one.score, one.mask_logits) for one in concept.candidates]
        for concept in answer.candidates
    ]
    return answer.timings.encoded, found


def visual(answer: VisualAnswer) -> Any:
    found = answer.candidates.candidates
    return answer.timings.encoded, [[(one.id, one.score, one.mask_logits) for one in found]]


def forked() -> dict[str, Any]:
    forks = Forks()
    segmenter = segmenter_on(forks)
    counts: dict[str, tuple[str, ...]] = {}

    def mark(step: str) -> None:
        counts[step] = tuple(name for name, _ in forks.calls)
        seconds.extend(second for _, second in forks.calls)
        forks.calls.clear()

    seconds: list[int] = []
    answers = visit(segmenter, mark)
    segmenter.runner.encode = _fails  # type: ignore[assignment, method-assign]
    try:
        segmenter.embed(noise_image(6))
    except RuntimeError as error:
        failure = str(error)
    segmenter.runner.encode_texts = _refuses  # type: ignore[assignment]
    try:
        segmenter.segment_concepts(IMAGE, [ConceptPrompt("a new word")])
    except PlaygroundError as error:
        refusal = str(error)
    return {
        "answers": answers,
        "counts": counts,
        "seconds": seconds,
        "failure": failure,
        "refusal": refusal,
        "devices": [
            tensor.device.type
            for image in (IMAGE, noise_image(5))
            if (kept := segmenter.cache.get(image.key)) is not None
            for tensor in kept._tensors()
        ],
    }


def _fails(*_: Any) -> Any:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB")


def _refuses(*_: Any) -> Any:
    raise PlaygroundError("expected another word")


def package() -> dict[str, Any]:
    gpu = find_zero_gpu()
    import spaces.zero
    from spaces.zero import torch as emulated

    pretends = torch.cuda.is_available()
    spaces.zero.client.startup_report()
    # There is no GPU that a fork could turn to.
    emulated.unpatch()
    emulated.init = lambda _uuid: None
    emulated.unpatch = lambda: None
    emulated.move = lambda callback=None: None
    answers = visit(segmenter_on(gpu))
    return {"answers": answers, "pretends": pretends}


def loaded() -> dict[str, Any]:
    segmenter = load_segmenter("tiny", zero_gpu=True)
    from spaces.zero import torch as emulated

    work, runner = Work(), segmenter.runner
    embedding = runner.encode(IMAGE)
    seen, _ = work.concepts(runner, embedding.for_concepts(), PROMPTS[:2], {}, SCORE_FLOOR)
    clicked, ready = work.visual(runner, embedding.for_clicks(), CLICK, None, None)
    there = {one.device.type for one in (*embedding._tensors(), *ready.clicks)}
    parameters = runner.byte_count
    return {
        "answers": tiny_answers(seen, clicked),
        "there": there,
        "here": {one.device.type for one in embedding.cpu()._tensors()},
        "packed": emulated.pack(),  # as when the page opens
        "parameters": parameters,
    }


def tiny_answers(seen: Sequence[ConceptCandidates], clicked: VisualCandidates) -> list[Any]:
    """Scores, which can be compared."""
    return [
        *([one.score for one in found.candidates] for found in seen),
        [one.score for one in clicked.candidates],
    ]


if __name__ == "__main__":
    outcome = {"forked": forked, "package": package, "loaded": loaded}[sys.argv[1]]()
    Path(sys.argv[2]).write_bytes(pickle.dumps(outcome))
