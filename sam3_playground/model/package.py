"""The one door to the `sam3` package: what it needs to be imported, and its missing file."""

from __future__ import annotations

import importlib
import importlib.resources
import importlib.util
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sam3_playground.errors import WeightsUnavailableError

_VOCABULARY_FILE = "bpe_simple_vocab_16e6.txt.gz"


def _unchanged(function: object = None, *_args: object, **_kwargs: object) -> object:
    return function


class _Placeholder(types.ModuleType):
    """A module any of whose names can be read: a decorator that changes nothing."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return _unchanged


@contextmanager
def _triton_or_placeholder() -> Iterator[None]:
    """Let `import triton` succeed for the length of the block where it is not installed.

    `sam3` imports it for two video kernels that the image model never calls; torch ships it
    with its Linux CUDA builds only. The placeholder does not outlive the block, so others
    who look for triton still find that it is missing.
    """
    if "triton" in sys.modules or importlib.util.find_spec("triton") is not None:
        yield
        return
    triton = _Placeholder("triton")
    language = _Placeholder("triton.language")
    triton.language = language  # type: ignore[attr-defined]
    sys.modules["triton"], sys.modules["triton.language"] = triton, language
    try:
        yield
    finally:
        del sys.modules["triton"], sys.modules["triton.language"]


@contextmanager
def without_package_warnings() -> Iterator[None]:
    """Keep to itself what `sam3` and its imports say of torch's future and of missing CUDA.

    None of it can be acted on from here, and at each start it would hide what can.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*torch.jit", category=FutureWarning)
        warnings.filterwarnings("ignore", message=".*torch.jit", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message=".*CUDA is not available", category=UserWarning)
        warnings.filterwarnings("ignore", message=".*pkg_resources", category=UserWarning)
        warnings.filterwarnings("ignore", message=".*timm", category=FutureWarning)
        yield


@cache
def import_sam3() -> types.ModuleType:
    """The `sam3.model_builder` module, under whose names all classes of the network stand."""
    with _triton_or_placeholder(), without_package_warnings():
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
