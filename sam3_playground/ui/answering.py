"""How the page's own requests are answered where something is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from sam3_playground.errors import OutOfMemoryError, PlaygroundError

Handler = Callable[[Request], Awaitable[Response]]


def answering(handle: Handler) -> Handler:
    """Errors raised on purpose as JSON with their status and one sentence."""

    @wraps(handle)
    async def answer(request: Request) -> Response:
        try:
            return await handle(request)
        except MemoryError:
            return refusal(OutOfMemoryError())
        except PlaygroundError as error:
            return refusal(error)
        except ClientDisconnect:
            return Response(status_code=499)

    return answer


def refusal(error: PlaygroundError) -> Response:
    """An error as the page's own paths answer it."""
    retry = error.retry_seconds
    headers = None if retry is None else {"Retry-After": str(retry)}
    return JSONResponse({"error": str(error)}, error.http_status, headers)
