"""The segmenter of one process: what it keeps, what it counts, and whose turn it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import NO_TIME, Progress, Segmenter
from sam3_playground.errors import InvalidPromptError
from sam3_playground.model import Embedding, EncodedText, Runner
from sam3_playground.pipeline.local import LocalSegmenter
from tests.model.conftest import PROMPTS, SMALL, assert_same, noise_image

Make = Callable[..., LocalSegmenter]
CLICK = VisualPrompt((Click(9, 9),))


def test_it_is_a_segmenter(make_segmenter: Make) -> None:
    segmenter: Segmenter = make_segmenter()
    assert segmenter.weights.name == "random"
    assert str(segmenter.device) == "cpu"


def test_an_image_is_encoded_once_for_both_tasks(make_segmenter: Make) -> None:
    segmenter = make_segmenter()
    assert not segmenter.is_embedded(noise_image(4))
    first = segmenter.segment_concepts(noise_image(4), [PROMPTS[0]]).timings
    assert segmenter.is_embedded(noise_image(4))
    again = segmenter.segment_visual(noise_image(4), CLICK).timings
    other = segmenter.segment_visual(noise_image(5), CLICK).timings
    assert first.encoded
    assert first.encode > 0
    assert first.prompt > 0
    assert not again.encoded
    assert again.encode == 0
    assert again.prompt > 0
    assert other.encoded


def test_what_the_network_did_is_counted_and_what_is_kept_is_not(make_segmenter: Make) -> None:
    segmenter, image = make_segmenter(), noise_image(4)
    assert segmenter.embed(image).calls == 1
    assert segmenter.embed(image) == NO_TIME
    assert segmenter.segment_concepts(image, PROMPTS[:2]).timings.calls == 1
    assert segmenter.segment_visual(image, CLICK).timings.calls == 1
    # An image, and prompts on it.
    assert segmenter.segment_visual(noise_image(5), CLICK).timings.calls == 2
    assert segmenter.segment_concepts(noise_image(6), PROMPTS[:1]).timings.calls == 2


def test_the_cache_is_bounded_and_evicts_the_least_recently_used(make_segmenter: Make) -> None:
    probe = make_segmenter()
    probe.embed(noise_image(0))
    size = probe.cache.byte_count
    segmenter = make_segmenter(cache_bytes=2 * size + size // 2)
    for seed in (1, 2, 1, 3):
        segmenter.embed(noise_image(seed))
        assert segmenter.cache.byte_count <= 2 * size
    kept = [segmenter.is_embedded(noise_image(seed)) for seed in (1, 2, 3)]
    assert kept == [True, False, True]
    small = make_segmenter(cache_bytes=10)
    assert small.embed(noise_image(1)).encoded
    assert len(small.cache) == 0


def test_what_is_held_is_there_to_the_end_of_the_block(make_segmenter: Make) -> None:
    segmenter = make_segmenter(cache_bytes=0)
    with segmenter.holding(noise_image(1)):
        assert segmenter.embed(noise_image(1)).encoded
        with segmenter.holding(noise_image(1)):
            assert not segmenter.segment_visual(noise_image(1), CLICK).timings.encoded
        assert segmenter.is_embedded(noise_image(1))
        assert segmenter.embed(noise_image(2)).encoded
        assert not segmenter.is_embedded(noise_image(2))
    assert not segmenter.is_embedded(noise_image(1))


def test_words_are_encoded_once(make_segmenter: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter, image = make_segmenter(), noise_image(8)
    asked: list[Sequence[str]] = []
    encode = Runner.encode_texts

    def counted(runner: Runner, texts: Sequence[str]) -> tuple[EncodedText, ...]:
        asked.append(texts)
        return encode(runner, texts)

    monkeypatch.setattr(Runner, "encode_texts", counted)
    concepts = [ConceptPrompt("cat"), ConceptPrompt("dog"), ConceptPrompt("a  Cat.")]
    first = segmenter.segment_concepts(image, concepts).candidates
    assert asked == [["cat", "dog"]]
    assert [one.prompt for one in first] == concepts
    segmenter.segment_concepts(image, [ConceptPrompt("dog"), ConceptPrompt("cat")])
    assert len(asked) == 1
    segmenter.segment_concepts(image, [ConceptPrompt("dog"), ConceptPrompt("bird")])
    assert asked[1:] == [["bird"]]


def test_what_is_kept_needs_no_runner_of_this_process(make_segmenter: Make) -> None:
    """Nor does the runner need to be a `Runner`: it is asked by values alone."""

    class Elsewhere:
        def __init__(self, runner: Runner) -> None:
            self._runner = runner

        def __getattr__(self, name: str) -> Any:
            found = getattr(self._runner, name)
            return found if not callable(found) else lambda *a, **k: sent(found(*sent(a), **k))

    def sent(value: Any) -> Any:
        import pickle

        return pickle.loads(pickle.dumps(value))

    here, image = make_segmenter(), noise_image(3)
    there = make_segmenter()
    there.runner = Elsewhere(there.runner)  # type: ignore[assignment]
    wanted = here.segment_concepts(image, PROMPTS).candidates
    for _ in range(2):
        for one, other in zip(
            there.segment_concepts(image, PROMPTS).candidates, wanted, strict=True
        ):
            assert_same(one, other)


def test_two_threads_with_two_images_do_not_mix_up(make_segmenter: Make) -> None:
    calm = make_segmenter()
    images = [noise_image(6, 120, 180), noise_image(7, 200, 100)]
    wanted = [calm.segment_concepts(image, PROMPTS[:2]).candidates for image in images]
    clicked = [calm.segment_visual(image, CLICK).candidates for image in images]
    shared = make_segmenter(cache_bytes=10)

    def work(index: int) -> None:
        for _ in range(3):
            got = shared.segment_concepts(images[index], PROMPTS[:2]).candidates
            for a, b in zip(got, wanted[index], strict=True):
                assert_same(a, b)
            click = shared.segment_visual(images[index], CLICK)
            np.testing.assert_allclose(
                click.candidates.candidates[0].mask_logits,
                clicked[index].candidates[0].mask_logits,
                atol=1e-3,
            )

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, (0, 1)))


def test_callers_take_turns_on_the_runner(
    make_segmenter: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    segmenter = make_segmenter(cache_bytes=0)
    inside, most, second = 0, 0, threading.Event()
    encode = Runner.encode

    def counted(runner: Runner, image: RgbImage, progress: Progress | None = None) -> Embedding:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        second.wait(0.2)  # time enough for the other one to come, if it could
        embedding = encode(runner, image, progress)
        inside -= 1
        return embedding

    monkeypatch.setattr(Runner, "encode", counted)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(segmenter.embed, [noise_image(1), noise_image(2)]))
    assert most == 1


def test_a_mask_of_another_size_is_refused_before_anything_is_encoded(
    make_segmenter: Make,
) -> None:
    segmenter, mask = make_segmenter(), np.zeros((5, 5), np.float32)
    with pytest.raises(InvalidPromptError, match=rf"\({SMALL.mask_size}, .*\(5, 5\)"):
        segmenter.segment_visual(noise_image(1), CLICK, mask_input=mask)
    assert len(segmenter.cache) == 0


def test_what_clicks_need_is_made_once_and_counts_from_then_on(
    make_segmenter: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    segmenter, image, made = make_segmenter(), noise_image(4), 0
    with_clicks = Runner.with_clicks

    def counted(runner: Runner, embedding: Embedding) -> Embedding:
        nonlocal made
        made += not embedding.takes_clicks
        return with_clicks(runner, embedding)

    monkeypatch.setattr(Runner, "with_clicks", counted)
    segmenter.segment_concepts(image, PROMPTS[:1])
    before = segmenter.cache.byte_count
    assert made == 0
    first, second = (segmenter.segment_visual(image, CLICK).candidates for _ in range(2))
    assert made == 1
    assert segmenter.cache.byte_count > before
    kept = segmenter.cache.get(image.key)
    assert kept is not None
    assert segmenter.cache.byte_count == kept.byte_count
    for one, other in zip(first.candidates, second.candidates, strict=True):
        np.testing.assert_array_equal(one.mask_logits, other.mask_logits)
    segmenter.segment_concepts(image, PROMPTS[:1])
    assert segmenter.is_embedded(image)
    small = make_segmenter(cache_bytes=0)
    with small.holding(image):
        small.embed(image)
        for _ in range(2):
            small.segment_visual(image, CLICK)
    assert made == 2
