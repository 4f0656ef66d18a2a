"""The page's own requests: its scripts, an image file in, one by URL, an example out.

They stand in the place of Gradio's upload, file and server-function endpoints, which take any
size, any path and any URL.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from sam3_playground.errors import InvalidInputError, PlaygroundError
from sam3_playground.images.kinds import media_type
from sam3_playground.images.shown import browser_shows_it
from sam3_playground.images.uploads import Uploads, open_upload
from sam3_playground.server.messages import read_body
from sam3_playground.server.places import Places
from sam3_playground.ui.answering import answering
from sam3_playground.ui.examples import Example, example_named
from sam3_playground.ui.paths import EXAMPLES, FETCH, IMAGES, SCRIPTS
from sam3_playground.ui.scripts import FOREVER, Scripts

FetchImage = Callable[[str], Awaitable[bytes]]

# An upload that takes longer holds up the others.
UPLOAD_SECONDS = 120.0
# Uploads, and images by URL, that come in at once; more are told to try again.
UPLOADS_AT_ONCE = 16
FETCHES_AT_ONCE = 4
_MAX_URL_BODY = 2**14
FOR_AN_HOUR = {"cache-control": "public, max-age=3600"}


def page_routes(
    uploads: Uploads,
    examples: Sequence[Example],
    scripts: Scripts,
    fetch_image: FetchImage | None,
    *,
    max_pixels: int,
) -> list[Route]:
    """The routes.

    Args:
        uploads: Where files go.
        examples: What may be asked for by name.
        scripts: What the page runs.
        fetch_image: Gets the file behind a URL that a visitor typed, and refuses addresses
            that are none of a visitor's business; None leaves such URLs unsupported.
        max_pixels: Larger images are refused.
    """
    uploading = Places(UPLOADS_AT_ONCE)
    fetching = Places(FETCHES_AT_ONCE)

    async def take(request: Request) -> Response:
        with uploading, anyio.move_on_after(UPLOAD_SECONDS):
            name = await uploads.add(request.stream())
            try:
                alike = await anyio.to_thread.run_sync(check, uploads.path(name))
            except PlaygroundError:
                uploads.remove(name)
                raise
            return JSONResponse({"id": name, "browser_shows_it": alike})
        raise InvalidInputError(
            f"expected the image within {UPLOAD_SECONDS:g} seconds, got a slower upload"
        )

    def check(path: Path) -> bool:
        """Decode it once, before a page gives up what it has open; whether a browser shows it."""
        open_upload(path, max_pixels=max_pixels)
        return browser_shows_it(path)

    async def fetch(request: Request) -> Response:
        if fetch_image is None:
            raise InvalidInputError("expected an image file, got a URL: they are switched off here")
        url = _url_in(await read_body(request.receive, _MAX_URL_BODY))
        with fetching:
            data = await fetch_image(url)
        kind = await anyio.to_thread.run_sync(media_type, data)
        return Response(data, media_type=kind)

    async def example(request: Request) -> Response:
        return FileResponse(example_named(examples, request.path_params["name"]).path)

    async def thumbnail(request: Request) -> Response:
        entry = example_named(examples, request.path_params["name"])
        data = await anyio.to_thread.run_sync(lambda: entry.thumbnail)
        return Response(data, headers=FOR_AN_HOUR, media_type="image/jpeg")

    async def script(request: Request) -> Response:
        version, name = request.path_params["version"], request.path_params["name"]
        source = scripts.sources.get(name) if version == scripts.version else None
        if source is None:
            return JSONResponse({"error": "expected a script of this page, got another one"}, 404)
        return Response(source, headers=FOREVER, media_type="text/javascript")

    return [
        Route(IMAGES, answering(take), methods=["POST"]),
        Route(FETCH, answering(fetch), methods=["POST"]),
        Route(EXAMPLES + "/{name}", answering(example)),
        Route(EXAMPLES + "/{name}/thumbnail", answering(thumbnail)),
        Route(SCRIPTS + "/{version}/{name:path}", answering(script)),
    ]


def _url_in(body: bytes | None) -> str:
    try:
        value: Any = json.loads(body or b"")
    except (ValueError, RecursionError):
        value = None
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(url, str):
        raise InvalidInputError('expected {"url": "https://..."}, got something else')
    return url
