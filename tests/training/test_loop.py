"""Training runs, stops, goes on where it stopped, and learns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from sam3_playground.errors import CheckpointError, InvalidInputError
from sam3_playground.model.checkpoint import write_checkpoint
from sam3_playground.model.config import TINY, NetworkConfig
from sam3_playground.model.network import build_network
from sam3_playground.weights.resolving import bundled_path
from training import initial, loop
from training.command import publish_run, stage_number
from training.forward import encode_images
from training.loop import KEPT, Run, train
from training.plan import LossWeights, Stage
from training.recipe import RECIPE
from training.trainer import Trainer

SMALL = replace(
    TINY,
    image_size=84,
    pretrain_image_size=84,
    vit_width=64,
    vit_depth=2,
    vit_global_blocks=(1,),
    d_model=32,
    feedforward=64,
    encoder_layers=1,
    decoder_layers=2,
    queries=9,
)


@pytest.fixture(autouse=True)
def short_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The initial fit of the box bias takes longer than everything here."""
    monkeypatch.setattr(initial, "BIAS_STEPS", 20)


def said_nothing(_: str) -> None:
    """Keep quiet."""


def short(folder: Path, recipe: tuple[Stage, ...], config: NetworkConfig = SMALL) -> Run:
    return Run(folder, config, recipe, processes=1)


def all_stages(images: int) -> tuple[Stage, ...]:
    return tuple(
        replace(s, images=images, batch=2, image_size=84, prompts=min(s.prompts, 2)) for s in RECIPE
    )


def test_every_stage_runs_and_its_weights_can_be_published(tmp_path: Path) -> None:
    recipe = all_stages(2)
    recipe = (*recipe[:-1], replace(recipe[-1], image_size=168))
    train(short(tmp_path, recipe), said_nothing)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["stage"] for row in rows] == [stage.name for stage in recipe]
    assert {"class", "giou", "click_mask", "click_iou"} <= set(rows[-1]["losses"])
    # Prompts for what is absent teach no mask, and a small stage may have no others.
    assert any("mask" in row["losses"] for row in rows)
    assert all(torch.isfinite(torch.tensor(list(row["losses"].values()))).all() for row in rows)
    presence = publish_run(tmp_path, tmp_path / "out.safetensors", calibration_scenes=1)
    assert presence.shift <= 0.0
    assert (tmp_path / "out.safetensors").stat().st_size > 1_000_000


def test_a_run_that_was_stopped_ends_as_one_that_was_not(tmp_path: Path) -> None:
    recipe = (replace(all_stages(8)[2], learning_rate=1e-3),)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(short(whole, recipe), said_nothing)
    train(replace(short(parts, recipe), seconds=0.0), said_nothing)
    stopped = torch.load(parts / "state.pt", weights_only=True)
    assert stopped["progress"] == {"stage": 0, "step": 1}
    train(short(parts, recipe), said_nothing)
    ends = [torch.load(folder / "state.pt", weights_only=True) for folder in (whole, parts)]
    assert ends[0]["progress"] == ends[1]["progress"] == {"stage": 1, "step": 0}
    for name, value in ends[0]["average"].items():
        torch.testing.assert_close(value, ends[1]["average"][name], msg=name)


def test_what_is_published_may_be_the_mean_of_two_ends(tmp_path: Path) -> None:
    recipe = (*all_stages(2)[:1], replace(all_stages(2)[1], learning_rate=1e-2))
    train(replace(short(tmp_path, recipe), keep_every=1), said_nothing)
    first, *_, second = sorted((tmp_path / KEPT).iterdir())
    out = tmp_path / "out.safetensors"
    one, other = (load_file(path) for path in (first, second))
    moved = [name for name in one if not torch.equal(one[name], other[name])]
    assert len(moved) > 10
    for share, options in ((0.5, {}), (0.25, {"average_share": 0.25})):
        publish_run(
            tmp_path, out, calibration_scenes=0, average_with=first, overwrite=True, **options
        )
        mean = load_file(out)
        assert mean.keys() == one.keys() == other.keys()
        for name in moved:
            expected = share * one[name] + (1 - share) * other[name]
            torch.testing.assert_close(mean[name], expected, msg=name)
    with pytest.raises(CheckpointError, match="to hold a network of this configuration"):
        publish_run(
            tmp_path,
            tmp_path / "none.safetensors",
            calibration_scenes=0,
            average_with=bundled_path(),
        )
    assert not (tmp_path / "none.safetensors").exists()


def test_a_state_of_another_configuration_is_refused(tmp_path: Path) -> None:
    recipe = all_stages(2)[:1]
    train(short(tmp_path, recipe), said_nothing)
    with pytest.raises(CheckpointError, match="another"):
        train(short(tmp_path, recipe, replace(SMALL, queries=16)), said_nothing)


def test_a_run_can_begin_with_a_checkpoint_at_a_later_stage(tmp_path: Path) -> None:
    recipe = all_stages(2)
    first, second = tmp_path / "first", tmp_path / "second"
    train(short(first, recipe[:1]), said_nothing)
    weights = tmp_path / "weights.safetensors"
    publish_run(first, weights, calibration_scenes=0)
    run = replace(short(second, recipe[:3]), begin_with=weights, first_stage=2)
    train(replace(run, seconds=0.0), said_nothing)
    name = "backbone.vision_backbone.trunk.pos_embed"
    states = [torch.load(folder / "state.pt", weights_only=True) for folder in (first, second)]
    assert states[1]["progress"]["stage"] == 2
    assert (states[0]["average"][name] - states[1]["average"][name]).abs().max() < 0.02
    assert stage_number("masks") == 4
    with pytest.raises(InvalidInputError, match="expected a stage"):
        stage_number("wings")


def test_blocks_that_a_checkpoint_lacks_change_nothing_at_first(tmp_path: Path) -> None:
    train(short(tmp_path, all_stages(2)[:1]), said_nothing)
    weights = tmp_path / "weights.safetensors"
    publish_run(tmp_path, weights, calibration_scenes=0)
    images = torch.randn(1, 3, SMALL.image_size, SMALL.image_size)
    seen = []
    for depth in (SMALL.vit_depth, SMALL.vit_depth + 2):
        config = replace(SMALL, vit_depth=depth)
        trainer = Trainer(config, config.image_size, torch.device("cpu"), 0, 1)
        trainer.begin_with(weights)
        seen.append(encode_images(trainer._network, images).trunk)
    assert seen[0].abs().max() > 0.1
    torch.testing.assert_close(seen[1], seen[0])


def test_a_checkpoint_without_a_click_head_is_no_beginning(tmp_path: Path) -> None:
    """What it lacks would stay as random as it was made."""
    weights = tmp_path / "weights.safetensors"
    network = build_network(SMALL)
    network.inst_interactive_predictor = None
    write_checkpoint(weights, network, SMALL)
    trainer = Trainer(SMALL, SMALL.image_size, torch.device("cpu"), 0, 1)
    with pytest.raises(CheckpointError, match=r"expected a click head in weights\.safetensors"):
        trainer.begin_with(weights)


def test_nothing_to_publish_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="expected the state"):
        publish_run(tmp_path, tmp_path / "out.safetensors", calibration_scenes=0)


def test_a_few_steps_of_the_first_stage_learn_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "LOG_EVERY", 10)
    stage = Stage("trunk", 160, 84, 4, LossWeights(probe=1.0), learning_rate=3e-3, warmup=5)
    train(short(tmp_path, (stage,)), said_nothing)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    losses = [row["losses"]["kind"] for row in rows]
    assert losses[-1] < 0.9 * losses[0]


def test_words_outside_the_vocabulary_stay_without_meaning(tmp_path: Path) -> None:
    train(short(tmp_path, all_stages(4)[1:2]), said_nothing)
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    table = state["network"]["backbone.language_backbone.encoder.token_embedding.weight"]
    used = int((table != 0).any(dim=1).sum())
    assert 50 < used < 500


def test_a_stage_can_leave_what_is_seen_and_read_alone(tmp_path: Path) -> None:
    """Clicks hang on it, and a stage without them would forget them."""
    (stage,) = (stage for stage in all_stages(4) if stage.name == "exclusions")
    recipe = (all_stages(2)[2], stage)
    train(replace(short(tmp_path, recipe), recipe=recipe[:1]), said_nothing)
    before = torch.load(tmp_path / "state.pt", weights_only=True)["network"]
    train(short(tmp_path, recipe), said_nothing)
    after = torch.load(tmp_path / "state.pt", weights_only=True)["network"]
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    kept = ("backbone.", "inst_interactive_predictor.")
    assert not {name for name in moved if name.startswith(kept)}
    taught = ("transformer.encoder.", "transformer.decoder.", "geometry_encoder.")
    assert all(any(name.startswith(part) for name in moved) for part in taught)


def test_weights_are_kept_on_the_way_and_the_last_are_those_that_are_published(
    tmp_path: Path,
) -> None:
    recipe = (replace(all_stages(10)[2], learning_rate=1e-3), replace(all_stages(2)[3]))
    train(replace(short(tmp_path, recipe), keep_every=2), said_nothing)
    kept = sorted((tmp_path / KEPT).iterdir())
    names = [f"00-{recipe[0].name}-{step:05}" for step in (2, 4, 5)]
    assert [path.stem for path in kept] == [*names, f"01-{recipe[1].name}-00001"]
    assert len({path.read_bytes() for path in kept}) == 4
    publish_run(tmp_path, tmp_path / "out.safetensors", calibration_scenes=0)
    assert kept[-1].read_bytes() == (tmp_path / "out.safetensors").read_bytes()
