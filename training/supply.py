"""A steady supply of drawn scenes, each step and process with scenes of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

import torch

from sam3_playground.model.config import NetworkConfig
from scenes.scenes import TRAIN_SEED
from training.batches import SceneTensors, scene_tensors
from training.plan import Stage


@dataclass(frozen=True)
class SceneSupply:
    """The scenes of one stage for one of `world` processes.

    Attributes:
        number: The stage's place in the recipe, which seeds its stream.
        stage: The stage.
        config: The network's sizes in this stage.
        rank: Which process this is, from 0.
        world: How many there are.
        ahead: Batches drawn ahead where others draw.
    """

    number: int
    stage: Stage
    config: NetworkConfig
    rank: int
    world: int
    ahead: int = 16

    def batches(
        self, steps: range, pool: ProcessPoolExecutor | None
    ) -> Iterator[Sequence[SceneTensors]]:
        """A batch for each step, drawn ahead where there is a pool."""
        if pool is None:
            for step in steps:
                yield self.draw(step)
            return
        todo = iter(steps)
        waiting: deque[Future[Sequence[SceneTensors]]] = deque()
        for step in todo:
            waiting.append(pool.submit(_draw_alone, self, step))
            if len(waiting) >= self.ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def draw(self, step: int) -> Sequence[SceneTensors]:
        """The batch of one step: the same ones whenever it is drawn."""
        seed = TRAIN_SEED + 1000 * (self.number + 1)
        first = (step * self.world + self.rank) * self.stage.batch
        return [
            scene_tensors(
                seed,
                index,
                self.config,
                prompts=self.stage.prompts,
                mix=self.stage.mix,
                confusing=self.stage.confusing,
                crowded=self.stage.crowded,
            )
            for index in range(first, first + self.stage.batch)
        ]


def _draw_alone(supply: SceneSupply, step: int) -> Sequence[SceneTensors]:
    torch.set_num_threads(1)
    return supply.draw(step)
