"""The calls as Gradio's named endpoints, for `gradio_client` and the page "Use via API"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import anyio
import anyio.to_thread
import gradio as gr
from gradio.events import api
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sam3_playground.calls.arguments import (
    IN_PIXELS,
    Asked,
    ConceptArguments,
    ImageArguments,
    ObjectArguments,
    read_arguments,
)
from sam3_playground.calls.calls import Calls, Embedded, Segmented, embedded_document, said_of
from sam3_playground.core.nms import DEFAULT_NMS
from sam3_playground.core.requests import DEFAULT_SCORE_THRESHOLD
from sam3_playground.errors import ImageTooLargeError, InvalidInputError, PlaygroundError
from sam3_playground.formats.masks import Way, mask_way
from sam3_playground.formats.roboflow import document
from sam3_playground.images.uploads import Uploads
from sam3_playground.server.draining import InFlight
from sam3_playground.server.keys import KeyRing, key_of
from sam3_playground.server.places import Places
from sam3_playground.ui.answering import answering
from sam3_playground.ui.paths import CLIENT_UPLOAD
from sam3_playground.ui.routes import UPLOAD_SECONDS, UPLOADS_AT_ONCE

# What a form has beside the file in it.
_FORM_BYTES = 2**16
_CHUNK_BYTES = 2**16

Document = dict[str, Any]
Made = TypeVar("Made")


def add_calls(calls: Calls, keys: KeyRing, in_flight: InFlight) -> None:
    """Add the endpoints to the page that is being built.

    Args:
        calls: What answers.
        keys: Which keys open them; none lets everybody in.
        in_flight: Counts what is being worked on.
    """
    caller = _Caller(calls, keys, in_flight)

    async def segment_concepts(
        request: gr.Request,
        image: str,
        concepts: list[str] | None = None,
        boxes: list[dict[str, Any]] | None = None,
        threshold: float = DEFAULT_SCORE_THRESHOLD,
        nms: Literal["off", "within", "across"] = DEFAULT_NMS.mode,
        iou: float = DEFAULT_NMS.iou_threshold,
        fill_holes: int = 0,
        min_area: int = 0,
        simplify: float = 0.0,
        format: Literal["auto", "polygon", "rle"] = "auto",  # noqa: A002 (as the command line has it)
    ) -> Document:
        return await caller.segment(
            request,
            ConceptArguments,
            {
                "image": image,
                "concepts": concepts,
                "boxes": boxes,
                "threshold": threshold,
                "nms": nms,
                "iou": iou,
                "fill_holes": fill_holes,
                "min_area": min_area,
                "simplify": simplify,
            },
            format,
        )

    async def segment_object(
        request: gr.Request,
        image: str,
        clicks: list[dict[str, Any]] | None = None,
        box: list[float] | None = None,
        fill_holes: int = 0,
        min_area: int = 0,
        simplify: float = 0.0,
        format: Literal["auto", "polygon", "rle"] = "auto",  # noqa: A002 (as the command line has it)
    ) -> Document:
        return await caller.segment(
            request,
            ObjectArguments,
            {
                "image": image,
                "clicks": clicks,
                "box": box,
                "fill_holes": fill_holes,
                "min_area": min_area,
                "simplify": simplify,
            },
            format,
        )

    async def embed(request: gr.Request, image: str) -> Document:
        return await caller.embed(request, {"image": image})

    for function, description in (
        (segment_concepts, _CONCEPTS),
        (segment_object, _OBJECT),
        (embed, _EMBED),
    ):
        api(
            function,
            api_name=function.__name__,
            api_description=description,
            concurrency_limit=None,  # `Turns` decides who is next
        )


class _Caller:
    """Whoever calls: let in or not, answered or told what is wrong."""

    def __init__(self, calls: Calls, keys: KeyRing, in_flight: InFlight) -> None:
        self._calls = calls
        self._keys = keys
        self._in_flight = in_flight

    async def segment(
        self,
        request: gr.Request,
        kind: type[ConceptArguments | ObjectArguments],
        values: Mapping[str, Any],
        way_name: Any,
    ) -> Document:
        try:
            arguments = self._admitted(request, kind, values)
            way = mask_way(way_name if isinstance(way_name, str) else str(way_name))
            with self._in_flight.counted():
                return await self._calls.segment(
                    arguments, _address(request), lambda found: _document(found, way)
                )
        except PlaygroundError as error:
            raise _shown(error) from error

    async def embed(self, request: gr.Request, values: Mapping[str, Any]) -> Document:
        def made(embedded: Embedded) -> Document:
            return {"image": "", **embedded_document(embedded)}

        try:
            arguments = self._admitted(request, ImageArguments, values)
            with self._in_flight.counted():
                return await self._calls.embed(arguments, _address(request), made)
        except PlaygroundError as error:
            raise _shown(error) from error

    def _admitted(self, request: gr.Request, kind: type[Asked], values: Mapping[str, Any]) -> Asked:
        self._keys.caller(key_of(request.request) if request.request else None)
        # What is left out comes as None.
        given = {name: value for name, value in values.items() if value is not None}
        return read_arguments(kind, given)


def _document(found: Segmented, way: Way) -> Document:
    return document(found.result, way=way, source="")


def _shown(error: PlaygroundError) -> gr.Error:
    return gr.Error(said_of(error), print_exception=False)


def _address(request: gr.Request) -> str:
    return request.client.host if request.client else ""


def upload_route(uploads: Uploads, keys: KeyRing, *, max_bytes: int) -> Route:
    """Where `gradio_client` sends files, in the place of Gradio's own, which takes any size.

    Args:
        uploads: Where they go.
        keys: Which keys open it; none lets everybody in.
        max_bytes: The longest file.
    """
    places = Places(UPLOADS_AT_ONCE)

    async def take(request: Request) -> Response:
        keys.caller(key_of(request))
        with places, anyio.move_on_after(UPLOAD_SECONDS):
            return JSONResponse([await _kept(request, uploads, max_bytes)])
        raise InvalidInputError(
            f"expected the file within {UPLOAD_SECONDS:g} seconds, got a slower upload"
        )

    return Route(CLIENT_UPLOAD, answering(take), methods=["POST"])


async def _kept(request: Request, uploads: Uploads, max_bytes: int) -> str:
    """The id of the file in a form."""
    left = max_bytes + _FORM_BYTES

    async def bounded() -> Any:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise ImageTooLargeError(
                f"expected an image file of at most {max_bytes:,} bytes, got a larger one"
            )
        return message

    limited = Request(request.scope, bounded)
    try:
        async with limited.form(max_files=1, max_fields=8) as form:
            file = form.get("files")
            if file is None or isinstance(file, str):
                raise InvalidInputError("expected a form with a file named files, got none")

            async def chunks() -> Any:
                while chunk := await file.read(_CHUNK_BYTES):
                    yield chunk

            return await uploads.add(chunks())
    except (MultiPartException, HTTPException) as error:  # within an app the latter
        raise InvalidInputError(
            "expected a form with one file named files, got another one"
        ) from error


_ABOUT = (
    "The image is a file or a URL (gradio_client.handle_file), or a data URL; URLs lead to public "
    "hosts. What comes back is the document of `sam3-playground segment --json`: for each prompt "
    "its predictions with confidence and mask. " + IN_PIXELS
)
_CONCEPTS = (
    "Find every instance of some concepts, by words (concepts) or boxes around examples. "
    'boxes is a list of {"box": [x0, y0, x1, y1], "positive": true, "concept": "dog"}: positive '
    "is false for what is not meant, concept says whose example it is among several. " + _ABOUT
)
_OBJECT = (
    "Cut out one object, by points on it and off it, a box around it, or both. "
    'clicks is a list of {"x": 150, "y": 120, "positive": true}, box is [x0, y0, x1, y1]. ' + _ABOUT
)
_EMBED = (
    "Encode an image ahead, so that calls about the same image are quick: they need not be told. "
    "The image is a file or a URL (gradio_client.handle_file), or a data URL."
)
