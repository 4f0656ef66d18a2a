"""The backbone's steps one by one give what its own passes give, to the last bit."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from sam3_playground.core.prompts import Click, VisualPrompt
from sam3_playground.model import Runner, backbone, calls
from sam3_playground.model.arithmetic import encode_operations, encode_shares
from sam3_playground.model.config import PUBLISHED, TINY
from sam3_playground.model.network import build_network
from tests.model.conftest import SMALL, noise_image

IMAGES = torch.rand(2, 3, SMALL.image_size, SMALL.image_size) * 2 - 1
CLICK = VisualPrompt((Click(9, 9), Click(60, 50, positive=False)))


@torch.inference_mode()
def test_the_trunk_block_by_block_is_the_trunk(small_network: Any) -> None:
    done: list[None] = []
    mine = backbone.trunk_features(small_network, IMAGES, lambda: done.append(None))
    theirs = small_network.backbone.vision_backbone.trunk(IMAGES)[-1]
    assert torch.equal(mine, theirs)
    assert mine.stride() == theirs.stride()
    assert len(done) == len(encode_shares(SMALL)) == SMALL.vit_depth


@pytest.mark.parametrize("cpu_bfloat16", [False, True])
def test_what_clicks_need_is_made_at_the_first_click_and_is_what_it_was(
    cpu_bfloat16: bool, small_network: Any
) -> None:
    runner = Runner(small_network, SMALL, torch.device("cpu"), cpu_bfloat16=cpu_bfloat16)
    embedding = runner.encode(noise_image(2))
    assert not embedding.takes_clicks
    ready = runner.with_clicks(embedding)
    assert ready.takes_clicks
    assert runner.with_clicks(ready) is ready
    pixels = torch.from_numpy(noise_image(2).pixels).permute(2, 0, 1)
    with torch.inference_mode():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=cpu_bfloat16):
            squashed = runner._transform(pixels)[None]
            levels = backbone.image_levels(small_network, squashed).float()
        wanted = calls.click_levels(small_network, levels.clicks)
    for one, other in zip(ready.clicks, wanted, strict=True):
        assert torch.equal(one, other)
    late, early = (runner.propose_visual(one, CLICK) for one in (embedding, ready))
    for some, others in zip(late.candidates, early.candidates, strict=True):
        assert some.score == others.score
        assert (some.mask_logits == others.mask_logits).all()


def test_a_network_without_a_click_head_keeps_nothing_for_clicks(small_network: Any) -> None:
    network = deepcopy(small_network)
    network.inst_interactive_predictor = None
    network.backbone.vision_backbone.sam2_convs = None
    runner = Runner(network, SMALL, torch.device("cpu"))
    embedding = runner.encode(noise_image(2))
    assert embedding.clicks == ()
    assert runner.with_clicks(embedding) is embedding


@pytest.mark.parametrize("config", [SMALL, TINY], ids=["small", "tiny"])
def test_the_arithmetic_is_what_torch_counts(config: Any) -> None:
    runner = Runner(build_network(config), config, torch.device("cpu"))
    told: list[float] = []
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        runner.encode(noise_image(1), told.append)
    assert encode_operations(config) == counter.get_total_flops()
    assert told == [0.0, *encode_shares(config)]
    assert told == sorted(told)
    assert 0.2 < told[-1] < 1


def test_the_published_network_takes_some_6e12_operations() -> None:
    assert 5.7e12 < encode_operations(PUBLISHED) < 5.8e12
