"""How the page's own requests are answered where something is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
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


def network_failed(error: RuntimeError) -> str:
    """What torch raises, for want of memory or for its own faults, in one sentence."""
    line = str(error).strip().partition("\n")[0] or "it gave no reason"
    return f"The network failed: {line}"


@contextmanager
def in_words() -> Iterator[None]:
    """What the network or the machine fails with in the block, raised in a user's words."""
    try:
        yield
    except MemoryError as error:
        raise OutOfMemoryError from error
    except RuntimeError as error:
        raise PlaygroundError(network_failed(error)) from error


def refusal(error: PlaygroundError) -> Response:
    """An error as the page's own paths answer it."""
    retry = error.retry_seconds
    headers = None if retry is None else {"Retry-After": str(retry)}
    return JSONResponse({"error": str(error)}, error.http_status, headers)
