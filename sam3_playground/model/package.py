"""The one door to the `sam3` package: what it needs to be imported, and its missing file."""

from __future__ import annotations

import importlib
import importlib.resources
import importlib.util
import sys
import types
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

from sam3_playground.errors import WeightsUnavailableError
from sam3_playground.quiet import Kind, quiet

_VOCABULARY_FILE = "bpe_simple_vocab_16e6.txt.gz"
_KERNELS = "sam3.model.edt"


# What `sam3` and its imports say of torch's future and of missing CUDA. None of it can be acted
# on from here, and at each start it would hide what can.
_KINDS = (
    Kind(FutureWarning, ".*torch.jit"),
    Kind(DeprecationWarning, ".*torch.jit"),
    Kind(UserWarning, ".*CUDA is not available"),
    Kind(UserWarning, ".*pkg_resources"),
    Kind(FutureWarning, ".*timm"),
)


def without_package_warnings() -> AbstractContextManager[None]:
    """Keep to itself what the package warns of."""
    return quiet(*_KINDS)


def _no_distance_transform(*_args: object, **_kwargs: object) -> object:
    raise NotImplementedError("expected triton for the package's distance transform, got none")


def _stand_in_for_kernels() -> None:
    """Let the package be imported where triton is not installed.

    One of its modules, a kernel for video that the image model never calls, imports triton, which
    torch ships with its Linux CUDA builds only. It is that module which is replaced, for good:
    others who look for triton find that it is missing, at any time.
    """
    if "triton" in sys.modules or importlib.util.find_spec("triton") is not None:
        return
    kernels = types.ModuleType(_KERNELS)
    kernels.edt_triton = _no_distance_transform  # type: ignore[attr-defined]
    sys.modules.setdefault(_KERNELS, kernels)


@cache
def import_sam3() -> types.ModuleType:
    """The `sam3.model_builder` module, under whose names all classes of the network stand."""
    _stand_in_for_kernels()
    with without_package_warnings():
        return importlib.import_module("sam3.model_builder")


@cache
def vocabulary_path() -> Path:
    """The BPE vocabulary that `sam3`'s tokenizer opens and its wheel lacks.

    `open_clip_torch` ships the identical file; the package is found, not imported.

    Raises:
        WeightsUnavailableError: `open_clip_torch` is not installed.
    """
    spec = importlib.util.find_spec("open_clip")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / _VOCABULARY_FILE
        if path.is_file():
            return path
    raise WeightsUnavailableError(
        f"expected {_VOCABULARY_FILE} in the package open_clip_torch, got none: "
        "install open_clip_torch"
    )
