"""The pages that document the API: Swagger UI and Redoc, with scripts from this process.

Everything is addressed relative to the page, so that it is found below a proxy's path as well.
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse

STATIC_PATH = "/docs-static"
DOCUMENTATION_PATHS = ("/docs", "/redoc", "/openapi.json", STATIC_PATH + "/{file}")

_SCHEMA = "openapi.json"
_STATIC = STATIC_PATH.removeprefix("/")


def add_documentation(app: FastAPI) -> None:
    """Serve `/docs` and `/redoc`; the app serves the schema and the static files itself."""

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
