"""Which optimiser moves what, and how."""

from __future__ import annotations

import torch
from torch import nn

from training.optimisers import LEAST_WIDTH, WEIGHT_DECAY, Muon, build_optimisers, wide_weights


class Network(nn.Module):
    """One layer of each sort that the network has."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(40, 24)
        self.attention = nn.MultiheadAttention(24, 4)
        self.convolution = nn.Conv2d(24, 16, 3)
        self.corners = nn.Linear(24, 4)
        self.norm = nn.LayerNorm(24)
        self.token = nn.Parameter(torch.zeros(20, 24))


def test_every_parameter_is_moved_by_one_optimiser() -> None:
    network, probes = Network(), nn.Linear(24, 30)
    for parameter in (*network.parameters(), *probes.parameters()):
        parameter.grad = torch.ones_like(parameter)
    before = {id(p): p.detach().clone() for p in (*network.parameters(), *probes.parameters())}

    muon, adamw = build_optimisers(network, probes)

    held = [p for group in adamw.param_groups for p in group["params"]]
    held += list(wide_weights(network))
    assert sorted(map(id, held)) == sorted(before)
    muon.step()
    adamw.step()
    for parameter in held:
        assert not torch.equal(parameter, before[id(parameter)])


def test_muon_moves_wide_layers_only() -> None:
    network = Network()
    wide = list(wide_weights(network))
    names = [name for name, p in network.named_parameters() if any(p is q for q in wide)]
    assert names == [
        "attention.in_proj_weight",
        "attention.out_proj.weight",
        "convolution.weight",
    ]
    assert network.corners.weight.shape[0] < LEAST_WIDTH


def test_a_kernel_moves_equally_far_in_all_directions() -> None:
    torch.manual_seed(0)
    kernel = nn.Parameter(torch.zeros(16, 8, 3, 3))
    # One direction has nearly all of the gradient.
    kernel.grad = torch.randn(16, 8, 3, 3) + 50.0 * torch.ones(16, 8, 3, 3)
    Muon([kernel]).step()
    lengths = torch.linalg.svdvals(kernel.detach().flatten(1))
    assert lengths.max() / lengths.min() < 2.5
    assert torch.linalg.svdvals(kernel.grad.flatten(1))[:2].diff().abs() > 100.0


def test_muon_steps_as_the_package_does() -> None:
    torch.manual_seed(0)
    ours, theirs = (nn.Parameter(torch.ones(24, 48)) for _ in range(2))
    muon = Muon([ours])
    package = torch.optim.Muon([theirs], weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw")
    for _ in range(3):
        ours.grad = torch.randn(24, 48)
        theirs.grad = ours.grad.clone()
        muon.step()
        package.step()  # type: ignore[no-untyped-call]
    moved = torch.ones(24, 48) - theirs.detach()
    apart = (ours - theirs).detach()
    assert apart.norm() < 0.02 * moved.norm()  # the package rounds to bfloat16


def test_a_parameter_without_a_gradient_stays() -> None:
    kernel, other = nn.Parameter(torch.ones(16, 16)), nn.Parameter(torch.ones(16, 16))
    kernel.grad = torch.randn(16, 16)
    optimiser = Muon([kernel, other])
    optimiser.step()
    assert torch.equal(other, torch.ones(16, 16))
    assert not torch.equal(kernel, torch.ones(16, 16))
