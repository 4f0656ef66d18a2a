"""A playground for SAM 3: one pipeline behind a page, a REST API, a command line and Python.

Whatever stands in `__all__` may be relied on; all else is the project's own.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.2.0"

# Before torch is loaded. Its OpenMP threads wait for each other in a busy loop of a fraction of
# a second, during which nothing else runs: on two cores, with a browser beside the server, a
# prompt of 15 ms then takes a second. A thousand turns of that loop cost nothing elsewhere.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

if TYPE_CHECKING:
    from sam3_playground.core.cleanup import MaskCleanup
    from sam3_playground.core.corrections import Correction
    from sam3_playground.core.nms import Nms
    from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
    from sam3_playground.core.requests import (
        ConceptRequest,
        VisualObject,
        VisualRequest,
        visual_request,
    )
    from sam3_playground.core.results import Instance, Result
    from sam3_playground.core.steps import Seed, Step
    from sam3_playground.errors import PlaygroundError
    from sam3_playground.playground import Playground, Segmentation, load

# Where each public name is; importing the package alone loads none of them.
_HOMES = {
    "Click": "core.prompts",
    "ConceptPrompt": "core.prompts",
    "ConceptRequest": "core.requests",
    "Correction": "core.corrections",
    "Exemplar": "core.prompts",
    "Instance": "core.results",
    "MaskCleanup": "core.cleanup",
    "Nms": "core.nms",
    "Playground": "playground",
    "PlaygroundError": "errors",
    "Result": "core.results",
    "Seed": "core.steps",
    "Segmentation": "playground",
    "Step": "core.steps",
    "VisualObject": "core.requests",
    "VisualPrompt": "core.prompts",
    "VisualRequest": "core.requests",
    "load": "playground",
    "visual_request": "core.requests",
}

__all__ = [
    "Click",
    "ConceptPrompt",
    "ConceptRequest",
    "Correction",
    "Exemplar",
    "Instance",
    "MaskCleanup",
    "Nms",
    "Playground",
    "PlaygroundError",
    "Result",
    "Seed",
    "Segmentation",
    "Step",
    "VisualObject",
    "VisualPrompt",
    "VisualRequest",
    "__version__",
    "load",
    "visual_request",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
