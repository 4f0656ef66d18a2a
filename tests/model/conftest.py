"""Small untrained networks: what is tested here does not depend on what they have learned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from sam3_playground.core.candidates import ConceptCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, Exemplar
from sam3_playground.model.config import TINY
from sam3_playground.model.network import build_network
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.model.weights import WeightsInfo

BOX = Exemplar((20.0, 10.0, 80.0, 70.0))
NEGATIVE = Exemplar((100.0, 40.0, 150.0, 110.0), positive=False)
PROMPTS = [
    ConceptPrompt("red circle"),
    ConceptPrompt(None, (BOX,)),
    ConceptPrompt(None, (BOX, NEGATIVE)),
    ConceptPrompt("dog", (NEGATIVE, BOX)),
]


def random_network(seed: int = 0) -> Any:
    """A small network with random weights, some of which start at zero in the package."""
    torch.manual_seed(seed)
    network = build_network(TINY)
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
def make_segmenter(
    network: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Segmenter]:
    """Segmenters over the random network, each with a cache of its own."""
    info = WeightsInfo("random", bundled=False, path=tmp_path_factory.getbasetemp())

    def make(cache_bytes: int = 2**30, **options: Any) -> Segmenter:
        device = torch.device("cpu")
        return Segmenter(network, TINY, info, device=device, cache_bytes=cache_bytes, **options)

    return make


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
