"""A reverse proxy that has a path of its own for a server, and strips it or leaves it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route


def proxy(target: str, below: str, *, strips: bool) -> Starlette:
    """Passes what is below a path on to a server; 404 elsewhere.

    Args:
        target: The server's URL.
        below: The path, such as "/sam3".
        strips: Whether the server is asked without it.
    """

    async def passed_on(request: Request) -> StreamingResponse:
        client = httpx.AsyncClient(base_url=target, trust_env=False, timeout=60)
        query = f"?{request.url.query}" if request.url.query else ""
        path = request.url.path.removeprefix(below) if strips else request.url.path
        headers = [pair for pair in request.headers.raw if pair[0] != b"host"]
        asked = client.build_request(
            request.method, path + query, headers=headers, content=await request.body()
        )
        answer = await client.send(asked, stream=True)

        async def body() -> AsyncIterator[bytes]:
            try:
                async for chunk in answer.aiter_raw():
                    yield chunk
            finally:
                await answer.aclose()
                await client.aclose()

        return StreamingResponse(body(), answer.status_code, dict(answer.headers))

    methods = ["GET", "HEAD", "POST"]
    paths = (below + "/{path:path}",) if strips else (below, below + "/{path:path}")
    return Starlette(routes=[Route(path, passed_on, methods=methods) for path in paths])
