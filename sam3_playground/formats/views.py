"""What becomes of the image itself, beside what is drawn over it: background or objects changed.

supervision changes whole boxes of an image; here that is the whole of it, of which the objects
are put back, or alone are taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, cast

import numpy as np
import supervision as sv
from numpy.typing import NDArray

from sam3_playground.core.masks import Mask
from sam3_playground.errors import InvalidInputError

View: TypeAlias = Literal[
    "overlay",
    "cutout",
    "dark_background",
    "grey_background",
    "blurred_background",
    "pixelated_background",
    "blurred_objects",
    "pixelated_objects",
]
VIEWS: Mapping[View, str] = {
    "overlay": "masks over the image",
    "cutout": "objects on white",
    "dark_background": "dark background",
    "grey_background": "grey background",
    "blurred_background": "blurred background",
    "pixelated_background": "pixelated background",
    "blurred_objects": "blurred objects",
    "pixelated_objects": "pixelated objects",
}
OF_OBJECTS = ("blurred_objects", "pixelated_objects")

# Of the image's longer side: nothing as small as that is to be made out any more.
BLUR = 1 / 24
PIXEL = 1 / 48
DARKNESS = 0.7


def named_view(name: str) -> View:
    """The view of that name.

    Raises:
        InvalidInputError: There is none; it names those that there are.
    """
    if name not in VIEWS:
        *others, last = VIEWS
        raise InvalidInputError(f"expected view {', '.join(others)} or {last}, got {name!s:.40}")
    return cast("View", name)


def changed_image(scene: NDArray[Any], masks: Sequence[Mask], view: View) -> Any:
    """The image in a view, without anything drawn over it.

    Args:
        scene: (H, W, 3) uint8 BGR, which is changed.
        masks: Of the objects, as large as the image. Without any, nothing is changed: it would
            all be background.
        view: "overlay" changes nothing.

    Returns:
        (H, W, 3) uint8 BGR.
    """
    shown = [mask for mask in masks if not mask.is_empty]
    if view == "overlay" or not shown:
        return scene
    changed = _changed(scene.copy(), view)
    source, target = (changed, scene) if view in OF_OBJECTS else (scene, changed)
    for mask in shown:
        (y, x), (height, width) = mask.offset, mask.bits.shape
        window = np.s_[y : y + height, x : x + width]
        target[window][mask.bits] = source[window][mask.bits]
    return target


def _changed(scene: NDArray[Any], view: View) -> Any:
    """All of an image as the view shows the part that it changes; it may be drawn over."""
    height, width = scene.shape[:2]
    side = max(height, width)
    whole = sv.Detections(xyxy=np.array([[0, 0, width, height]], dtype=np.float64))
    nothing = sv.Detections.empty()
    if view == "cutout":
        return sv.BackgroundOverlayAnnotator(sv.Color.WHITE, opacity=1.0).annotate(scene, nothing)
    if view == "dark_background":
        dark = sv.BackgroundOverlayAnnotator(sv.Color.BLACK, opacity=DARKNESS)
        return dark.annotate(scene, nothing)
    if view == "grey_background":
        return sv.grayscale_image(scene)
    if view in ("blurred_background", "blurred_objects"):
        return sv.BlurAnnotator(max(3, round(BLUR * side))).annotate(scene, whole)
    pixel = max(2, round(PIXEL * side))
    # A large pixel has its pixels' mean, not the colour of the one in its middle.
    scene = sv.BlurAnnotator(pixel).annotate(scene, whole)
    return sv.PixelateAnnotator(pixel).annotate(scene, whole)
