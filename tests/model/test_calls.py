"""The calls of the package answer as its own do, on batches, with gradients, leaving no setting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from sam3_playground.core.images import RgbImage
from sam3_playground.model import Runner, backbone, calls
from sam3_playground.model.fusion import FusionEncoder
from sam3_playground.model.prompt_tensors import exemplar_tensors
from sam3_playground.model.shapes import Decoded, ImageLevels, Texts
from sam3_playground.model.texts import batch, read_words
from tests.interleaving import interleaved
from tests.model.conftest import PROMPTS, SMALL
from tests.model.state import differences, state_of

SIDE, GRID = SMALL.image_size, SMALL.grid
IMAGES = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)) * 2 - 1
WORDS = ["red circle", "dog", "a bird"]


def assert_close(some: Tensor, others: Tensor) -> None:
    torch.testing.assert_close(some, others, atol=1e-4, rtol=1e-4)


def decoded(network: Any, levels: ImageLevels, image_ids: list[int], texts: Texts) -> Decoded:
    """What the decoder says to PROMPTS on the images of these numbers."""
    level, places = levels.concepts[-1], calls.positions(network, GRID)
    ids = torch.tensor(image_ids)
    exemplars = exemplar_tensors(PROMPTS, (SIDE, SIDE), torch.device("cpu"))
    prompt, padding = calls.encode_prompts(network, level, places, ids, texts, exemplars)
    fusion = FusionEncoder(network.transformer.encoder)
    patches = fusion.image_features(level, places)[ids]
    return calls.decode(network, *fusion.fuse(patches, places, prompt, padding), prompt, padding)


def words_of_prompts(network: Any) -> Texts:
    return calls.encode_texts(network, [read_words(prompt) for prompt in PROMPTS])


@torch.no_grad()
def test_images_texts_and_places_are_the_packages(small_network: Any) -> None:
    network = deepcopy(small_network)  # what the package's own passes remember is left on this
    levels = backbone.image_levels(network, IMAGES)
    theirs = network.backbone.forward_image(IMAGES)
    clicks = theirs["sam2_backbone_out"]["backbone_fpn"]
    for mine, other in ((levels.concepts, theirs["backbone_fpn"]), (levels.clicks, clicks)):
        assert [level.shape[-1] for level in mine] == [4 * GRID, 2 * GRID, GRID]
        for one, wanted in zip(mine, other, strict=True):
            assert_close(one, wanted)
    assert_close(levels.trunk, network.backbone.vision_backbone.trunk(IMAGES)[-1])
    assert_close(calls.positions(network, GRID), theirs["vision_pos_enc"][-1][:1])
    texts, said = (
        calls.encode_texts(network, WORDS),
        network.backbone.forward_text(WORDS, device="cpu"),
    )
    assert_close(texts.features, said["language_features"])
    assert torch.equal(texts.padding, said["language_mask"])
    halves = tuple(level.bfloat16() for level in levels.concepts)
    made = ImageLevels(halves, levels.clicks, levels.trunk).float()
    assert {level.dtype for level in made.concepts} == {torch.float32}
    assert made.trunk is levels.trunk


@torch.no_grad()
def test_a_batch_of_images_gives_what_each_gives_alone(small_network: Any) -> None:
    texts = words_of_prompts(small_network)
    both = backbone.image_levels(small_network, IMAGES)
    mixed = decoded(small_network, both, [0, 1, 1, 0], texts)
    points, labels = torch.tensor([[[50.0, 60.0]], [[9.0, 99.0]]]), torch.ones(2, 1).int()
    clicked = calls.click(
        small_network, calls.click_levels(small_network, both.clicks), points, labels, None
    )
    for number, rows in ((0, [0, 3]), (1, [1, 2])):
        alone = backbone.image_levels(small_network, IMAGES[number : number + 1])
        said = decoded(small_network, alone, [0] * len(PROMPTS), texts)
        assert_close(mixed.queries[rows], said.queries[rows])
        for name in ("logits", "boxes", "corners", "presence"):
            one, other = (getattr(answer.layers[-1], name) for answer in (mixed, said))
            assert_close(one[rows], other[rows])
        click = calls.click(
            small_network,
            calls.click_levels(small_network, alone.clicks),
            points[number : number + 1],
            labels[:1],
            None,
        )
        assert_close(clicked.masks[number], click.masks[0])
        assert_close(clicked.ious[number], click.ious[0])


def test_training_sees_what_inference_sees_and_every_part_learns_from_it(
    small_network: Any, runner: Runner
) -> None:
    network = deepcopy(small_network)
    calls.train_mode(network)
    drawn = np.random.default_rng(3).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    image = RgbImage(drawn)
    pixels = torch.from_numpy(image.pixels).permute(2, 0, 1)[None].float() / 127.5 - 1.0
    levels = backbone.image_levels(network, pixels)
    answer = decoded(network, levels, [0] * len(PROMPTS), words_of_prompts(network))
    assert len(answer.layers) == SMALL.decoder_layers
    last = answer.layers[-1]
    assert last.many_logits is not None
    assert last.many_boxes is not None
    assert last.many_boxes.shape == last.boxes.shape

    texts = runner.encode_texts([read_words(prompt) for prompt in PROMPTS])
    found = runner.propose_concepts(runner.encode(image), PROMPTS, texts, score_floor=0.0)
    presence = last.presence.detach().sigmoid()
    best = (last.logits.detach().sigmoid() * presence[:, None]).amax(1)
    for row, one in enumerate(found):
        assert float(presence[row]) == pytest.approx(one.presence_score, abs=1e-4)
        assert float(best[row]) == pytest.approx(one.candidates[0].score, abs=1e-4)

    features = calls.click_levels(network, levels.clicks)
    mask = torch.randn(1, 1, SMALL.mask_size, SMALL.mask_size)
    clicked = calls.click(network, features, torch.rand(1, 2, 2) * SIDE, torch.ones(1, 2), mask)
    loss = answer.queries.square().mean() + clicked.masks.square().mean() + clicked.ious.mean()
    loss = loss + sum(layer.logits.mean() + layer.presence.mean() for layer in answer.layers)
    loss.backward()  # type: ignore[no-untyped-call]
    tracker = network.inst_interactive_predictor.model
    for part in (
        network.backbone.vision_backbone.trunk.blocks[0],
        network.backbone.language_backbone.encoder,
        network.geometry_encoder,
        network.transformer.encoder.layers[0],
        network.transformer.decoder.layers[0],
        tracker.sam_prompt_encoder,
        tracker.sam_mask_decoder.conv_s0,
    ):
        gradients = [p.grad.abs().sum() for p in part.parameters() if p.grad is not None]
        assert float(sum(gradients)) > 0, type(part).__name__


def test_tables_of_another_device_are_made_anew(small_network: Any) -> None:
    network = deepcopy(small_network)
    before = state_of(network)
    encoding, decoder = (
        network.backbone.vision_backbone.position_encoding,
        network.transformer.decoder,
    )
    encoding.cache[GRID, GRID] = encoding.cache[GRID, GRID].to("meta")
    decoder.compilable_cord_cache = tuple(
        table.to("meta") for table in decoder.compilable_cord_cache
    )
    calls.fill_tables(network, GRID)
    assert differences(before, state_of(network)) == []


def kernels() -> tuple[bool, ...]:
    """Which kernels torch may take for attention, in all of the process."""
    cuda: Any = torch.backends.cuda
    return (
        cuda.flash_sdp_enabled(),
        cuda.mem_efficient_sdp_enabled(),
        cuda.math_sdp_enabled(),
        cuda.cudnn_sdp_enabled(),
    )


def test_two_threads_leave_torchs_settings_as_they_were(small_network: Any) -> None:
    network, before = deepcopy(small_network), kernels()
    middles: dict[int, Callable[[], None]] = {}
    network.backbone.language_backbone.register_forward_hook(
        lambda *_: middles[threading.get_ident()]()
    )

    def encode(middle: Callable[[], None]) -> None:
        middles[threading.get_ident()] = middle
        calls.encode_texts(network, ["dog"])

    interleaved(encode)
    assert kernels() == before


def test_rows_of_texts_are_a_batch_again(small_network: Any, runner: Runner) -> None:
    together = batch(runner.encode_texts(WORDS), torch.device("cpu"))
    wanted = calls.encode_texts(small_network, WORDS)
    assert_close(together.features, wanted.features)
    assert torch.equal(together.padding, wanted.padding)
