"""A proxy's path for the server, whether the proxy strips it or leaves it.

With /sam3 for a root, the API's /sam3/concept_segment comes as /sam3/sam3/concept_segment or as
itself: which of the two it is, the paths that are served tell.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from sam3_playground.errors import InvalidInputError
from sam3_playground.server.messages import raw


class BelowPath:
    """ASGI middleware: paths begin with the root for all that follows, as ASGI has it.

    Args:
        app: What answers; `messages.path_of` tells the path below the root.
        root: The root, as "/sam3"; "" for none.
        is_open: Whether a method and a path below the root are served.
    """

    def __init__(self, app: ASGIApp, root: str, is_open: Callable[[str, str], bool]) -> None:
        self._app = app
        self._root = root
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or send a browser on from the root to what is below it."""
        if scope["type"] != "http" or not self._root:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path == self._root and scope["method"] in {"GET", "HEAD"}:
            await self._send_on(scope, send)
            return
        below = path.removeprefix(self._root)
        left = path.startswith(self._root + "/") and self._is_open(scope["method"], below)
        full = path if left else self._root + path
        await self._app({**scope, "path": full, "root_path": self._root}, receive, send)

    async def _send_on(self, scope: Scope, send: Send) -> None:
        """A page without the slash at its end would look for its parts beside the root."""
        query = scope.get("query_string", b"").decode("latin-1")
        target = self._root.rpartition("/")[2] + "/" + (f"?{query}" if query else "")
        lines = {"location": target, "content-length": "0"}
        await send({"type": "http.response.start", "status": 307, "headers": raw(lines)})
        await send({"type": "http.response.body", "body": b""})


def check_root(root: str, is_open: Callable[[str, str], bool]) -> None:
    """See that a root can be told from the server's own paths.

    Raises:
        InvalidInputError: It is one of them.
    """
    if root and is_open("GET", root):
        raise InvalidInputError(
            f"expected a root path that is none of the server's own paths, got {root}"
        )
