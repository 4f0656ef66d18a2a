"""The network: SAM 3 at two sizes, its weights, and the runner that asks it."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sam3_playground.model.embedding import Embedding
    from sam3_playground.model.runner import Runner
    from sam3_playground.model.texts import EncodedText

# Where each name is: to know what a file is takes no torch, and so no network.
_HOMES = {"Embedding": "embedding", "EncodedText": "texts", "Runner": "runner"}

__all__ = ["Embedding", "EncodedText", "Runner"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
