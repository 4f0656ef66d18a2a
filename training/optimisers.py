"""Which optimiser moves what."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

BETAS = (0.9, 0.98)
WEIGHT_DECAY = 1e-4
# A layer with fewer inputs or outputs reads coordinates or says a few numbers: it has no
# directions worth evening out.
LEAST_WIDTH = 12
# The root mean square of AdamW's steps, at which Muon's are as long.
RMS_OF_ADAMW = 0.2

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
        super().__init__(matrices, weight_decay=WEIGHT_DECAY)

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """One step along the parameters' gradients.

        In float32: the package's own works in bfloat16, which takes processors without such
        instructions fifteen times as long.
        """
        (group,) = self.param_groups
        for parameter, matrix in zip(self._parameters, group["params"], strict=True):
            if parameter.grad is None:
                continue
            gradient = parameter.grad.flatten(1)
            state = self.state[matrix]
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = torch.zeros_like(gradient)
            momentum = state["momentum_buffer"].lerp_(gradient, 1.0 - group["momentum"])
            update = evened_out(gradient.lerp(momentum, group["momentum"]), group)
            matrix.mul_(1.0 - group["lr"] * group["weight_decay"])
            matrix.sub_(update, alpha=group["lr"] * RMS_OF_ADAMW * math.sqrt(max(matrix.shape)))


def evened_out(matrix: Tensor, group: Mapping[str, Any]) -> Tensor:
    """The matrix with all its singular values brought near 1, by a few Newton-Schulz iterations.

    Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024), with the
    coefficients, the iterations and the least norm that the optimiser's group names.
    """
    a, b, c = group["ns_coefficients"]
    tall = matrix.shape[0] > matrix.shape[1]
    wide = matrix.T if tall else matrix
    wide = wide / wide.norm().clamp(min=group["eps"])
    for _ in range(group["ns_steps"]):
        gram = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(gram, gram, gram, beta=b, alpha=c), wide, beta=a)
    return wide.T if tall else wide


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
