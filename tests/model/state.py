"""All that stands on a network, to be compared before and after."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import torch
from torch import Tensor, nn

# Dictionaries of so many entries are told by a digest.
_LARGE = 1000


def state_of(network: nn.Module) -> dict[str, Any]:
    """Parameters, buffers, flags, hooks, and whatever else its modules remember, by name."""
    state: dict[str, Any] = {}
    for name, module in network.named_modules():
        for key, value in vars(module).items():
            if key != "_modules":
                state[f"{name}.{key}"] = _told(value, ())
    return state


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of what is not the same, or there only once."""
    return sorted(
        name
        for name in before.keys() | after.keys()
        if before.get(name, "nothing") != after.get(name, "nothing")
    )


def _told(value: Any, inside: tuple[int, ...]) -> Any:
    if isinstance(value, Tensor):
        return str(value.device), value.requires_grad, value.grad is None, _told_tensor(value)
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return value
    if isinstance(value, nn.Module) or id(value) in inside:
        return type(value).__name__
    inside = (*inside, id(value))
    if isinstance(value, dict):
        told = {repr(key): _told(item, inside) for key, item in value.items()}
        return told if len(told) < _LARGE else _digest(repr(told).encode())
    if isinstance(value, (list, tuple, set)):
        return type(value).__name__, [_told(item, inside) for item in value]
    held = vars(value) if hasattr(value, "__dict__") and not callable(value) else {}
    return type(value).__name__, getattr(value, "__qualname__", ""), _told(held, inside)


def _told_tensor(value: Tensor) -> Any:
    plain = torch.view_as_real(value) if value.is_complex() else value
    return value.shape, str(value.dtype), _digest(plain.detach().cpu().numpy().tobytes())


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=8).hexdigest()
