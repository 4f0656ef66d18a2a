"""What requests say about masks beyond the published contract."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from sam3_playground.api.published import Wire
from sam3_playground.core.cleanup import MAX_CLEANUP_PIXELS, MaskCleanup

WholePixels = Annotated[int, Field(ge=0, le=MAX_CLEANUP_PIXELS)]
Pixels = Annotated[float, Field(ge=0, le=MAX_CLEANUP_PIXELS)]

_POLYGONS = (
    "Outer outlines: a mask's holes are lost, and a part of one or two pixels has as many corners."
)
_VALUES = {
    "text": "Words, with or without boxes.",
    "visual": "Boxes, with or without words; refused without a box.",
    "json": f"The same as `polygon`. {_POLYGONS}",
    "polygon": _POLYGONS,
    "rle": "COCO's compressed run-length encoding: every pixel of the mask, holes left out of it.",
}


def explained(names: tuple[str, ...]) -> dict[str, Any]:
    """What the published description of a choice leaves out, for each of its values."""
    return {"oneOf": [{"const": name, "description": _VALUES[name]} for name in names]}


def explained_choice(when_true: str, when_false: str) -> dict[str, Any]:
    """The same for the values of a yes or no."""
    texts = ((True, when_true), (False, when_false))
    return {"oneOf": [{"const": value, "description": text} for value, text in texts]}


class MaskFields(Wire):
    """What may be done to the masks of an answer: extensions of this server."""

    fill_holes: WholePixels | None = Field(
        default=None,
        description="Extension of this server: holes of at most so many pixels are filled.",
    )
    min_area: WholePixels | None = Field(
        default=None,
        description="Extension of this server: connected parts of fewer pixels are dropped, "
        "before suppression; a prediction without a part left goes.",
    )
    simplify: Pixels | None = Field(
        default=None,
        description="Extension of this server: outlines may move by so many pixels to need "
        "fewer corners, but keep three. The mask changes with them, in RLE too.",
    )

    def cleanup(self) -> MaskCleanup:
        """What is asked for, as a value."""
        return MaskCleanup(self.fill_holes or 0, self.min_area or 0, self.simplify or 0.0)
