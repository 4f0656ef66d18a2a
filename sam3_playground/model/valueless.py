"""Networks made without values: no random numbers, no second copy of what a file holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from sam3_playground.errors import CheckpointError


@contextmanager
def without_values() -> Iterator[None]:
    """Let parameters of modules that this thread makes inside have a shape alone.

    They lie on torch's meta device, where filling them does nothing. Buffers, which are computed,
    have their values as ever.
    """
    maker = threading.get_ident()

    def emptied(_module: nn.Module, _name: str, parameter: nn.Parameter) -> nn.Parameter | None:
        if threading.get_ident() != maker:
            return None
        return nn.Parameter(parameter.to("meta"), requires_grad=parameter.requires_grad)

    replace: Any = emptied  # torch's own types say that a hook returns nothing
    hook = register_module_parameter_registration_hook(replace)
    try:
        yield
    finally:
        hook.remove()


def give_values(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Give a network the values of its parameters and buffers.

    One that was made `without_values` takes the tensors themselves where they are of its own
    type, and zeros where there are none: files that are mapped into memory stay the only copy.
    Any other network copies what it is given and keeps the rest.

    Args:
        network: Takes them.
        tensors: By the network's own names, of its shapes.

    Raises:
        CheckpointError: There is too little memory for those that are of another type.
    """
    state: dict[str, Any] = network.state_dict()
    if not any(value.is_meta for value in state.values()):
        network.load_state_dict(tensors, strict=False)
        return
    try:
        own = {name: value.to(state[name].dtype).contiguous() for name, value in tensors.items()}
    except (MemoryError, RuntimeError) as error:
        raise CheckpointError("expected memory for the weights, got too little") from error
    network.load_state_dict(own, strict=False, assign=True)
    for module in network.modules():
        for name, left in module.named_parameters(recurse=False):
            if left.is_meta:
                zeros = torch.zeros(left.shape, dtype=left.dtype)
                setattr(module, name, nn.Parameter(zeros, requires_grad=left.requires_grad))
