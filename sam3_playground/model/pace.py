"""How long an image takes to encode on a processor, and in which numbers it is encoded best."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import torch

from sam3_playground.model.arithmetic import encode_operations
from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.runner import Runner

# bfloat16 takes two fifths off the time of networks of at least so many operations. Smaller ones,
# as the bundled one, gain a fifth of what is quick anyway, and stay the same on all processors.
WORTH_BFLOAT16 = 10**12
_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")

# Which part of its speed at matrices a processor reaches while it encodes, where rotations,
# normalisations and activations take their time: measured on a CPU with avx512_bf16.
_REACHED = {torch.float32: 0.8, torch.bfloat16: 0.6}
# What is quicker needs no word.
_LONG_SECONDS = 5.0
_SIDE = 1024


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 by instructions that torch has kernels for.

    Where torch cannot tell, as its older versions, or goes another way to matrices, as on macOS,
    the answer is no.
    """
    capabilities: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    backend: Any = torch.backends.mkldnn
    return backend.is_available() and any(map(capabilities.get, _INSTRUCTIONS))


def takes_bfloat16(config: NetworkConfig, device: torch.device, *, wanted: bool | None) -> bool:
    """Whether to encode images in bfloat16 on a CPU.

    Args:
        config: The network's sizes.
        device: Where it runs; only a CPU is asked.
        wanted: What was decided; None takes what is best.
    """
    if device.type != "cpu":
        return False
    if wanted is not None:
        return wanted
    return encode_operations(config) >= WORTH_BFLOAT16 and has_bfloat16()


def matrix_speed(dtype: torch.dtype) -> float:
    """Operations a second of a matrix product on the CPU; takes a fraction of a second."""
    matrix = torch.ones(_SIDE, _SIDE, dtype=dtype)
    matrix @ matrix  # the first one gets the threads going
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - start)
    return 2 * float(_SIDE) ** 3 / min(seconds)


def pace_note(runner: Runner) -> str:
    """What to expect of a runner before its first image; empty where it is quick enough."""
    if runner.device.type != "cpu" or encode_operations(runner.config) < WORTH_BFLOAT16:
        return _slowed(runner)
    dtype = torch.bfloat16 if runner.cpu_bfloat16 else torch.float32
    seconds = encode_operations(runner.config) / (matrix_speed(dtype) * _REACHED[dtype])
    if seconds < _LONG_SECONDS:
        return _slowed(runner)
    told = (
        f"On this processor an image takes about {in_words(seconds)} before its first answer; "
        "further prompts on it do not take that time again."
    )
    return " ".join(filter(None, [told, _slowed(runner)]))


def _slowed(runner: Runner) -> str:
    if not runner.cpu_bfloat16 or has_bfloat16():
        return ""
    return (
        "bfloat16 was asked for (SAM3_CPU_BFLOAT16=1), but this processor has no instructions "
        "for it that are used here, and encodes images several times slower so."
    )


def in_words(seconds: float) -> str:
    """A time as rough as an estimate: "8 s", "40 s", "2 minutes"."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 90:
        return f"{round(seconds / 5) * 5} s"
    return f"{round(seconds / 60)} minutes"
