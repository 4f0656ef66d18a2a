"""Errors as answers: which field, what was expected, what came; never keys, paths or traces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sam3_playground.errors import (
    ImageTooLargeError,
    InvalidInputError,
    NoClicksError,
    OutOfMemoryError,
    PlaygroundError,
    UnauthorizedError,
)
from sam3_playground.server.validation import brief, expected_and_got, printable

Location = tuple[str | int, ...]


class InvalidFieldError(InvalidInputError):
    """A field of the request that holds the wrong thing.

    Attributes:
        location: Where it stands, from "body" on.
    """

    def __init__(self, location: Location, message: str) -> None:
        super().__init__(message)
        self.location = location


class BodyTooLargeError(ImageTooLargeError):
    """A request body above the limit."""


@contextmanager
def field(*location: str | int) -> Iterator[None]:
    """Name the field for errors about input that are raised in the block."""
    try:
        yield
    except InvalidFieldError:
        raise
    except InvalidInputError as error:
        raise InvalidFieldError(("body", *location), str(error)) from error


def add_error_handlers(app: FastAPI) -> None:
    """Let the app answer errors as documented."""
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(PlaygroundError, _answer_playground)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(MemoryError, _answer_out_of_memory)


def _json(status: int, detail: Any, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, headers=headers)


def _answer_validation(_: Request, error: Exception) -> Response:
    errors: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else []
    return _json(422, [_validation_detail(entry) for entry in errors])


def _validation_detail(entry: Mapping[str, Any]) -> dict[str, Any]:
    location = list(entry["loc"])
    # Prompts are named alike in all the shapes that they may come in.
    if location[1:3] == ["prompts", "prompts"]:
        del location[2]
    return {"loc": location, "msg": expected_and_got(entry), "type": entry["type"]}


def _answer_playground(_: Request, error: Exception) -> Response:
    if isinstance(error, InvalidFieldError):
        return _field_answer(error.location, error)
    if isinstance(error, InvalidInputError):
        return _field_answer(("body",), error)
    if isinstance(error, UnauthorizedError):
        return _json(error.http_status, str(error), {"WWW-Authenticate": "Bearer"})
    if isinstance(error, PlaygroundError) and error.retry_seconds is not None:
        return _json(error.http_status, str(error), {"Retry-After": str(error.retry_seconds)})
    status = error.http_status if isinstance(error, PlaygroundError) else 500
    if status < 500 or isinstance(error, NoClicksError):
        return _json(status, printable(str(error)))
    # Its message may name files: that is for the server's owner.
    return _json(status, "the server has no weights that it could answer with")


def _answer_out_of_memory(request: Request, _: Exception) -> Response:
    return _answer_playground(request, OutOfMemoryError())


def _field_answer(location: Location, error: InvalidInputError) -> Response:
    detail = {"loc": list(location), "msg": printable(str(error)), "type": "value_error"}
    return _json(error.http_status, [detail])


def _answer_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    detail = error.detail
    if error.status_code == 404:
        detail = "expected a path of the API, got another one: /docs shows them all"
    elif error.status_code == 405:
        wanted = (error.headers or {}).get("Allow", "another method")
        detail = f"expected {wanted}, got {brief(request.method)}"
    return _json(error.status_code, detail, error.headers)
