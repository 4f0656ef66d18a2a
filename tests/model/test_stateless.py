"""The runner keeps nothing, and what it makes is right in any order, thread and process."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sam3_playground.core.candidates import Candidate
from sam3_playground.core.prompts import Click, VisualPrompt
from sam3_playground.model import Embedding, EncodedText, Runner
from sam3_playground.model.texts import read_words
from tests.model.conftest import PROMPTS, SMALL, noise_image, random_network
from tests.model.state import differences, state_of

IMAGES = [noise_image(6, 120, 180), noise_image(7, 200, 100)]
CLICKS = VisualPrompt((Click(30, 40), Click(60, 10, positive=False)))
Plain = list[Any]
ROOT = Path(__file__).parents[2]


def plain(candidates: tuple[Candidate, ...]) -> Plain:
    return [(one.id, one.score, one.box_xyxy, one.mask_logits.tobytes()) for one in candidates]


def every_call(runner: Runner) -> list[Callable[[], Plain]]:
    """Of each kind some, on both images; the answers can be compared."""
    embeddings = [runner.encode(image) for image in IMAGES]
    texts = runner.encode_texts([read_words(prompt) for prompt in PROMPTS])
    mask = runner.propose_visual(embeddings[0], CLICKS).candidates[0].mask_logits

    def concepts(number: int, first: int) -> Plain:
        found = runner.propose_concepts(embeddings[number], PROMPTS[first:], texts[first:])
        return [(one.presence_score, plain(one.candidates)) for one in found]

    def clicked(number: int, with_mask: bool) -> Plain:
        found = runner.propose_visual(embeddings[number], CLICKS, mask if with_mask else None)
        return plain(found.candidates)

    def encoded(number: int) -> Plain:
        return [part.numpy().tobytes() for part in parts(runner.encode(IMAGES[number]))]

    def words(*texts: str) -> Plain:
        return [text.features.numpy().tobytes() for text in runner.encode_texts(texts)]

    calls: list[Callable[[], Plain]] = [
        partial(words, "dog", "a"),
        partial(words, "a bird of paradise"),
    ]
    for number in range(len(IMAGES)):
        calls += [
            partial(encoded, number),
            partial(concepts, number, 0),
            partial(concepts, number, 2),
            partial(clicked, number, with_mask=False),
            partial(clicked, number, with_mask=True),
        ]
    return calls


def parts(embedding: Embedding) -> list[torch.Tensor]:
    return [embedding.level, embedding.patches, *embedding.masks, *embedding.clicks]


def test_a_runner_leaves_nothing_on_its_network() -> None:
    network = random_network(config=SMALL)
    runner = Runner(network, SMALL, torch.device("cpu"))
    before = state_of(network)
    of_the_runner = dict(vars(runner))
    for call in every_call(runner):
        call()
    assert differences(before, state_of(network)) == []
    assert dict(vars(runner)) == of_the_runner


def test_calls_in_any_order_and_from_two_threads_answer_alike(runner: Runner) -> None:
    calls = every_call(runner)
    wanted = [call() for call in calls]
    lock = threading.Lock()

    def ask(number: int) -> bool:
        with lock:
            return calls[number]() == wanted[number]

    order = [*range(len(calls))] * 2
    random.Random(1).shuffle(order)
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(ask, order))


@pytest.mark.parametrize("cpu_bfloat16", [False, True])
def test_no_precision_or_gradient_mode_leaks(
    make_runner: Callable[..., Runner], cpu_bfloat16: bool
) -> None:
    for call in every_call(make_runner(cpu_bfloat16=cpu_bfloat16)):
        call()
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        assert not torch.is_autocast_enabled("cpu")
        assert not torch.is_autocast_enabled("cuda")


def test_what_a_runner_makes_has_no_more_memory_than_its_numbers(runner: Runner) -> None:
    embedding = runner.encode(IMAGES[0])
    texts = runner.encode_texts(["dog", "cat", "red circle"])
    made: list[tuple[Embedding | EncodedText, list[torch.Tensor]]] = [
        (embedding, parts(embedding)),
        *((text, [text.features, text.padding]) for text in texts),
    ]
    for value, tensors in made:
        numbers = sum(tensor.nbytes for tensor in tensors)
        assert value.byte_count == numbers
        assert numbers < len(pickle.dumps(value)) < numbers + 10_000
    for one in runner.propose_concepts(embedding, PROMPTS, runner.encode_texts(["dog"] * 4)):
        assert len(pickle.dumps(one)) < sum(c.mask_logits.nbytes for c in one.candidates) + 50_000


def test_an_embedding_is_on_a_device_as_it_is_or_as_a_copy(runner: Runner) -> None:
    embedding = runner.encode(IMAGES[0])
    assert embedding.cpu() is embedding
    elsewhere = embedding.to(torch.device("meta"))
    assert {part.device.type for part in parts(elsewhere)} == {"meta"}
    assert [part.shape for part in parts(elsewhere)] == [part.shape for part in parts(embedding)]


PROGRAM = """
import multiprocessing, pickle, sys
from pathlib import Path
import torch
from sam3_playground.model import Runner
from tests.model.conftest import SMALL, random_network

folder = Path(sys.argv[1])
image, embedding, prompts, texts, click, mask = pickle.loads((folder / "asked").read_bytes())
runner = Runner(random_network(config=SMALL), SMALL, torch.device("cpu"))

def answer():
    torch.set_num_threads(1)
    answers = [
        runner.propose_concepts(embedding, prompts, texts),
        runner.propose_visual(embedding, click, mask),
        runner.encode(image),
        runner.encode_texts(["red circle", "dog"]),
    ]
    (folder / "answered").write_bytes(pickle.dumps(answers))

runner.encode_texts(["a word"])
fork = multiprocessing.get_context("fork").Process(target=answer, daemon=True)
fork.start()
fork.join(120)
sys.exit(fork.exitcode)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_what_one_process_encodes_a_fork_of_another_one_prompts(
    runner: Runner, tmp_path: Path
) -> None:
    embedding = runner.encode(IMAGES[0])
    texts = runner.encode_texts([read_words(prompt) for prompt in PROMPTS])
    mask = runner.propose_visual(embedding, CLICKS).candidates[0].mask_logits
    asked = (IMAGES[1], embedding, PROMPTS, texts, CLICKS, mask)
    (tmp_path / "asked").write_bytes(pickle.dumps(asked))
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], check=True, cwd=ROOT)
    concepts, visual, other, words = pickle.loads((tmp_path / "answered").read_bytes())

    wanted = runner.propose_concepts(embedding, PROMPTS, texts)
    assert [one.prompt for one in concepts] == PROMPTS
    assert [close(one.candidates) for one in concepts] == [close(o.candidates) for o in wanted]
    again = runner.propose_visual(embedding, CLICKS, mask)
    assert close(visual.candidates) == close(again.candidates)
    for sent, made in zip(visual.candidates, again.candidates, strict=True):
        np.testing.assert_allclose(sent.mask_logits, made.mask_logits, atol=1e-3)
    # The other way round: what that process encoded is prompted in this one.
    assert other.image_size == IMAGES[1].size
    mine = runner.encode_texts(["red circle", "dog"])
    found = runner.propose_concepts(other, PROMPTS[:1], words[:1])
    same = runner.propose_concepts(runner.encode(IMAGES[1]), PROMPTS[:1], mine[:1])
    assert close(found[0].candidates) == close(same[0].candidates)


def close(candidates: tuple[Candidate, ...]) -> list[Any]:
    return [(one.id, pytest.approx(one.score, abs=1e-5)) for one in candidates]
