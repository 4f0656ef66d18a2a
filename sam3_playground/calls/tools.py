"""The calls as tools for models, by the Model Context Protocol: one request, one answer.

The protocol's package is optional. Gradio's own server for it is not used: it asks the page's
port again in nobody's name, which logins and keys refuse, and takes files of any size.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Union

from PIL import Image

from sam3_playground import __version__
from sam3_playground.calls.arguments import (
    IN_PIXELS,
    ConceptArguments,
    ImageArguments,
    ObjectArguments,
    read_arguments,
)
from sam3_playground.calls.calls import Calls, Embedded, Segmented, said_of
from sam3_playground.core.results import Instance
from sam3_playground.errors import InvalidInputError, PlaygroundError
from sam3_playground.formats.counted import describe
from sam3_playground.formats.picture import draw_result
from sam3_playground.formats.scaling import scale_mask, screen_size, shrink

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp.types import CallToolResult, ImageContent, TextContent, Tool

# Models see no more of a picture, and pay for every instance that they are told.
PICTURE_SIDE = 1024
PICTURE_QUALITY = 85
MAX_TOLD = 100
INSTALL = "python -m pip install 'mcp>=1.30,<2'"

_INSTRUCTIONS = (
    "Find things in images with SAM 3 and get their masks, drawn, with boxes and scores: every "
    "instance of named concepts, or one object by points or a box. " + IN_PIXELS
)
_CONTENT = (
    "Answers with the image, what was found drawn over it, and a text: how many instances of each "
    "concept, and a line for each with its score and box. "
)


@dataclass(frozen=True)
class _Described:
    kind: type[ImageArguments]
    title: str
    description: str


_TOOLS: Mapping[str, _Described] = {
    "segment_concepts": _Described(
        ConceptArguments,
        "Find every instance of concepts",
        "Find every instance of each concept in an image. A concept is a short noun phrase, or "
        "boxes around examples, or both. " + _CONTENT + IN_PIXELS,
    ),
    "segment_object": _Described(
        ObjectArguments,
        "Cut out one object",
        "Cut out the one object that points or a box show in an image. At least one positive "
        "point or a box. " + _CONTENT + IN_PIXELS,
    ),
    "embed": _Described(
        ImageArguments,
        "Encode an image ahead",
        "Encode an image ahead, so that the other tools answer quickly about the same image. "
        "They work without it. Answers with the image's size in pixels.",
    ),
}

_Content = Union["TextContent", "ImageContent"]


def check_installed() -> None:
    """See that the package is there.

    Raises:
        InvalidInputError: It is not; it says how to install it.
    """
    try:
        import mcp.server.lowlevel  # noqa: F401
    except ImportError as error:
        raise InvalidInputError(
            f"expected the package mcp for tools for models (--mcp), got none: {INSTALL}"
        ) from error


def tool_server(calls: Calls, address_of: Callable[[Any], str]) -> Server[Any, Any]:
    """The protocol's server, over no transport yet.

    Args:
        calls: What answers.
        address_of: Who asks, by the transport's request.
    """
    from mcp.server.lowlevel import Server

    server: Server[Any, Any] = Server(
        "SAM 3 playground", version=__version__, instructions=_INSTRUCTIONS
    )

    async def list_tools() -> list[Tool]:
        return [_tool(name) for name in _TOOLS]

    async def call_tool(name: str, arguments: dict[str, Any]) -> CallToolResult:
        from mcp.types import CallToolResult, TextContent

        address = address_of(server.request_context.request)
        try:
            content = await _called(calls, name, arguments, address)
        except PlaygroundError as error:
            said = TextContent(type="text", text=said_of(error))
            return CallToolResult(content=[said], isError=True)
        return CallToolResult(content=list(content))

    server.list_tools()(list_tools)  # type: ignore[no-untyped-call]
    # Arguments are checked here, in words of the project's own.
    server.call_tool(validate_input=False)(call_tool)
    return server


def _tool(name: str) -> Tool:
    from mcp.types import Tool, ToolAnnotations

    one = _TOOLS[name]
    return Tool(
        name=name,
        title=one.title,
        description=one.description,
        inputSchema=one.kind.model_json_schema(),
        annotations=ToolAnnotations(
            title=one.title, readOnlyHint=True, idempotentHint=True, openWorldHint=False
        ),
    )


async def _called(
    calls: Calls, name: str, values: Mapping[str, Any], address: str
) -> tuple[_Content, ...]:
    if name not in _TOOLS:
        raise InvalidInputError(f"expected a tool among {', '.join(_TOOLS)}, got {name!s:.40}")
    arguments = read_arguments(_TOOLS[name].kind, values)
    if isinstance(arguments, ConceptArguments | ObjectArguments):
        return await calls.segment(arguments, address, _shown)
    return await calls.embed(arguments, address, _encoded)


def _encoded(embedded: Embedded) -> tuple[_Content, ...]:
    from mcp.types import TextContent

    height, width = embedded.image.size
    text = f"The image of {width} x {height} pixels (width x height) is encoded."
    return (TextContent(type="text", text=text),)


def _shown(found: Segmented) -> tuple[_Content, ...]:
    from mcp.types import ImageContent, TextContent

    picture = base64.b64encode(_picture(found)).decode()
    return (
        TextContent(type="text", text=_text(found)),
        ImageContent(type="image", data=picture, mimeType="image/jpeg"),
    )


def _picture(found: Segmented) -> bytes:
    """A JPEG of what was found over the image, small first and drawn then."""
    size = screen_size(found.image.size, PICTURE_SIDE)
    small = found.result.mapped(partial(scale_mask, size=size), size)
    drawn = draw_result(shrink(found.image, PICTURE_SIDE), small)
    data = io.BytesIO()
    Image.fromarray(drawn).save(data, "JPEG", quality=PICTURE_QUALITY)
    return data.getvalue()


def _text(found: Segmented) -> str:
    height, width = found.image.size
    instances = [item for item in found.result.instances if not item.mask.is_empty]
    scale = min(1.0, PICTURE_SIDE / max(height, width))
    lines = [
        f"{describe(found.result)}.",
        f"The image has {width} x {height} pixels (width x height); a box is x0, y0, x1, y1 in "
        "them, from the top left corner."
        + ("" if scale == 1 else f" The picture here is {scale:.3f} times as large."),
        *map(_line, instances[:MAX_TOLD]),
    ]
    if len(instances) > MAX_TOLD:
        lines.append(f"... and {len(instances) - MAX_TOLD} more")
    return "\n".join(lines)


def _line(item: Instance) -> str:
    box = ", ".join(f"{edge:g}" for edge in item.mask.box_xyxy)
    return f"- {item.label}: score {item.score:.2f}, box {box}, {item.mask.area} pixels"
