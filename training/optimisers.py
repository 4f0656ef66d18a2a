"""Which optimiser moves what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd

BETAS = (0.9, 0.98)
WEIGHT_DECAY = 1e-4
# A layer with fewer inputs or outputs reads coordinates or says a few numbers: it has no
# directions worth evening out.
LEAST_WIDTH = 12

_LAYERS = (nn.Linear, nn.MultiheadAttention, _ConvNd)


class Muon(torch.optim.Muon):
    """Muon for convolutions as well: their kernels count as matrices of one row per channel.

    Steps are scaled to the length of AdamW's, so that one learning rate serves both (Liu et
    al., "Muon is scalable for LLM training", arXiv:2502.16982).
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self._parameters = list(parameters)
        # They share the parameters' memory, so that a step moves those.
        matrices = [nn.Parameter(parameter.detach().flatten(1)) for parameter in self._parameters]
        super().__init__(matrices, weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw")

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One step along the parameters' gradients."""
        (group,) = self.param_groups
        for parameter, matrix in zip(self._parameters, group["params"], strict=True):
            matrix.grad = None if parameter.grad is None else parameter.grad.flatten(1)
        return super().step(closure)  # type: ignore[no-any-return,no-untyped-call]


def build_optimisers(network: Any, probes: nn.Module) -> list[torch.optim.Optimizer]:
    """Muon over the network's wide layers, AdamW over everything else.

    Norms, biases, embeddings and learned tokens do not decay.
    """
    wide = list(wide_weights(network))
    taken = {id(parameter) for parameter in wide}
    rest = [p for p in (*network.parameters(), *probes.parameters()) if id(p) not in taken]
    layers = {id(p) for p in layer_weights((*network.modules(), *probes.modules()))}
    return [
        Muon(wide),
        torch.optim.AdamW(
            [
                {"params": [p for p in rest if id(p) in layers], "weight_decay": WEIGHT_DECAY},
                {"params": [p for p in rest if id(p) not in layers], "weight_decay": 0.0},
            ],
            betas=BETAS,
        ),
    ]


def layer_weights(modules: Iterable[nn.Module]) -> Iterable[nn.Parameter]:
    """The weights of linear, attention and convolution layers, without their biases."""
    for module in modules:
        if isinstance(module, _LAYERS):
            yield from (p for p in module.parameters(recurse=False) if p.ndim > 1)


def wide_weights(network: nn.Module) -> Iterable[nn.Parameter]:
    """Those of them that have directions to be evened out."""
    for parameter in layer_weights(network.modules()):
        if min(parameter.flatten(1).shape) >= LEAST_WIDTH:
            yield parameter
