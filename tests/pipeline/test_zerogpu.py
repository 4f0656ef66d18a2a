"""On ZeroGPU two calls run in forks, and nothing but bytes and plain values crosses."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sam3_playground.errors import BusyError
from sam3_playground.model.config import PUBLISHED
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.pipeline.zerogpu import ZeroGpuWork
from tests.device_server import device_server
from tests.model.conftest import PROMPTS, noise_image
from tests.pipeline.zero_gpu import CLICK, IMAGE, STEPS, segmenter_on, tiny_answers, visit

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Spaces run on Linux")


def run(way: str, folder: Path, **environment: str) -> dict[str, Any]:
    outcome = folder / "outcome"
    subprocess.run(
        [sys.executable, "-m", "tests.pipeline.zero_gpu", way, str(outcome)],
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
        timeout=120,
    )
    found: dict[str, Any] = pickle.loads(outcome.read_bytes())
    return found


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run("forked", tmp_path_factory.mktemp("forked"))


@pytest.fixture(scope="module")
def here() -> list[Any]:
    return visit(segmenter_on(None))


def test_what_forks_answer_is_what_this_process_answers(
    forked: dict[str, Any], here: list[Any]
) -> None:
    assert_alike(forked["answers"], here)


def test_an_image_is_encoded_once_and_a_prompt_is_one_call(forked: dict[str, Any]) -> None:
    assert forked["counts"] == {
        "embed": ("encode",),
        "concepts": ("prompt",),
        "the same words": ("prompt",),
        "other words": ("prompt",),
        "click": ("prompt",),
        "box": ("prompt",),
        "other image": ("encode", "prompt"),
    }
    assert tuple(forked["counts"]) == STEPS
    assert set(forked["devices"]) == {"cpu"}


def test_what_a_fork_raises_is_raised_here_in_its_words(forked: dict[str, Any]) -> None:
    assert forked["failure"] == "CUDA out of memory. Tried to allocate 1 GiB"
    assert forked["refusal"] == "expected another word"


def test_time_is_asked_for_by_the_work() -> None:
    asked: dict[str, Callable[..., int]] = {}

    def gpu(task: Any, *, duration: Callable[..., int]) -> Any:
        asked[task.__name__] = duration
        return task

    class Published:
        config = PUBLISHED
        byte_count = 3_400_000_000

    ZeroGpuWork(Published(), gpu)  # type: ignore[arg-type]
    encode = asked["encode"](noise_image(1))
    prompts = [asked["prompt"](b"", count) for count in (0, 1, 16, 400)]
    assert 5 <= encode <= 15  # the default is 60, and a visitor without an account has 120 a day
    assert prompts == sorted(prompts)
    assert prompts[0] == prompts[1] <= encode
    assert prompts[2] < 15 < prompts[3]


def test_where_there_is_no_gpu_now_the_visitor_is_told_in_its_words() -> None:
    class GradioError(Exception):
        def __init__(self, message: str) -> None:
            super().__init__()
            self.title, self.message = "ZeroGPU quota exceeded", message

    def gpu(_task: Any, *, duration: Any) -> Any:
        def call(*_: Any) -> bytes:
            raise GradioError("You have exceeded your free ZeroGPU quota")

        return call

    segmenter = segmenter_on(gpu)
    with pytest.raises(BusyError, match="ZeroGPU quota exceeded: You have exceeded your free"):
        segmenter.embed(noise_image(1))
    assert not segmenter.is_embedded(noise_image(1))


def test_two_visitors_wait_for_two_gpus() -> None:
    inside, both = 0, threading.Event()

    def gpu(task: Any, *, duration: Any) -> Any:
        def call(*arguments: Any) -> Any:
            nonlocal inside
            inside += 1
            if inside == 2:
                both.set()
            assert both.wait(60)
            return task(*arguments)

        return call

    segmenter = segmenter_on(gpu)
    threads = [threading.Thread(target=segmenter.embed, args=(noise_image(n),)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert segmenter.is_embedded(noise_image(1))
    assert segmenter.is_embedded(noise_image(2))


def test_what_the_package_itself_cannot_do_is_told_too() -> None:
    def gpu(_task: Any, *, duration: Any) -> Any:
        def call(*_: Any) -> bytes:
            raise RuntimeError("Unexpected end of stream")

        return call

    with pytest.raises(BusyError, match="ZeroGPU gave no GPU: Unexpected end of stream"):
        segmenter_on(gpu).embed(noise_image(1))


def test_the_package_itself_runs_both_calls(tmp_path: Path, here: list[Any]) -> None:
    with device_server() as (url, asked):
        outcome = run(
            "package",
            tmp_path,
            SPACES_ZERO_GPU="true",
            SPACES_ZERO_DEVICE_API_URL=url,
            ZEROGPU_OFFLOAD_DIR=str(tmp_path / "tensors"),
        )
    assert outcome["pretends"]
    assert_alike(outcome["answers"], here)
    paths = [path for path, _ in asked]
    assert paths[0] == "/startup-report"
    assert paths.count("/schedule") == paths.count("/release") == 8
    seconds = [int(query["durationSeconds"][0]) for path, query in asked if path == "/schedule"]
    assert all(0 < one < 15 for one in seconds)


def test_weights_load_before_the_package_pretends_and_answer_where_it_does(tmp_path: Path) -> None:
    """A driver that was asked for a GPU before could give none to any fork."""
    outcome = run(
        "loaded",
        tmp_path,
        SPACES_ZERO_GPU="true",
        SPACES_ZERO_DEVICE_API_URL="http://127.0.0.1:9",
        ZEROGPU_OFFLOAD_DIR=str(tmp_path / "tensors"),
    )
    assert outcome["there"] == {"cuda"}
    assert outcome["here"] == {"cpu"}
    assert outcome["packed"] >= outcome["parameters"] > 10**7
    segmenter = load_segmenter("tiny", device="cpu")
    seen = segmenter.segment_concepts(IMAGE, PROMPTS[:2]).candidates
    wanted = tiny_answers(seen, segmenter.segment_visual(IMAGE, CLICK).candidates)
    for found, same in zip(outcome["answers"], wanted, strict=True):
        assert found == pytest.approx(same, abs=5e-3)  # other kernels


def assert_alike(found: list[Any], wanted: list[Any]) -> None:
    assert len(found) == len(wanted) == len(STEPS)
    assert found[0] == wanted[0]
    for (encoded, mine), (was_encoded, theirs) in zip(found[1:], wanted[1:], strict=True):
        assert encoded == was_encoded
        assert len(mine) == len(theirs)
        for one, other in zip(mine, theirs, strict=True):
            assert [it[0] for it in one] == [it[0] for it in other]
            assert [it[1] for it in one] == pytest.approx([it[1] for it in other], abs=1e-5)
            for (*_, logits), (*_, same) in zip(one, other, strict=True):
                np.testing.assert_allclose(logits, same, atol=1e-3)
