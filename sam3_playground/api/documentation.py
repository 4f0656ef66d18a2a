"""The pages that document the API: Swagger UI and Redoc, with scripts from this process.

Everything is addressed relative to the page, so that it is found below a proxy's path as well.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse

from sam3_playground.server.marks import MAX_ID_LENGTH, REQUEST_ID_HEADER, TIME_HEADER

STATIC_PATH = "/docs-static"
DOCUMENTATION_PATHS = ("/docs", "/redoc", "/openapi.json", STATIC_PATH + "/{file}")

_SCHEMA = "openapi.json"
_STATIC = STATIC_PATH.removeprefix("/")


_HEADERS = {
    REQUEST_ID_HEADER: {
        "description": "The id of the request: the one that it came with where that is of up to "
        f"{MAX_ID_LENGTH} letters, digits and ._:=+/@-, or one made for it",
        "schema": {"type": "string"},
    },
    TIME_HEADER: {
        "description": "Seconds from the request's head to the answer's",
        "schema": {"type": "number"},
    },
}


def add_documentation(app: FastAPI) -> None:
    """Serve `/docs` and `/redoc`; the app serves the schema and the static files itself."""
    published = app.openapi

    def with_headers() -> dict[str, Any]:
        """The schema, with the headers of every answer: the app makes it once and keeps it."""
        schema = published()
        schema["components"]["headers"] = _HEADERS
        for item in schema["paths"].values():
            for operation in item.values():
                for answer in operation["responses"].values():
                    answer.setdefault("headers", {}).update(
                        {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
                    )
        return schema

    app.openapi = with_headers  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    async def swagger_ui() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=_SCHEMA,
            title=f"{app.title} - Swagger UI",
            swagger_js_url=f"{_STATIC}/swagger-ui-bundle.js",
            swagger_css_url=f"{_STATIC}/swagger-ui.css",
            swagger_favicon_url=f"{_STATIC}/favicon.png",
        )

    @app.get("/redoc", include_in_schema=False)
    async def redoc() -> HTMLResponse:
        return get_redoc_html(
            openapi_url=_SCHEMA,
            title=f"{app.title} - ReDoc",
            redoc_js_url=f"{_STATIC}/redoc.standalone.js",
            redoc_favicon_url=f"{_STATIC}/favicon.png",
            with_google_fonts=False,
        )
