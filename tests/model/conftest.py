"""Small untrained networks: what is tested here does not depend on what they have learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from sam3_playground.core.candidates import ConceptCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, Exemplar
from sam3_playground.model.config import TINY, NetworkConfig
from sam3_playground.model.network import build_network
from sam3_playground.model.runner import Runner
from sam3_playground.model.texts import read_words
from tests.model.state import differences, state_of

BOX = Exemplar((20.0, 10.0, 80.0, 70.0))
NEGATIVE = Exemplar((100.0, 40.0, 150.0, 110.0), positive=False)
PROMPTS = [
    ConceptPrompt("red circle"),
    ConceptPrompt(None, (BOX,)),
    ConceptPrompt(None, (BOX, NEGATIVE)),
    ConceptPrompt("dog", (NEGATIVE, BOX)),
]


# The bundled network for images of a twelfth of its area: what is no matter of size is quick.
SMALL = replace(TINY, image_size=168, pretrain_image_size=168)


def random_network(seed: int = 0, config: NetworkConfig = TINY) -> Any:
    """A network with random weights, some of which start at zero in the package."""
    torch.manual_seed(seed)
    network = build_network(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim > 1 and not parameter.any():
                parameter.normal_(std=0.1, generator=generator)
    return network


@pytest.fixture(scope="session")
def network() -> Any:
    """One random network for all tests that only read it."""
    return random_network()


@pytest.fixture(scope="session")
def small_network() -> Any:
    """The same, of SMALL sizes, as a runner makes it ready."""
    network = random_network(config=SMALL)
    Runner(network, SMALL, torch.device("cpu"))
    return network


@pytest.fixture(scope="module", autouse=True)
def unchanged(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a module's tests do to the shared networks, they undo."""
    module = request.node
    asked = {
        name
        for item in request.session.items
        if item.getparent(pytest.Module) is module
        for name in getattr(item, "fixturenames", ())
    }
    shared = [
        request.getfixturevalue(name) for name in ("network", "small_network") if name in asked
    ]
    before = [state_of(network) for network in shared]
    yield
    for network, state in zip(shared, before, strict=True):
        assert differences(state, state_of(network)) == []


@pytest.fixture(scope="session")
def make_runner(small_network: Any) -> Callable[..., Runner]:
    """Runners over the small random network."""

    def make(**options: Any) -> Runner:
        return Runner(small_network, SMALL, torch.device("cpu"), **options)

    return make


@pytest.fixture(scope="session")
def runner(make_runner: Callable[..., Runner]) -> Runner:
    """One runner over the small random network."""
    return make_runner()


def look(
    runner: Runner, image: RgbImage, prompts: Sequence[ConceptPrompt], **options: Any
) -> tuple[ConceptCandidates, ...]:
    """Concepts on an image, nothing of which is encoded yet."""
    texts = runner.encode_texts([read_words(prompt) for prompt in prompts])
    return runner.propose_concepts(runner.encode(image), prompts, texts, **options)


def noise_image(seed: int, height: int = 120, width: int = 180) -> RgbImage:
    """Random pixels with some structure: upscaled noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 20, width // 20, 3), dtype=np.uint8)
    return RgbImage(np.repeat(np.repeat(coarse, 20, axis=0), 20, axis=1))


def assert_same(one: ConceptCandidates, other: ConceptCandidates) -> None:
    assert len(one.candidates) == len(other.candidates)
    for a, b in zip(one.candidates, other.candidates, strict=True):
        assert a.score == pytest.approx(b.score, abs=1e-5)
        np.testing.assert_allclose(a.mask_logits, b.mask_logits, atol=1e-3)
