"""One process of a training run: the network, its optimisers, its average, and their state."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint import load_checkpoint, read_config, write_checkpoint
from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.network import build_network
from sam3_playground.outputs import whole_file
from scenes.scenes import TRAIN_SEED
from scenes.vocabulary import COLOUR_NAMES, KIND_NAMES, all_phrases
from training.averages import (
    averaged_network,
    floats,
    learned_tensors,
    scaled_config,
    scaled_positions,
)
from training.batches import SceneTensors
from training.forward import Probes, prepare_for_training
from training.initial import initialise
from training.optimisers import build_optimisers
from training.plan import Stage
from training.stages import step_losses

CLIP = 4.0
AVERAGE_HALF_LIFE_STEPS = 50


class Trainer:
    """What one process holds between steps.

    Attributes:
        config: The network's sizes in the stage that runs.
        stage: The number of the next step's stage.
        step: The next step within it.
    """

    def __init__(
        self, config: NetworkConfig, first_size: int, device: torch.device, rank: int, world: int
    ) -> None:
        torch.manual_seed(TRAIN_SEED)
        self._asked = config
        self.config = scaled_config(config, first_size)
        self.stage = 0
        self.step = 0
        self._device = device
        self._rank = rank
        self._world = world
        network = build_network(self.config)
        token_ids = vocabulary_token_ids(network)
        initialise(network, token_ids=token_ids)
        prepare_for_training(network)
        self._network: Any = network.to(device)
        self._probes = Probes(
            vit_width=config.vit_width,
            d_model=config.d_model,
            kinds=len(KIND_NAMES),
            colours=len(COLOUR_NAMES),
        ).to(device)
        self._known_words = torch.zeros(len(self._words), 1, device=device)
        self._known_words[token_ids] = 1.0
        self._optimisers = build_optimisers(network, self._probes)
        self._average = {name: value.clone() for name, value in learned_tensors(network).items()}

    @property
    def _words(self) -> nn.Parameter:
        table: nn.Parameter = (
            self._network.backbone.language_backbone.encoder.token_embedding.weight
        )
        return table

    def begin_with(self, path: Path) -> None:
        """Take the weights of a checkpoint, of any image size, instead of random ones.

        Its trunk may be shallower: the blocks that it lacks begin by changing nothing.

        Raises:
            CheckpointError: It does not fit.
        """
        config = read_config(path)
        network = build_network(config)
        if not load_checkpoint(network, path).clicks:
            raise CheckpointError(f"expected a click head in {path.name}, got none")
        silence_blocks(self._network.backbone.vision_backbone.trunk.blocks[config.vit_depth :])
        tensors = scaled_positions(learned_tensors(network), self._network)
        self._network.load_state_dict(tensors, strict=False)
        self._average = {k: v.clone() for k, v in learned_tensors(self._network).items()}

    def begin_stage(self, number: int, stage: Stage) -> None:
        """Move on to a stage; the network takes its image size and keeps its weights."""
        if number != self.stage:
            self.stage, self.step = number, 0
        if stage.image_size != self.config.image_size:
            self._resize(stage.image_size)
        self._network.transformer.decoder.dac = stage.one_to_many
        self._network.backbone.requires_grad_(not stage.backbone_kept)

    def _resize(self, image_size: int) -> None:
        self.config = scaled_config(self.config, image_size)
        network = build_network(self.config)
        tensors = scaled_positions(learned_tensors(self._network), network)
        network.load_state_dict(tensors, strict=False)
        prepare_for_training(network)
        self._network = network.to(self._device)
        self._average = scaled_positions(self._average, self._network)
        # Their moments are of the former size's positions; a hundred steps make new ones.
        self._optimisers = build_optimisers(self._network, self._probes)

    def take_step(
        self, stage: Stage, steps: int, scenes: Sequence[SceneTensors]
    ) -> dict[str, float]:
        """One optimiser step on this process's scenes; returns its losses by name."""
        rng = np.random.default_rng([TRAIN_SEED, self.stage, self.step, self._rank])
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(stage, self.step, steps)
        with self._precision():
            losses = step_losses(
                self._network, self._probes, scenes, stage, self.config, rng, self._device
            )
        loss = torch.stack([value.float() for value in losses.values()]).sum()
        self._network.zero_grad()
        self._probes.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self._words.grad is not None:
            self._words.grad.mul_(self._known_words)
        parameters = [*self._network.parameters(), *self._probes.parameters()]
        share_gradients(parameters, self._world)
        norm = nn.utils.clip_grad_norm_(parameters, CLIP)
        if bool(torch.isfinite(norm)):
            for optimiser in self._optimisers:
                optimiser.step()
        self._update_average()
        self.step += 1
        return {name: float(value.detach()) for name, value in losses.items()}

    def _precision(self) -> Any:
        if self._device.type == "cuda":
            return torch.autocast("cuda", dtype=torch.bfloat16)
        return nullcontext()

    @torch.no_grad()
    def _update_average(self) -> None:
        """Exponential moving average of the weights, which is what gets used in the end."""
        decay = 0.5 ** (1.0 / AVERAGE_HALF_LIFE_STEPS)
        seen = self.stage * AVERAGE_HALF_LIFE_STEPS + self.step + 1
        decay = min(decay, seen / (seen + 9))
        for name, value in learned_tensors(self._network).items():
            self._average[name].lerp_(value, 1.0 - decay)

    def save(self, path: Path) -> None:
        """Write everything needed to go on; an interrupted write leaves the former file."""
        if self._rank:
            return
        state = {
            "config": self._asked.to_json(),
            "image_size": self.config.image_size,
            "progress": {"stage": self.stage, "step": self.step},
            "network": learned_tensors(self._network),
            "probes": self._probes.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self._optimisers],
            "average": self._average,
        }
        with whole_file(path, overwrite=True) as partial:
            torch.save(state, partial)

    def keep(self, path: Path) -> None:
        """Write the average as a checkpoint of the configuration that was asked for."""
        if self._rank:
            return
        path.parent.mkdir(exist_ok=True)
        with whole_file(path, overwrite=True) as partial:
            write_checkpoint(partial, averaged_network(self._asked, self._average), self._asked)

    def load(self, path: Path) -> None:
        """Go on from a file that `save` wrote.

        Raises:
            CheckpointError: It is of a run with another configuration.
        """
        state = torch.load(path, map_location="cpu", weights_only=True)
        if NetworkConfig.from_json(state["config"]) != self._asked:
            raise CheckpointError(
                f"expected {path.name} of a run with this configuration, got one with another: "
                "train in another folder"
            )
        if state["image_size"] != self.config.image_size:
            self._resize(state["image_size"])
        self._network.load_state_dict(floats(state["network"]), strict=False)
        self._probes.load_state_dict(state["probes"])
        for optimiser, kept in zip(self._optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        for name, value in floats(state["average"]).items():
            self._average[name].copy_(value)
        self.stage, self.step = state["progress"]["stage"], state["progress"]["step"]


@torch.no_grad()
def silence_blocks(blocks: Sequence[Any]) -> None:
    """Let residual blocks of the trunk add nothing until they are trained."""
    for block in blocks:
        for last in (block.attn.proj, block.mlp.fc2):
            last.weight.zero_()
            last.bias.zero_()


def vocabulary_token_ids(network: Any) -> Tensor:
    """(V,) ids of every token in a phrase that training uses, and of the two markers."""
    tokenizer = network.backbone.language_backbone.tokenizer
    context = network.backbone.language_backbone.context_length
    ids = torch.unique(tokenizer([*all_phrases(), "visual"], context_length=context))
    found: Tensor = ids[ids > 0]
    return found


def learning_rate(stage: Stage, step: int, steps: int) -> float:
    """The rate at a step: linear warm-up, then flat or a cosine down to a hundredth."""
    warm = min(1.0, (step + 1) / max(1, min(stage.warmup, steps // 4)))
    if not stage.cosine:
        return stage.learning_rate * warm
    share = 0.5 * (1.0 + float(np.cos(np.pi * step / steps)))
    return stage.learning_rate * warm * (0.01 + 0.99 * share)


def share_gradients(parameters: Sequence[nn.Parameter], world: int) -> None:
    """Average gradients over processes; one that a process lacks counts as zero."""
    if world == 1:
        return
    has = torch.tensor([p.grad is not None for p in parameters], dtype=torch.uint8)
    dist.all_reduce(has, op=dist.ReduceOp.MAX)
    used = [p for p, flag in zip(parameters, has.tolist(), strict=True) if flag]
    gradients = []
    for parameter in used:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        gradients.append(parameter.grad)
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= world
    offset = 0
    for gradient in gradients:
        gradient.copy_(flat[offset : offset + gradient.numel()].view_as(gradient))
        offset += gradient.numel()
