"""Requests and responses as the hosted SAM 3 API publishes them.

Names, titles, descriptions and defaults are those of its OpenAPI, so that generated clients
and readers find what they know. Every optional field takes null for "not given".
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from sam3_playground.api.mask_fields import MaskFields, explained, explained_choice
from sam3_playground.api.model_ids import MODEL_ID
from sam3_playground.api.published import Wire
from sam3_playground.core.nms import DEFAULT_IOU_THRESHOLD, NmsMode
from sam3_playground.core.prompts import (
    MAX_CLICKS,
    MAX_COORDINATE,
    MAX_EXEMPLARS,
    MAX_TEXT_LENGTH,
)
from sam3_playground.core.requests import DEFAULT_SCORE_THRESHOLD, MAX_CONCEPTS, MAX_OBJECTS
from sam3_playground.server.validation import brief

MAX_ID_LENGTH = 256
_MODEL = "The model ID of SAM3: 'sam3' or 'sam3/VERSION'. The server decides which weights run."

Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
Length = Annotated[float, Field(gt=0, le=MAX_COORDINATE)]
Threshold = Annotated[float, Field(ge=0, le=1)]


def _one_of(*names: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"expected {' or '.join(names)}, got {brief(value)}")
        return value

    return AfterValidator(check)


class InferenceRequestImage(Wire):
    """An image by URL, or its file as base64, with or without a data-URL prefix."""

    type: Annotated[str, _one_of("url", "base64")] = Field(
        description="The type of image data provided, one of `url`, `base64`",
        examples=["url", "base64"],
    )
    value: str | None = Field(
        default=None,
        description="Image data corresponding to the image type, if type = 'url' then value is "
        "a string containing the url of an image, else if type = 'base64' then value is a "
        "string containing base64 encoded image data.",
    )


class Box(Wire):
    """A box by its top left corner (concepts) or its centre (visual prompts), in pixels."""

    x: Coordinate
    y: Coordinate
    width: Length
    height: Length


class BoxXYXY(Wire):
    """A box by two corners, in pixels."""

    x0: Coordinate
    y0: Coordinate
    x1: Coordinate
    y1: Coordinate


def _box_of_its_kind(value: Any, _handler: ValidatorFunctionWrapHandler) -> Box | BoxXYXY:
    """One kind's errors instead of both kinds'."""
    if isinstance(value, Box | BoxXYXY):
        return value
    if isinstance(value, dict):
        kind = BoxXYXY if {"x0", "y0", "x1", "y1"} & set(value) else Box
        return kind.model_validate(value)
    raise ValueError(
        f"expected a box as {{x, y, width, height}} or {{x0, y0, x1, y1}}, got {brief(value)}"
    )


def _label(value: Any) -> Any:
    if value not in {0, 1} if isinstance(value, int | float | bool) else True:
        raise ValueError(f"expected a label of 1, 0, true or false, got {brief(value)}")
    return value


BoxEntry = Annotated[Box | BoxXYXY, WrapValidator(_box_of_its_kind)]
Label = Annotated[int | bool, BeforeValidator(_label)]


class Sam3Prompt(Wire):
    """One concept: text, example boxes, or both. Absolute pixel coordinates are used."""

    type: Annotated[str, _one_of("text", "visual")] | None = Field(
        default=None,
        description="Hint: `text` or `visual`",
        json_schema_extra=explained(("text", "visual")),
    )
    text: str | None = Field(
        default=None,
        max_length=MAX_TEXT_LENGTH,
        description="Text prompt describing the object to segment",
    )
    output_prob_thresh: Threshold | None = Field(
        default=None,
        description="Score threshold for this prompt's outputs. "
        "Overrides request-level threshold if set.",
    )
    boxes: list[BoxEntry] | None = Field(
        default=None,
        max_length=MAX_EXEMPLARS,
        description="Absolute pixel boxes as either XYWH or XYXY entries",
    )
    box_labels: list[Label] | None = Field(
        default=None, max_length=MAX_EXEMPLARS, description="List of 0/1 or booleans for boxes"
    )


class ModelRequest(Wire):
    """What every request may name."""

    api_key: str | None = Field(
        default=None,
        description="API key, for clients that send it in the body; "
        "better in the Authorization header.",
    )


class Sam3SegmentationRequest(MaskFields, ModelRequest):
    """Find every instance of some concepts."""

    image: InferenceRequestImage = Field(description="The image to be segmented.")
    prompts: list[Sam3Prompt] = Field(
        min_length=1,
        max_length=MAX_CONCEPTS,
        description="List of prompts (text and/or visual)",
    )
    format: Annotated[str, _one_of("polygon", "json", "rle")] | None = Field(
        default="polygon",
        description="One of 'polygon', 'rle'",
        json_schema_extra=explained(("polygon", "json", "rle")),
    )
    image_id: str | None = Field(
        default=None, max_length=MAX_ID_LENGTH, description="Optional ID for caching embeddings."
    )
    output_prob_thresh: Threshold | None = Field(
        default=DEFAULT_SCORE_THRESHOLD, description="Score threshold for outputs."
    )
    model_id: str | None = Field(
        default=MODEL_ID,
        description="The model ID of SAM3. Use 'sam3/sam3_final' to target the generic base model.",
    )
    nms_iou_threshold: Threshold | None = Field(
        default=None,
        description="IoU threshold for cross-prompt NMS. If not set, NMS is disabled. "
        "Must be in [0.0, 1.0] when set.",
    )
    nms_mode: NmsMode | None = Field(
        default=None,
        description="Extension of this server: which masks compete, those `within` each concept "
        "or `across` all, as where `nms_iou_threshold` alone is given. Without that its value is "
        f"{DEFAULT_IOU_THRESHOLD} here. `off` is the default.",
    )


class Point(Wire):
    """A click, in pixels."""

    x: Coordinate
    y: Coordinate
    positive: bool = True


class Sam2Prompt(Wire):
    """One object: points, a box by its centre, or both."""

    points: list[Point] | None = Field(default=None, max_length=MAX_CLICKS)
    box: Box | None = None


class Sam2PromptSet(Wire):
    """Prompts; a bare list of them, or a single one, may stand in this object's place."""

    prompts: list[Sam2Prompt] = Field(min_length=1, max_length=MAX_OBJECTS)


def _prompt_set(value: Any) -> Any:
    """The three accepted shapes as one."""
    if isinstance(value, list):
        return {"prompts": value}
    if isinstance(value, dict) and "prompts" not in value and {"points", "box"} & set(value):
        return {"prompts": [value]}
    return value


class Sam2SegmentationRequest(MaskFields, ModelRequest):
    """Cut out one object for each prompt."""

    image: InferenceRequestImage = Field(description="The image to be segmented.")
    image_id: str | None = Field(
        default=None,
        max_length=MAX_ID_LENGTH,
        description="The ID of the image to be segmented used to retrieve cached embeddings. If "
        "an embedding is cached, it will be used instead of generating a new embedding. If no "
        "embedding is cached, a new embedding will be generated and cached.",
    )
    prompts: Annotated[Sam2PromptSet | None, BeforeValidator(_prompt_set)] = Field(
        default=None,
        description="A list of prompts for masks to predict. Each prompt can include a bounding "
        "box and / or a set of postive or negative points.",
    )
    format: Annotated[str, _one_of("json", "polygon", "rle")] | None = Field(
        default="json",
        description="The format of the response. Must be one of 'json', 'rle', or 'binary'. If "
        "binary, masks are returned as binary numpy arrays. If json, masks are converted to "
        "polygons. If rle, masks are converted to RLE format.",
        json_schema_extra=explained(("json", "polygon", "rle")),
    )
    sam2_version_id: str | None = Field(
        default="hiera_large",
        description="The version ID of SAM to be used for this request. Must be one of "
        "hiera_tiny, hiera_small, hiera_large, hiera_b_plus",
    )
    model_id: str | None = Field(default=MODEL_ID, description=_MODEL)
    multimask_output: bool = Field(
        default=True,
        description="If true, the model will return three masks. For ambiguous input prompts "
        "(such as a single click), this will often produce better masks than a single "
        "prediction.",
    )
    save_logits_to_cache: bool = Field(
        default=False,
        description="If True, saves the low-resolution logits to the cache for potential future "
        "use.",
        json_schema_extra=explained_choice(
            "Kept for requests with the same API key; a server without keys keeps none.",
            "None are kept.",
        ),
    )
    load_logits_from_cache: bool = Field(
        default=False,
        description="If True, attempts to load previously cached low-resolution logits for the "
        "given image and prompt set.",
        json_schema_extra=explained_choice(
            "The mask goes on from the one saved with the same API key for the same image, box "
            "and some of the points. Without one, as on a server without keys, it starts anew.",
            "The mask starts anew.",
        ),
    )


class Sam3EmbeddingRequest(ModelRequest):
    """Encode an image ahead of the requests that will ask about it."""

    image: InferenceRequestImage = Field(description="The image to be embedded.")
    image_id: str | None = Field(
        default=None,
        max_length=MAX_ID_LENGTH,
        description="The ID under which the image is kept; one is made where none is given. On "
        "a server without API keys one is always made, from the pixels: use the answer's.",
    )
    model_id: str | None = Field(default=MODEL_ID, description=_MODEL)
