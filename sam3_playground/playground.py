"""The Python door: load once, then segment by a concept or a visual request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.config import Settings
from sam3_playground.core.cleanup import NO_CLEANUP, MaskCleanup
from sam3_playground.core.images import RgbImage
from sam3_playground.core.nms import DEFAULT_NMS, Nms
from sam3_playground.core.prompts import BoxXYXY, Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import (
    DEFAULT_SCORE_THRESHOLD,
    ConceptRequest,
    Request,
    VisualObject,
    VisualRequest,
)
from sam3_playground.core.results import Instance, Result
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.core.steps import Step
from sam3_playground.formats.masks import mask_way
from sam3_playground.formats.roboflow import document
from sam3_playground.images import decode_image, open_image
from sam3_playground.images.orientation import orientation, upright
from sam3_playground.images.pixels import rgb_pixels
from sam3_playground.pipeline.answer import answer

if TYPE_CHECKING:
    import supervision as sv

# A file by its path, a file's bytes, Pillow's, or (H, W, 3) uint8 RGB.
AnyImage: TypeAlias = "str | Path | bytes | Image.Image | NDArray[np.uint8] | RgbImage"


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What was found in an image; N may be 0.

    Attributes:
        image: The image.
        result: All that is known of it, by prompt.
    """

    image: RgbImage
    result: Result

    @property
    def instances(self) -> tuple[Instance, ...]:
        """One for each object, prompt after prompt; each has a mask, cropped to its box."""
        return self.result.instances

    @property
    def masks(self) -> NDArray[np.bool_]:
        """(N, H, W) bool, at full size and made anew: instances' own masks take far less."""
        masks = np.zeros((len(self), *self.result.image_size), dtype=bool)
        for mask, item in zip(masks, self.instances, strict=True):
            mask[:] = item.mask.to_bitmap()
        return masks

    @property
    def boxes_xyxy(self) -> NDArray[np.float64]:
        """(N, 4) tight boxes in pixel edges; zeros for an empty mask."""
        return np.array([item.mask.box_xyxy for item in self.instances]).reshape(-1, 4)

    @property
    def scores(self) -> NDArray[np.float64]:
        """(N,) confidences in [0, 1]."""
        return np.array([item.score for item in self.instances], dtype=np.float64)

    @property
    def labels(self) -> list[str]:
        """N names: the concepts' words, "visual" for boxes alone, "object" for one object."""
        return [item.label for item in self.instances]

    def __len__(self) -> int:
        return len(self.instances)

    def to_supervision(self) -> sv.Detections:
        """All but empty masks, a prompt's place as class and its label as `class_name`."""
        from sam3_playground.formats.detections import to_detections

        return to_detections(self.result)

    def draw(self, view: str = "overlay") -> NDArray[np.uint8]:
        """(H, W, 3) uint8 RGB: the image with everything drawn over it.

        Args:
            view: What becomes of the image itself, such as "blurred_background"; one of
                `formats.views.VIEWS`.

        Raises:
            InvalidInputError: There is no such view.
        """
        from sam3_playground.formats.picture import RenderStyle, draw_result
        from sam3_playground.formats.views import named_view

        return draw_result(self.image, self.result, style=RenderStyle(view=named_view(view)))

    def to_json(self, masks: str = "auto", *, source: str = "") -> dict[str, Any]:
        """The document that the command line writes, as plain values.

        Args:
            masks: How they are written: "auto", "polygon" or "rle".
            source: What to call the image.

        Raises:
            InvalidInputError: There is no such way.
        """
        return document(self.result, way=mask_way(masks), source=source)


class Playground:
    """A segmenter with the playground's defaults; safe in several threads.

    Args:
        segmenter: What runs the network.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self.segmenter = segmenter

    def segment(self, image: AnyImage, request: Request) -> Segmentation:
        """The answer to a request; an image is encoded once as long as it is kept.

        Raises:
            InvalidInputError: The image, or a prompt that has no part in it.
            ImageTooLargeError: More pixels than `Settings.max_pixels`.
        """
        pixels = _pixels(image)
        return Segmentation(pixels, answer(self.segmenter, pixels, request))

    def segment_concepts(
        self,
        image: AnyImage,
        *concepts: str | ConceptPrompt,
        score_threshold: float = DEFAULT_SCORE_THRESHOLD,
        nms: Nms = DEFAULT_NMS,
        cleanup: MaskCleanup = NO_CLEANUP,
    ) -> Segmentation:
        """Every instance of some concepts: words, or prompts with example boxes.

        Args:
            image: See `AnyImage`.
            concepts: At least one.
            score_threshold: In [0, 1].
            nms: Which masks compete with each other.
            cleanup: What is done to each mask.

        Raises:
            InvalidInputError: The image, or a concept.
        """
        prompts = [
            one if isinstance(one, ConceptPrompt) else ConceptPrompt(one) for one in concepts
        ]
        request = ConceptRequest(
            tuple(prompts), score_threshold=score_threshold, nms=nms, cleanup=cleanup
        )
        return self.segment(image, request)

    def segment_visual(
        self,
        image: AnyImage,
        *,
        clicks: Iterable[Click | tuple[float, float]] = (),
        box_xyxy: BoxXYXY | None = None,
        refine: Instance | None = None,
        cleanup: MaskCleanup = NO_CLEANUP,
    ) -> Segmentation:
        """One object, by clicks in pixels, a box, or both.

        Args:
            image: See `AnyImage`.
            clicks: Points; a pair (x, y) is a positive one.
            box_xyxy: A box around the object, in pixel edges.
            refine: An instance of an earlier answer about the same image, whose mask is where
                the network begins.
            cleanup: What is done to the mask.

        Raises:
            InvalidInputError: The image, a prompt, or neither a positive click nor a box.
            NoClicksError: The weights answer concepts alone.
        """
        points = tuple(one if isinstance(one, Click) else Click(*one) for one in clicks)
        mask_input = refine.candidate.mask_logits if refine and refine.candidate else None
        one = VisualObject(Step(VisualPrompt(points, box_xyxy)), mask_input=mask_input)
        return self.segment(image, VisualRequest((one,), cleanup=cleanup))


def load(
    weights: str | None = None, *, click_weights: str | None = None, device: str | None = None
) -> Playground:
    """A playground with its weights, loaded here and now.

    Args:
        weights: A checkpoint file, a hub id, or "tiny"; None takes SAM3_WEIGHTS, or the best
            that can be had.
        click_weights: Others, such as these, whose click head answers `segment_visual`; None
            takes SAM3_CLICK_WEIGHTS, or the weights' own.
        device: "cpu", "cuda", "cuda:1"; None takes SAM3_DEVICE, or CUDA where there is some.

    Raises:
        WeightsUnavailableError: Weights asked for by name cannot be had.
        CheckpointError: The file asked for does not fit.
        InvalidInputError: There is no such device, or a variable holds what it should not.
    """
    from sam3_playground.pipeline.loading import load_segmenter

    settings = Settings.from_environment()
    return Playground(
        load_segmenter(
            weights or settings.weights,
            click_weights=click_weights or settings.click_weights,
            device=device or settings.device,
            cache_bytes=settings.cache_bytes,
            cpu_bfloat16=settings.cpu_bfloat16,
            weights_folder=settings.weights_folder,
            say=lambda _line: None,
        )
    )


def _pixels(image: AnyImage) -> RgbImage:
    if isinstance(image, RgbImage):
        return image
    if isinstance(image, np.ndarray):
        return RgbImage(image)
    most = Settings.from_environment().max_pixels
    if isinstance(image, Image.Image):
        return RgbImage(upright(rgb_pixels(image), orientation(image)))
    if isinstance(image, bytes):
        return decode_image(image, max_pixels=most)
    return open_image(Path(image), max_pixels=most)
