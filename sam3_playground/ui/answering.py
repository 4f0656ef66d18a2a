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
            return _refusal(OutOfMemoryError())
        except PlaygroundError as error:
            return _refusal(error)
        except ClientDisconnect:
            return Response(status_code=499)

    return answer


def network_failed(error: RuntimeError) -> str:
    """What torch raises, for want of memory or for its own faults, in one sentence."""
    line = str(error).strip().partition("\n")[0] or "it gave no reason"
    return f"The network failed: {line}"


def _refusal(error: PlaygroundError) -> Response:
    retry = error.retry_seconds
    headers = None if retry is None else {"Retry-After": str(retry)}
    return JSONResponse({"error": str(error)}, error.http_status, headers)
