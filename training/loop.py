"""The training run: processes, stages, log, and resuming."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist

from sam3_playground.model.config import NetworkConfig
from training.plan import Stage
from training.supply import SceneSupply
from training.trainer import Trainer, learning_rate

LOG_EVERY = 25
SAVE_EVERY_SECONDS = 120.0
# The folder in a run's own for averaged weights on the way.
KEPT = "kept"

Report = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """What a training run is asked to do.

    Attributes:
        folder: Where log.jsonl and state.pt go; a run that finds a state there goes on.
        config: The network's sizes.
        recipe: The stages, in order.
        device: "cpu", "cuda", ...
        processes: Processes that share a step on a CPU, one thread each.
        workers: Processes that draw scenes ahead; 0 draws between the steps.
        seconds: Stop (and save) after so long, None for never.
        begin_with: A checkpoint to begin with where the folder holds no state; None begins
            with random weights.
        first_stage: The stage that a run without a state begins at, by its number.
        keep_every: After how many steps of a stage, and at its end, the averaged weights are
            kept in a file of their own; None keeps none.
    """

    folder: Path
    config: NetworkConfig
    recipe: tuple[Stage, ...]
    device: str = "cpu"
    processes: int = 2
    workers: int = 0
    seconds: float | None = None
    begin_with: Path | None = None
    first_stage: int = 0
    keep_every: int | None = None

    @property
    def state_file(self) -> Path:
        """Where the state is kept."""
        return self.folder / "state.pt"

    def kept_file(self, stage: int, step: int) -> Path:
        """Where the averaged weights are kept after a step; by their names files are in order."""
        name = f"{stage:02}-{self.recipe[stage].name}-{step:05}.safetensors"
        return self.folder / KEPT / name


def train(run: Run, report: Report) -> None:
    """Train until the recipe ends, or the run's time does; call again to go on.

    Raises:
        CheckpointError: The folder holds the state of a run with another configuration.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    if run.processes == 1 or run.device != "cpu":
        _work(run, report, rank=0, world=1)
        return
    with tempfile.TemporaryDirectory() as folder:
        meeting = str(Path(folder) / "meeting")
        torch.multiprocessing.spawn(  # type: ignore[attr-defined,no-untyped-call]
            _spawned, args=(run, meeting), nprocs=run.processes
        )


def _spawned(rank: int, run: Run, meeting: str) -> None:
    torch.set_num_threads(1)
    world = run.processes
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world)
    _work(run, _report_to_stderr, rank=rank, world=world)
    dist.destroy_process_group()


def _report_to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _work(run: Run, report: Report, *, rank: int, world: int) -> None:
    first_size = run.recipe[run.first_stage].image_size
    trainer = Trainer(run.config, first_size, torch.device(run.device), rank, world)
    if run.state_file.exists():
        trainer.load(run.state_file)
        if rank == 0:
            report(f"going on at stage {trainer.stage + 1}, step {trainer.step}")
    else:
        trainer.stage = run.first_stage
        if run.begin_with is not None:
            trainer.begin_with(run.begin_with)
    deadline = None if run.seconds is None else time.monotonic() + run.seconds
    pool = ProcessPoolExecutor(run.workers) if run.workers else None
    for number in range(trainer.stage, len(run.recipe)):
        trainer.begin_stage(number, run.recipe[number])
        log = _Log(run, report, run.recipe[number], world) if rank == 0 else None
        in_time = _run_stage(run, trainer, number, pool, log, deadline, rank=rank, world=world)
        if not in_time:
            break
        trainer.stage, trainer.step = number + 1, 0
    trainer.save(run.state_file)
    if pool is not None:
        pool.shutdown(cancel_futures=True)


def _run_stage(
    run: Run,
    trainer: Trainer,
    number: int,
    pool: ProcessPoolExecutor | None,
    log: _Log | None,
    deadline: float | None,
    *,
    rank: int,
    world: int,
) -> bool:
    """Go through the rest of a stage; False if the time was up before its end."""
    stage = run.recipe[number]
    steps = max(1, stage.images // (stage.batch * world))
    todo = range(trainer.step, steps)
    supply = SceneSupply(number, stage, trainer.config, rank, world)
    saved = time.monotonic()
    for scenes in supply.batches(todo, pool):
        losses = trainer.take_step(stage, steps, scenes)
        if log is not None:
            log.add(trainer.step, steps, losses)
        if run.keep_every and (trainer.step % run.keep_every == 0 or trainer.step == steps):
            trainer.keep(run.kept_file(number, trainer.step))
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            trainer.save(run.state_file)
            saved = time.monotonic()
        if _time_is_up(deadline, world):
            return False
    return True


def _time_is_up(deadline: float | None, world: int) -> bool:
    """Whether to stop; the first process decides for all."""
    if deadline is None:
        return False
    over = torch.tensor([float(time.monotonic() > deadline)])
    if world > 1:
        dist.broadcast(over, src=0)
    return bool(over.item())


class _Log:
    """Means of the losses every few steps, with throughput and the time that is left."""

    def __init__(self, run: Run, report: Report, stage: Stage, world: int) -> None:
        self._file = run.folder / "log.jsonl"
        self._report = report
        self._stage = stage
        self._world = world
        self._sums: dict[str, float] = {}
        self._count = 0
        self._clock = time.monotonic()

    def add(self, step: int, steps: int, losses: dict[str, float]) -> None:
        """Note a step; write a line when it is time for one."""
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1
        if step % LOG_EVERY and step < steps:
            return
        now = time.monotonic()
        pace = self._count / (now - self._clock)
        means = {name: round(value / self._count, 4) for name, value in self._sums.items()}
        row = {
            "stage": self._stage.name,
            "step": step,
            "steps": steps,
            "images_per_second": round(pace * self._stage.batch * self._world, 2),
            "minutes_left": round((steps - step) / pace / 60, 1),
            "learning_rate": learning_rate(self._stage, step - 1, steps),
            "losses": means,
        }
        with self._file.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        shown = " ".join(f"{name} {value:.3f}" for name, value in means.items())
        self._report(
            f"{self._stage.name} {step}/{steps} · {row['images_per_second']} scenes/s · "
            f"{row['minutes_left']} min left in this stage · {shown}"
        )
        self._sums, self._count, self._clock = {}, 0, now
