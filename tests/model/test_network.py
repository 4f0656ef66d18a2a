"""The network has the published shape, at the published size and at ours."""

from __future__ import annotations

import gc

import pytest
import torch

from sam3_playground.errors import CheckpointError
from sam3_playground.model.config import PUBLISHED, TINY, NetworkConfig
from sam3_playground.model.network import build_network, parameter_count
from sam3_playground.model.package import import_sam3, vocabulary_path, without_package_warnings
from tests.model.reference import CudaOnCpu


def test_published_parameters_are_those_of_the_packages_own_builder() -> None:
    with CudaOnCpu(skip_random_fills=True), without_package_warnings():
        official = import_sam3().build_sam3_image_model(
            bpe_path=str(vocabulary_path()),
            device="cpu",
            load_from_HF=False,
            enable_inst_interactivity=True,
        )
        # The package's tracker enters a CUDA autocast for the rest of the process.
        official.inst_interactive_predictor.model.bf16_context.__exit__(None, None, None)
        expected = [(k, tuple(v.shape), v.dtype) for k, v in official.state_dict().items()]
        del official
        gc.collect()
        ours = build_network(PUBLISHED)
    got = [(k, tuple(v.shape), v.dtype) for k, v in ours.state_dict().items()]
    assert got == expected
    assert parameter_count(ours) == 860_055_224


def test_small_network_has_the_published_names() -> None:
    with CudaOnCpu(skip_random_fills=True):
        small = build_network(TINY)
    assert 5e6 < parameter_count(small) < 10e6
    names = set(small.state_dict())
    for name in (
        "backbone.vision_backbone.sam2_convs.0.conv_1x1.weight",
        "geometry_encoder.norm.bias",
    ):
        assert name in names


def test_untrained_network_holds_no_nan() -> None:
    network = build_network(TINY)
    broken = [name for name, value in network.named_parameters() if not torch.isfinite(value).all()]
    assert broken == []


@pytest.mark.parametrize(
    "sizes",
    [
        {"image_size": 250},  # no multiple of the patch
        {"image_size": 266},  # 19 patches, windows of 6
        {"d_model": 100},  # no multiple of 16
    ],
)
def test_impossible_sizes_are_refused(sizes: dict[str, int]) -> None:
    values = {**TINY.to_json(), **sizes}
    with pytest.raises(CheckpointError, match="expected"):
        NetworkConfig.from_json(values)


def test_configuration_survives_json() -> None:
    assert NetworkConfig.from_json(TINY.to_json()) == TINY
    with pytest.raises(CheckpointError, match="wings"):
        NetworkConfig.from_json({"wings": 2})
