"""The device that the network runs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from sam3_playground.errors import InvalidInputError


def torch_device(name: str | None) -> torch.device:
    """A device that works here.

    Args:
        name: Such as "cpu", "cuda", "cuda:1" or "mps"; None takes CUDA where there is some.

    Raises:
        InvalidInputError: No device's name, or none of this machine's.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    refusal = f"expected a device of this machine such as cpu or cuda, got {name[:40]!r}"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    # What torch raises for words, for devices that it was built without, and for missing ones.
    except (RuntimeError, AssertionError, ImportError, ValueError) as error:
        raise InvalidInputError(refusal) from error
    return device


def devices_here() -> list[dict[str, object]]:
    """The CPU, then each CUDA device and what it has, as values to be shown."""
    found: list[dict[str, object]] = [{"device": "cpu", "threads": torch.get_num_threads()}]
    for number in range(torch.cuda.device_count()):
        one = torch.cuda.get_device_properties(number)
        found.append(
            {
                "device": f"cuda:{number}",
                "name": one.name,
                "memory_mib": one.total_memory // 2**20,
                "cuda": torch.version.cuda,
            }
        )
    return found


@contextmanager
def no_gpu() -> Iterator[None]:
    """Let nobody find a GPU in a block.

    Whoever asks the driver for one, as sam3 does where it is imported, can use none in any fork.
    """
    really = torch.cuda.is_available
    torch.cuda.is_available = lambda: False
    try:
        yield
    finally:
        torch.cuda.is_available = really


def use_one_thread() -> None:
    """Let this thread compute on a CPU alone: in a fork, torch's other threads are gone."""
    torch.set_num_threads(1)
