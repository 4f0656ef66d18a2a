"""Where models ask: the protocol's streamable HTTP, without sessions, behind all guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sam3_playground.calls.calls import Calls
from sam3_playground.calls.tools import tool_server
from sam3_playground.config import MEBIBYTE, Settings
from sam3_playground.errors import BusyError, UnauthorizedError
from sam3_playground.server.keys import KeyRing, key_of
from sam3_playground.server.login import is_another_sites
from sam3_playground.server.messages import header, read_body, refuse, replayed
from sam3_playground.server.places import Places

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

MCP = "/mcp"
# A body that takes longer holds up the others.
BODY_SECONDS = 60.0


def mcp_route(calls: Calls, settings: Settings) -> Route:
    """The route.

    Args:
        calls: What answers.
        settings: Keys, and limits on images and on requests at once.
    """
    endpoint = _Endpoint(
        tool_server(calls, _address),
        KeyRing(settings.api_keys),
        Places(settings.max_waiting),
        # As the REST API has it: base64 makes four bytes of three, the rest needs little.
        max_body_bytes=settings.max_image_bytes * 4 // 3 + MEBIBYTE,
    )
    return Route(MCP, endpoint, methods=["POST"], include_in_schema=False)


def _address(request: Any) -> str:
    return request.client.host if isinstance(request, Request) and request.client else ""


def _is_of_a_page(scope: Scope) -> bool:
    """Whether a browser asks for another site, as the protocol wants it to be refused."""
    origin, host = header(scope, "origin"), header(scope, "host")
    own = (None, f"http://{host}", f"https://{host}")
    return origin not in own or is_another_sites(scope)


class _Endpoint:
    """ASGI app: keys first, then a bounded body, then the protocol."""

    def __init__(
        self, server: Server[Any, Any], keys: KeyRing, places: Places, *, max_body_bytes: int
    ) -> None:
        self._server = server
        self._keys = keys
        self._places = places
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say what is wrong."""
        if _is_of_a_page(scope):
            await refuse(send, 403, "expected a program's request, got one of another site's page")
            return
        try:
            self._keys.caller(key_of(Request(scope)))
            with self._places:
                await self._admitted(scope, receive, send)
        except UnauthorizedError as error:
            await refuse(send, error.http_status, str(error), {"www-authenticate": "Bearer"})
        except BusyError as error:
            retry = {"retry-after": str(error.retry_seconds)}
            await refuse(send, error.http_status, str(error), retry)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        body = None
        with anyio.move_on_after(BODY_SECONDS):
            body = await read_body(receive, self._max_body_bytes)
        if body is None:
            await refuse(
                send,
                413,
                f"expected a body of at most {self._max_body_bytes:,} bytes "
                f"within {BODY_SECONDS:g} seconds",
            )
            return
        manager = StreamableHTTPSessionManager(
            self._server,
            json_response=True,
            stateless=True,
            max_request_body_size=self._max_body_bytes,
        )
        # One for each request: nothing is left of it, and nothing has to be started before.
        async with manager.run():
            await manager.handle_request(scope, replayed(body, receive), send)
