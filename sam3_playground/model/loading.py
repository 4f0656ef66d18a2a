"""From the file of some weights to a runner of the network that they are of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint import (
    LoadReport,
    check_checkpoint,
    load_checkpoint,
    read_config,
)
from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.device import no_gpu, torch_device
from sam3_playground.model.file_kinds import shown_name
from sam3_playground.model.network import build_network
from sam3_playground.model.pace import takes_bfloat16
from sam3_playground.model.runner import Runner


def load_runner(
    path: Path,
    *,
    clicks_from: Path | None = None,
    device: str | None = None,
    cpu_bfloat16: bool | None = None,
    lend: Callable[[], object] | None = None,
) -> tuple[Runner, LoadReport]:
    """Load weights into a network of their size.

    Args:
        path: Their file, an index of several, or the folder that they are in.
        clicks_from: Another, from which the click head is taken.
        device: As `torch_device` has it.
        cpu_bfloat16: As `takes_bfloat16` has it.
        lend: Called before the network moves to its device, which may be there from then on
            only; nothing looks for one before. None where it is there.

    Returns:
        The runner, and what loading left over.

    Raises:
        CheckpointError: The file does not fit, or the other one has no click head that does.
        InvalidInputError: There is no such device.
    """
    where = torch_device(device) if lend is None else None
    check_checkpoint(path)
    if clicks_from is not None:
        check_checkpoint(clicks_from)
    config = read_config(path)
    with nullcontext() if lend is None else no_gpu():
        network = _built(config, shown_name(path))
        report = load_checkpoint(network, path, clicks_from=clicks_from)
    if lend is not None:
        lend()
    where = where or torch_device(device)
    bfloat16 = takes_bfloat16(config, where, wanted=cpu_bfloat16)
    return Runner(network, config, where, cpu_bfloat16=bfloat16), report


def _built(config: NetworkConfig, name: str) -> Any:
    try:
        return build_network(config, valueless=True)
    except (MemoryError, RuntimeError) as error:
        raise CheckpointError(
            f"expected memory for the network of {name}, got too little"
        ) from error
    # What the network's classes raise for sizes that do not go together.
    except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"expected sizes of a network in {name}, got some that do not go together"
        ) from error
