"""Results drawn over their image with supervision, without a full-size mask in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
import supervision as sv
from numpy.typing import NDArray
from supervision.annotators.utils import resolve_color, resolve_text_background_xyxy

from sam3_playground.core.images import RgbImage
from sam3_playground.core.results import Result
from sam3_playground.formats.detections import detections_of
from sam3_playground.formats.lettering import text_size, write
from sam3_playground.formats.views import View, changed_image

# One colour for each of sixteen concepts: told apart on light and on dark, neighbours far
# from each other in hue.
COLOURS: tuple[str, ...] = (
    "#e6194b",
    "#1f9bff",
    "#3cb44b",
    "#ffb000",
    "#a33ee8",
    "#00c2a8",
    "#ff6f3c",
    "#f032e6",
    "#8fce00",
    "#4363d8",
    "#d4a017",
    "#c2185b",
    "#00a5cf",
    "#8d6e63",
    "#7b68ee",
    "#607d8b",
)

# How far apart in the palette two prompts' first instances are; every colour comes to be first.
_STRIDE = 5
MOST_SPREAD_LABELS = 40
_LEFT_TO_RIGHT = "\u200e"
# BGR; between no colour above and black or white, which letters are in.
_NO_COLOUR = (255, 0, 254)


ColourBy: TypeAlias = Literal["concept", "instance"]


@dataclass(frozen=True)
class RenderStyle:
    """What is drawn.

    Attributes:
        colour_by: A colour for each concept, or for each instance.
        opacity: Of the masks, in [0, 1].
        masks, outlines, boxes, labels: Which layers. Masks are filled over the image only where
            the view is "overlay": in others they would hide what it shows.
        label_scale: How many times larger than usual the letters are, for a small screen.
        view: What becomes of the image itself, see `views.changed_image`.
    """

    colour_by: ColourBy = "concept"
    opacity: float = 0.45
    masks: bool = True
    outlines: bool = True
    boxes: bool = False
    labels: bool = True
    label_scale: float = 1.0
    view: View = "overlay"


def draw_result(
    image: RgbImage,
    result: Result,
    *,
    style: RenderStyle | None = None,
    slots: Mapping[str, int] | None = None,
) -> NDArray[np.uint8]:
    """The image with all instances drawn over it.

    Lines and letters grow with the image. Empty masks are left out.

    Args:
        image: The image.
        result: What was found in it.
        style: What is drawn; None draws what most people want.
        slots: See `colours_of`.

    Returns:
        A new (H, W, 3) uint8 RGB array.
    """
    # supervision draws as OpenCV does, in BGR
    scene = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2BGR)
    style = style or RenderStyle()
    scene = changed_image(scene, [item.mask for item in result.instances], style.view)
    scene = _annotated(scene, result, style, slots)
    return np.asarray(cv2.cvtColor(scene, cv2.COLOR_BGR2RGB), np.uint8)


def draw_overlay(
    result: Result, style: RenderStyle, slots: Mapping[str, int] | None = None
) -> NDArray[np.uint8]:
    """What `draw_result` lays over an image, alone; of a view, only what is drawn over it.

    Each layer is drawn once: masks, which shine through, over nothing; what covers them over
    a colour that nothing is drawn in.

    Returns:
        (H, W, 4) uint8 RGBA, colours not premultiplied.
    """
    height, width = result.image_size
    below = np.zeros((height, width, 3), np.uint8)
    above = cv2.rectangle(below.copy(), (0, 0), (width, height), _NO_COLOUR, cv2.FILLED)
    lines = replace(style, masks=False)
    fill = replace(style, outlines=False, boxes=False, labels=False, opacity=1.0)
    colours = _annotated(below, result, fill, slots)
    covers = _annotated(above, result, lines, slots)
    covered = cv2.bitwise_not(cv2.inRange(covers, _NO_COLOUR, _NO_COLOUR))
    masked = cv2.bitwise_not(cv2.inRange(colours, (0, 0, 0), (0, 0, 0)))
    shine = np.full_like(masked, round(255 * style.opacity))
    alpha = cv2.max(cv2.min(masked, shine), covered)
    colours = cv2.copyTo(covers, covered, colours)
    overlay = cv2.cvtColor(colours, cv2.COLOR_BGR2RGBA)
    overlay[..., 3] = alpha
    return np.asarray(overlay, np.uint8)


def line_width(image_size: tuple[int, int]) -> int:
    """How many pixels wide outlines and boxes are over an image of (height, width)."""
    return max(1, round(2.5 * max(image_size) / 1000))


def _annotated(
    scene: Any, result: Result, style: RenderStyle, slots: Mapping[str, int] | None
) -> Any:
    """The (H, W, 3) BGR scene, drawn over in place or anew."""
    detections, labels = labelled_detections(result, style, slots)
    if not len(detections):
        return scene
    palette = sv.ColorPalette.from_hex(list(COLOURS))
    scale = max(result.image_size) / 1000
    line = line_width(result.image_size)
    by_class = sv.ColorLookup.CLASS
    if style.masks and style.view == "overlay":
        scene = sv.MaskAnnotator(palette, style.opacity, by_class).annotate(scene, detections)
    if style.outlines:
        scene = sv.PolygonAnnotator(palette, line, by_class).annotate(scene, detections)
    if style.boxes:
        scene = sv.BoxAnnotator(palette, line, by_class).annotate(scene, detections)
    if style.labels:
        letters = scale * style.label_scale
        annotator = _Labels(
            palette,
            by_class,
            text_scale=max(0.35, 0.45 * letters),
            text_thickness=max(1, round(letters)),
            text_padding=max(2, round(4 * letters)),
            # Among many, a label that gives way to others is nowhere near its own object.
            smart_position=len(labels) <= MOST_SPREAD_LABELS,
        )
        scene = annotator.annotate(scene, detections, labels=labels)
    return scene


class _Labels(sv.LabelAnnotator):
    """supervision's labels, in every script: it measures and draws with OpenCV's letters alone."""

    def _get_label_properties(self, detections: sv.Detections, labels: list[str]) -> Any:
        """(N, 5) float32: each label's background as xyxy, and the height of its text."""
        anchors = detections.get_anchors_coordinates(anchor=self.text_anchor).astype(int)
        properties = []
        for label, (x, y) in zip(labels, anchors, strict=True):
            width, height = text_size(label, self.text_scale, self.text_thickness)
            padded = (width + 2 * self.text_padding, height + 2 * self.text_padding)
            box = resolve_text_background_xyxy((x, y), padded, self.text_anchor)
            properties.append([*box, height])
        return np.array(properties, dtype=np.float32).reshape(-1, 5)

    def _draw_labels(
        self,
        scene: NDArray[np.uint8],
        labels: list[str],
        label_properties: NDArray[np.float32],
        detections: sv.Detections,
        custom_color_lookup: NDArray[np.int_] | None,
    ) -> None:
        lookup = self.color_lookup if custom_color_lookup is None else custom_color_lookup
        for place, (label, row) in enumerate(zip(labels, label_properties, strict=True)):
            x0, y0, x1, y1, height = (int(value) for value in row)
            colour = resolve_color(self.color, detections, place, lookup).as_bgr()
            self.draw_rounded_rectangle(scene, (x0, y0, x1, y1), colour, self.border_radius)
            write(
                scene,
                label,
                x0 + self.text_padding,
                y0 + self.text_padding + height,
                scale=self.text_scale,
                thickness=self.text_thickness,
                below=self.text_padding,
            )


def labelled_detections(
    result: Result, style: RenderStyle, slots: Mapping[str, int] | None = None
) -> tuple[sv.Detections, list[str]]:
    """The instances in supervision's form, their colour as class, and a label for each.

    Args:
        result: What was found.
        style: By what it is coloured.
        slots: See `colours_of`.
    """
    colours = colours_of(result, style, slots)
    shown = [item for item in result.instances if not item.mask.is_empty]
    detections = detections_of(shown, [colours[item.id] for item in shown])
    # The mark keeps the score behind words that read from the right.
    return detections, [f"{it.label} {_LEFT_TO_RIGHT}{it.score:.2f}" for it in shown]


def colours_of(
    result: Result, style: RenderStyle, slots: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Which of `COLOURS` each instance has, by its id.

    An instance keeps its colour as long as its prompt has the same slot, whatever becomes of
    others: hidden ones, prompts that come and go, thresholds.

    Args:
        result: What was found.
        style: By what it is coloured.
        slots: For each prompt's id its place in the palette; None takes the prompts in order.
    """
    if slots is None:
        slots = {found.id: place for place, found in enumerate(result.prompt_results)}
    by_instance = style.colour_by == "instance"
    return {
        item.id: (slots[found.id] * (_STRIDE if by_instance else 1) + item.rank * by_instance)
        % len(COLOURS)
        for found in result.prompt_results
        for item in found.instances
    }
