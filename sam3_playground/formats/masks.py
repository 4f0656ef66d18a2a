"""Ways to write one mask as plain JSON values. Another way is another entry of `WAYS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sam3_playground.core.polygons import polygons_hold
from sam3_playground.core.results import Instance
from sam3_playground.core.rle import mask_to_rle
from sam3_playground.errors import InvalidInputError

# The name of the way that was taken, and the values.
Written = tuple[str, Any]


@dataclass(frozen=True)
class Way:
    """How a mask is written.

    Attributes:
        description: For people who choose one.
        write: What an instance becomes. A way that chooses among others says which it took.
    """

    description: str
    write: Callable[[Instance], Written]


def _polygon(instance: Instance) -> Written:
    return "polygon", [polygon.tolist() for polygon in instance.outlines]


def _rle(instance: Instance) -> Written:
    return "rle", dict(mask_to_rle(instance.mask))


def _auto(instance: Instance) -> Written:
    return (_polygon if polygons_hold(instance.mask, instance.outlines) else _rle)(instance)


WAYS: Mapping[str, Way] = {
    "auto": Way("polygon where the polygons give the mask back, rle elsewhere", _auto),
    "polygon": Way(
        "outer outlines, lists of [x, y]: holes are lost, and a part of one or two pixels has as "
        "many corners",
        _polygon,
    ),
    "rle": Way("COCO's compressed run-length encoding: every pixel, without the holes", _rle),
}


def mask_way(name: str) -> Way:
    """The way of that name.

    Raises:
        InvalidInputError: There is none; it names those that there are.
    """
    if name not in WAYS:
        *others, last = WAYS
        raise InvalidInputError(f"expected format {', '.join(others)} or {last}, got {name!s:.40}")
    return WAYS[name]
