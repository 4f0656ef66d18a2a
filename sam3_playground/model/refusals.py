"""Tensors that look like weights of SAM 3 and would give wrong answers: refused in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from sam3_playground.errors import CheckpointError

Tensors = Mapping[str, Tensor]

_PLAIN = "take the file in float32, float16 or bfloat16 that it was made from"
_LORA = re.compile(r"(^|[._])lora_(A|B|up|down|magnitude_vector)\b")
_SCALES = re.compile(r"(^|\.)(scale_weight|weight_scale|scaled_fp8|scale_input|input_scale)$")
# bitsandbytes, GPTQ and AWQ, torch's own, MLX.
_QUANTISED = re.compile(
    r"(^|\.)(SCB|absmax|quant_map|quant_state.*|qweight|qzeros|_packed_params.*|zero_point|scales)$"
)
_APART = re.compile(r"\.(key_proj|value_proj)\.")
# A patch is of three colours: in MLX they stand last.
_PATCHES = re.compile(r"patch_embed(dings)?\.proj(ection)?\.weight$")


@dataclass(frozen=True)
class Refusal:
    """What is not taken.

    Attributes:
        is_it: Whether a file with these tensors is one.
        got: What it is, in words.
        advice: What to do.
    """

    is_it: Callable[[Tensors], bool]
    got: str
    advice: str


def check_usable(path_name: str, tensors: Tensors) -> None:
    """Refuse tensors that are no plain weights.

    Args:
        path_name: What the file is called.
        tensors: By the names that the file gives them.

    Raises:
        CheckpointError: It says what they are, and what to take instead.
    """
    for name, tensor in tensors.items():
        plain = tensor.layout is torch.strided and not tensor.is_meta
        if not plain and not tensor.is_quantized:
            raise CheckpointError(
                f"expected {ascii(name[:80])[1:-1]} as plain numbers in {path_name}, "
                "got another form"
            )
    for refusal in _REFUSALS:
        if refusal.is_it(tensors):
            raise CheckpointError(
                f"expected plain weights in {path_name}, got {refusal.got}: {refusal.advice}"
            )


def _named(pattern: re.Pattern[str]) -> Callable[[Tensors], bool]:
    return lambda tensors: any(pattern.search(name) for name in tensors)


def _typed(*kinds: torch.dtype) -> Callable[[Tensors], bool]:
    """Whether a weight, and not only a table beside them, is of one of these types."""
    return lambda tensors: any(
        tensor.dtype in kinds and name.endswith(("weight", "bias", "_embed"))
        for name, tensor in tensors.items()
    )


def _is_mlx(tensors: Tensors) -> bool:
    return any(
        _APART.search(name)
        or (_PATCHES.search(name) and tensor.ndim == 4 and tensor.shape[1] != 3 == tensor.shape[3])
        for name, tensor in tensors.items()
    )


_FLOAT8 = tuple(
    kind
    for kind in vars(torch).values()
    if isinstance(kind, torch.dtype) and str(kind).startswith("torch.float8")
)

_REFUSALS = (
    Refusal(
        _named(_LORA),
        "LoRA matrices",
        "merge them into the weights that they were trained on, and take the result",
    ),
    Refusal(_named(_SCALES), "numbers of 8 bits with scales beside them", _PLAIN),
    Refusal(
        lambda tensors: any(tensor.dtype in _FLOAT8 for tensor in tensors.values()),
        "floats of 8 bits, too coarse for this network",
        _PLAIN,
    ),
    Refusal(
        lambda tensors: (
            any(tensor.is_quantized for tensor in tensors.values())
            or _named(_QUANTISED)(tensors)
            or _typed(torch.uint8, torch.int8, torch.uint32)(tensors)
        ),
        "quantised ones",
        _PLAIN,
    ),
    Refusal(
        _is_mlx,
        "MLX's, whose attention and convolutions are laid out otherwise",
        "take the file that they were converted from",
    ),
)
