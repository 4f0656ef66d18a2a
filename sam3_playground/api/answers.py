"""What the API answers, for its documentation; `wire` makes the values."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from sam3_playground.api.published import Wire

# What the hosted API calls the work of both its SAM 3 models.
TASK = "unsupervised-segmentation"

Coordinates = Annotated[list[float], Field(min_length=2, max_length=2)]
Polygons = Annotated[
    list[list[Coordinates]],
    Field(
        description="Outer outlines of the mask's parts, without its holes. A corner is a pixel "
        "of the mask by its column and row; a part of one or two pixels has as many corners."
    ),
]


class Rle(Wire):
    """COCO's compressed run-length encoding; `size` is height, width."""

    size: list[int] = Field(min_length=2, max_length=2)
    counts: str


class Prediction(Wire):
    """One object that was found."""

    format: str = Field(description="The format of the mask data, either `polygon` or `rle`")
    confidence: float = Field(description="Confidence score for this prediction")
    masks: Polygons | Rle = Field(
        description="Array of polygons, each polygon is an array of [x, y] coordinate points"
    )


class Sam3SegmentationPrediction(Prediction):
    """One instance of a concept."""


class Sam2SegmentationPrediction(Prediction):
    """The object that a prompt points at."""


class Sam3PromptEcho(Wire):
    """What was asked. Unlike requests' fields, `text` is shown as null where there is none."""

    model_config = ConfigDict(json_schema_extra=None)

    prompt_index: int = 0
    type: str = Field(default="text", description="The prompt type (`text` or `visual`)")
    text: str | None = Field(
        default=None,
        description="The text prompt if type is `text`",
    )
    num_boxes: int = Field(default=0, description="Number of bounding boxes in the prompt")


class Sam3PromptResult(Wire):
    """What one concept found."""

    prompt_index: int = Field(description="Index of the prompt this result corresponds to")
    echo: Sam3PromptEcho | None = Field(
        default=None, description="Echo of the original prompt for reference"
    )
    predictions: list[Sam3SegmentationPrediction] = Field(
        description="Segmentation predictions for this prompt"
    )


class ResolvedModel(Wire):
    """The weights that answered, as the hosted API's server tells of its own."""

    model_config = ConfigDict(json_schema_extra=None)

    model_id: str = Field(
        description="`tiny` for the bundled weights, a hub id, or a file's name; whichever "
        "`model_id` was asked for"
    )
    model_package_id: str | None = Field(
        default=None, description="Null: weights are not packed here"
    )
    backend: str = Field(default="torch", description="What runs the network")
    quantization: str | None = Field(default=None, description="Null: not known of these weights")


Resolved = Annotated[
    ResolvedModel | None, Field(description="Which weights answered, for a log or a report")
]


class Sam3SegmentationResponse(Wire):
    """An entry for each concept, in the request's order."""

    prompt_results: list[Sam3PromptResult] = Field(
        description="Results for each prompt in the request"
    )
    time: float = Field(
        description="The time in seconds it took to produce the segmentation including "
        "preprocessing"
    )
    resolved_model: Resolved = None


class Sam2PromptResult(Wire):
    """What one visual prompt cut out."""

    prompt_index: int = Field(description="Index of the prompt this result corresponds to")
    predictions: list[Sam2SegmentationPrediction] = Field(
        description="Segmentation predictions for this prompt"
    )


class Sam2SegmentationResponse(Wire):
    """The best mask of each prompt, in the request's order."""

    predictions: list[Sam2SegmentationPrediction] = Field(
        description="All predictions, one for each prompt"
    )
    prompt_results: list[Sam2PromptResult] = Field(
        description="Results for each prompt in the request"
    )
    time: float = Field(
        description="The time in seconds it took to produce the segmentation including "
        "preprocessing"
    )
    resolved_model: Resolved = None


class Sam3EmbeddingResponse(Wire):
    """The image is encoded."""

    image_id: str = Field(
        description="The ID that stands for the image in later requests. Yours, if you sent one "
        "with an API key; made from the pixels otherwise."
    )
    time: float = Field(description="The time in seconds it took to encode the image")
    resolved_model: Resolved = None


class ErrorResponse(Wire):
    """Why there is no answer."""

    detail: str


class Health(Wire):
    """Whether requests can be answered."""

    status: str = Field(description="`ready`, `loading` or `failed`")
    weights: str | None = Field(
        description="What runs: `tiny` for the bundled weights, a hub id or a file's name; null "
        "until ready"
    )
    fallback: bool = Field(
        description="Whether they stand in the place of weights that were asked for and failed"
    )
    message: str = Field(description="How far loading is, why it failed, or what to know of it")


class ServerInfo(Wire):
    """Who answers, for `get_server_info()` of the hosted API's client."""

    name: str = Field(examples=["SAM 3 playground"])
    version: str = Field(examples=["1.0.0"])
    uuid: str = Field(description="Of this process: another one after each start")


class Readiness(Wire):
    """Whether requests can be answered, in the hosted API's words."""

    status: str = Field(description="`ready` or `not ready`")


class ModelDescription(Wire):
    """A model by the name that requests give it."""

    model_config = ConfigDict(json_schema_extra=None)

    model_id: str = Field(description="What requests name it")
    task_type: str = Field(default=TASK, description="What it does")
    batch_size: int | None = Field(default=None, description="Null: not fixed")
    input_height: int | None = Field(default=None, description="Null: images of every size")
    input_width: int | None = Field(default=None, description="Null: images of every size")
    request_aliases: list[str] = Field(description="What requests may name it besides")
    request_paths: list[str] = Field(description="Where requests to it go")
    resolved_model: ResolvedModel = Field(
        description="Extension of this server: the weights behind the name"
    )


class ModelsDescriptions(Wire):
    """What is loaded, for `list_loaded_models()` of the hosted API's client."""

    models: list[ModelDescription] = Field(description="Empty until the weights are loaded")
