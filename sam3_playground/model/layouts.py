"""The layouts in which weights of SAM 3 circulate: how each is recognised, and what it changes.

To add one is to add a row to `LAYOUTS`, and to `tests/model/test_layouts.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from sam3_playground.model.parts import CLICK_HEAD
from sam3_playground.model.transformers_layout import (
    from_model,
    from_tracker_model,
    from_video_model,
)

# What programs put before names: training on several devices, compiling, Lightning.
_WRAPPERS = ("module.", "_orig_mod.", "model.")

_MULTIPLEX = ("tracker.model.interactive_", "tracker.model.interactivity_")


@dataclass(frozen=True)
class Layout:
    """A way to name the tensors.

    Attributes:
        name: What it is called, for people.
        beginnings: A file is of this layout if a name in it begins with one of these.
        convert: The same tensors under the network's own names and in its forms; what is known
            to be for video alone may be left out.
    """

    name: str
    beginnings: tuple[str, ...]
    convert: Callable[[Mapping[str, Tensor]], dict[str, Tensor]]


def layout_of(names: Mapping[str, object]) -> Layout | None:
    """The layout of a file with these names, as `unwrapped` leaves them; None if it is none."""
    return next(
        (it for it in LAYOUTS if any(name.startswith(it.beginnings) for name in names)), None
    )


def unwrapped(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same without what programs put before the names, until they are of some layout."""
    while layout_of(tensors) is None and any(name.startswith(_WRAPPERS) for name in tensors):
        prefix = next(it for it in _WRAPPERS if any(name.startswith(it) for name in tensors))
        tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return tensors


def _released(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`detector.*` and `tracker.*`."""
    return _renamed(tensors, (("detector.", ""), ("tracker.", CLICK_HEAD)))


def _before_release(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`sam3_model.*` and `sam2_predictor.model.*`."""
    return _renamed(tensors, (("sam3_model.", ""), ("sam2_predictor.model.", CLICK_HEAD)))


def _multiplex(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """SAM 3.1: a click head and its neck beside a video tracker of another shape."""
    mine = {
        name.replace(".interactive_convs.", ".sam2_convs."): tensor
        for name, tensor in tensors.items()
        if name.startswith(_MULTIPLEX)
        or not (name.startswith("tracker.") or ".propagation_convs." in name)
    }
    return _renamed(mine, (("detector.", ""), *((start, CLICK_HEAD) for start in _MULTIPLEX)))


def _renamed(
    tensors: Mapping[str, Tensor], beginnings: tuple[tuple[str, str], ...]
) -> dict[str, Tensor]:
    named: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        old, new = next((it for it in beginnings if name.startswith(it[0])), ("", ""))
        named[new + name.removeprefix(old)] = tensor
    return named


# The first that fits is taken: what others have as well stands below them.
LAYOUTS = (
    Layout("SAM 3.1", _MULTIPLEX, _multiplex),
    Layout("SAM 3", ("detector.", "tracker."), _released),
    Layout("SAM 3 before its release", ("sam3_model.", "sam2_predictor.model."), _before_release),
    Layout("transformers Sam3VideoModel", ("detector_model.", "tracker_neck."), from_video_model),
    Layout("transformers Sam3Model", ("detr_encoder.", "detr_decoder."), from_model),
    Layout("transformers Sam3TrackerModel", ("vision_encoder.",), from_tracker_model),
    # What Meta's own trainer and this project write.
    Layout(
        "SAM 3's image model",
        ("backbone.", "transformer.", "segmentation_head.", CLICK_HEAD),
        dict,
    ),
)
