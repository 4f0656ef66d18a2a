"""The training run: processes, optimiser, averaging, log, checkpoints, resuming."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from sam3_playground.errors import CheckpointError
from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.network import build_network
from sam3_playground.training.batches import SceneTensors, scene_tensors
from sam3_playground.training.forward import Probes, prepare_for_training
from sam3_playground.training.initial import initialise
from sam3_playground.training.recipe import Stage
from sam3_playground.training.scenes import TRAIN_SEED
from sam3_playground.training.stages import step_losses
from sam3_playground.training.vocabulary import COLOUR_NAMES, KIND_NAMES, all_phrases

CLIP = 4.0
BETAS = (0.9, 0.98)
WEIGHT_DECAY = 1e-4
EMA_HALF_LIFE_STEPS = 200
LOG_EVERY = 25
SAVE_EVERY_SECONDS = 120.0


@dataclass(frozen=True)
class Run:
    """What a training run is asked to do.

    Attributes:
        folder: Where log.jsonl and state.pt go; a run that finds a state there goes on.
        config: The network's sizes.
        recipe: The stages, in order.
        device: "cpu", "cuda", ...
        processes: Processes that share a step on a CPU, one thread each.
        workers: Processes that draw scenes ahead of a CUDA device; 0 draws in between.
        seconds: Stop (and save) after so long, None for never.
    """

    folder: Path
    config: NetworkConfig
    recipe: tuple[Stage, ...]
    device: str = "cpu"
    processes: int = 2
    workers: int = 0
    seconds: float | None = None


@dataclass
class Progress:
    """Where a run stands: the next step of a stage."""

    stage: int = 0
    step: int = 0


def train(run: Run, report: Callable[[str], None]) -> None:
    """Train until the recipe ends, or the run's time does; call again to go on.

    Raises:
        CheckpointError: The folder holds the state of a run with another configuration.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    if run.processes == 1 or run.device != "cpu":
        _worker(0, run, 1, report)
        return
    meeting = run.folder / "meeting"
    meeting.unlink(missing_ok=True)
    torch.multiprocessing.spawn(  # type: ignore[no-untyped-call]
        _spawned, args=(run, run.processes, str(meeting.absolute())), nprocs=run.processes
    )


def _spawned(rank: int, run: Run, world: int, meeting: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world)
    _worker(rank, run, world, lambda line: print(line, flush=True))
    dist.destroy_process_group()


def _worker(rank: int, run: Run, world: int, report: Callable[[str], None]) -> None:
    device = torch.device(run.device)
    torch.manual_seed(TRAIN_SEED)
    config = replace(run.config, image_size=run.recipe[0].image_size)
    network = build_network(config)
    token_ids = vocabulary_token_ids(network)
    initialise(network, token_ids=token_ids)
    probes = Probes(
        vit_width=run.config.vit_width,
        d_model=run.config.d_model,
        kinds=len(KIND_NAMES),
        colours=len(COLOUR_NAMES),
    )
    network.to(device)
    probes.to(device)
    prepare_for_training(network)
    optimiser = build_optimiser(network, probes)
    average = deepcopy(network.state_dict())
    progress = Progress()
    state_file = run.folder / "state.pt"
    if state_file.exists():
        _load_state(state_file, run, network, probes, optimiser, average, progress)
        if rank == 0:
            report(f"resumed at stage {progress.stage}, step {progress.step}")
    keep = torch.zeros(len(network.backbone.language_backbone.encoder.token_embedding.weight), 1)
    keep[token_ids] = 1.0
    keep = keep.to(device)

    def save() -> None:
        if rank == 0:
            _save_state(state_file, run, network, probes, optimiser, average, progress)

    started = saved = time.monotonic()
    pool = ProcessPoolExecutor(run.workers) if run.workers else None
    for number in range(progress.stage, len(run.recipe)):
        stage = run.recipe[number]
        if stage.image_size != config.image_size:
            config = replace(config, image_size=stage.image_size)
            network = resized(network, config).to(device)
            optimiser = _continued(optimiser, network, probes)
        parameters = [p for group in optimiser.param_groups for p in group["params"]]
        steps = max(1, stage.images // (stage.batch * world))
        first = progress.step if number == progress.stage else 0
        progress.stage, clock, sums = number, time.monotonic(), dict[str, float]()
        scenes_ahead = _scenes(config, number, stage, range(first, steps), rank, world, pool, run.workers)
        for step in range(first, steps):
            rng = np.random.default_rng([TRAIN_SEED, number, step, rank])
            rate = learning_rate(stage, step, steps)
            for group in optimiser.param_groups:
                group["lr"] = rate * group["scale"]
            scenes = next(scenes_ahead)
            with _autocast(device):
                losses = step_losses(network, probes, scenes, stage, config, rng, device)
            loss = torch.stack([value.float() for value in losses.values()]).sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            _mask_unknown_words(network, keep)
            _share_gradients(parameters, world)
            norm = nn.utils.clip_grad_norm_(parameters, CLIP)
            if bool(torch.isfinite(norm)):
                optimiser.step()
            _update_average(network, average, number, step)
            progress.step = step + 1
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach())
            if rank == 0 and (step + 1) % LOG_EVERY == 0:
                _log(run, report, stage, step + 1, steps, world, first, clock, sums, rate)
                sums = {}
            if time.monotonic() - saved > SAVE_EVERY_SECONDS:
                save()
                saved = time.monotonic()
            if _time_is_up(run, started, world):
                save()
                return
        progress.stage, progress.step = number + 1, 0
        save()
        saved = time.monotonic()
    if pool is not None:
        pool.shutdown()


def vocabulary_token_ids(network: Any) -> Tensor:
    """(V,) ids of every token in a phrase that training uses, and of the two markers."""
    tokenizer = network.backbone.language_backbone.tokenizer
    context = network.backbone.language_backbone.context_length
    ids = torch.unique(tokenizer([*all_phrases(), "visual"], context_length=context))
    found: Tensor = ids[ids > 0]
    return found


def build_optimiser(network: Any, probes: Probes) -> torch.optim.AdamW:
    """AdamW over everything that is used; norms, biases and embeddings do not decay."""
    decayed: list[nn.Parameter] = []
    kept: list[nn.Parameter] = []
    for module in (network, probes):
        for name, parameter in module.named_parameters():
            small = parameter.ndim < 2 or "embed" in name or "token" in name
            (kept if small else decayed).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": WEIGHT_DECAY, "scale": 1.0},
            {"params": kept, "weight_decay": 0.0, "scale": 1.0},
        ],
        betas=BETAS,
    )


def learning_rate(stage: Stage, step: int, steps: int) -> float:
    """The rate at a step: linear warm-up, then flat or a cosine down to a hundredth."""
    warm = min(1.0, (step + 1) / max(1, min(stage.warmup, steps // 4)))
    if not stage.cosine:
        return stage.learning_rate * warm
    share = 0.5 * (1.0 + float(np.cos(np.pi * step / steps)))
    return stage.learning_rate * warm * (0.01 + 0.99 * share)


def resized(network: Any, config: NetworkConfig) -> Any:
    """A network of another image size with the same weights, ready for training."""
    other = build_network(config)
    learned = {k: v for k, v in network.state_dict().items() if v.is_floating_point()}
    other.load_state_dict(learned, strict=False)
    prepare_for_training(other)
    return other


def _continued(
    optimiser: torch.optim.AdamW, network: Any, probes: Probes
) -> torch.optim.AdamW:
    """The optimiser's memory, taken over to a network of another image size."""
    other = build_optimiser(network, probes)
    other.load_state_dict(optimiser.state_dict())
    return other


def _scenes(
    config: NetworkConfig,
    number: int,
    stage: Stage,
    steps: range,
    rank: int,
    world: int,
    pool: ProcessPoolExecutor | None,
    workers: int,
) -> Any:
    """Batches of scenes, one for each step; every stage and process has scenes of its own."""
    seed = TRAIN_SEED + 1000 * (number + 1)

    def indices(step: int) -> range:
        first = (step * world + rank) * stage.batch
        return range(first, first + stage.batch)

    if pool is None:
        for step in steps:
            yield [
                scene_tensors(seed, index, config, prompts=stage.prompts)
                for index in indices(step)
            ]
        return
    ahead = 4 * workers
    waiting: list[Any] = []
    todo = iter(steps)
    while True:
        while len(waiting) < ahead and (step := next(todo, None)) is not None:
            waiting.append(
                pool.submit(_draw_batch, seed, indices(step), config, stage.prompts)
            )
        if not waiting:
            return
        yield waiting.pop(0).result()


def _draw_batch(
    seed: int, indices: range, config: NetworkConfig, prompts: int
) -> Sequence[SceneTensors]:
    torch.set_num_threads(1)
    return [scene_tensors(seed, index, config, prompts=prompts) for index in indices]


def _autocast(device: torch.device) -> Any:
    if device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


def _mask_unknown_words(network: Any, keep: Tensor) -> None:
    gradient = network.backbone.language_backbone.encoder.token_embedding.weight.grad
    if gradient is not None:
        gradient.mul_(keep)


def _share_gradients(parameters: Sequence[nn.Parameter], world: int) -> None:
    """Average gradients over processes; one that a process lacks counts as zero."""
    if world == 1:
        return
    has = torch.tensor([p.grad is not None for p in parameters], dtype=torch.uint8)
    dist.all_reduce(has, op=dist.ReduceOp.MAX)
    used = [p for p, flag in zip(parameters, has.tolist(), strict=True) if flag]
    for parameter in used:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    gradients = [p.grad for p in used if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= world
    offset = 0
    for gradient in gradients:
        gradient.copy_(flat[offset : offset + gradient.numel()].view_as(gradient))
        offset += gradient.numel()


@torch.no_grad()
def _update_average(network: Any, average: dict[str, Tensor], stage: int, step: int) -> None:
    """Exponential moving average of the weights, which is what gets used in the end."""
    decay = 0.5 ** (1.0 / EMA_HALF_LIFE_STEPS)
    decay = min(decay, (stage * EMA_HALF_LIFE_STEPS + step + 1) / (step + 10))
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            average[name].lerp_(value, 1.0 - decay)


def _time_is_up(run: Run, started: float, world: int) -> bool:
    if run.seconds is None:
        return False
    over = torch.tensor([float(time.monotonic() - started > run.seconds)])
    if world > 1:
        dist.broadcast(over, src=0)
    return bool(over.item())


def _log(
    run: Run,
    report: Callable[[str], None],
    stage: Stage,
    step: int,
    steps: int,
    world: int,
    first: int,
    clock: float,
    sums: dict[str, float],
    rate: float,
) -> None:
    pace = (step - first) / (time.monotonic() - clock)
    means = {name: round(value / LOG_EVERY, 4) for name, value in sums.items()}
    row = {
        "stage": stage.name,
        "step": step,
        "steps": steps,
        "images_per_second": round(pace * stage.batch * world, 2),
        "minutes_left": round((steps - step) / pace / 60, 1),
        "learning_rate": rate,
        "losses": means,
    }
    with (run.folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(row) + "\n")
    shown = " ".join(f"{name} {value:.3f}" for name, value in means.items())
    report(
        f"{stage.name} {step}/{steps} · {row['images_per_second']} scenes/s · "
        f"{row['minutes_left']} min left in this stage · {shown}"
    )


def _save_state(
    path: Path,
    run: Run,
    network: Any,
    probes: Probes,
    optimiser: torch.optim.Optimizer,
    average: dict[str, Tensor],
    progress: Progress,
) -> None:
    partial = path.with_suffix(".partial")
    torch.save(
        {
            "config": run.config.to_json(),
            "progress": asdict(progress),
            "network": network.state_dict(),
            "probes": probes.state_dict(),
            "optimiser": optimiser.state_dict(),
            "average": average,
        },
        partial,
    )
    os.replace(partial, path)


def _load_state(
    path: Path,
    run: Run,
    network: Any,
    probes: Probes,
    optimiser: torch.optim.Optimizer,
    average: dict[str, Tensor],
    progress: Progress,
) -> None:
    state = torch.load(path, map_location="cpu", weights_only=True)
    if NetworkConfig.from_json(state["config"]) != run.config:
        raise CheckpointError(
            f"expected {path.name} of a run with this configuration, got one with another: "
            "train in another folder"
        )
    learned = {k: v for k, v in state["network"].items() if v.is_floating_point()}
    network.load_state_dict(learned, strict=False)
    probes.load_state_dict(state["probes"])
    optimiser.load_state_dict(state["optimiser"])
    for name, value in state["average"].items():
        if value.is_floating_point():
            average[name].copy_(value)
    progress.stage = state["progress"]["stage"]
    progress.step = state["progress"]["step"]
