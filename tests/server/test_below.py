"""A proxy's path for the server is found, stripped or not, whatever the API's own paths are."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sam3_playground.errors import InvalidInputError
from sam3_playground.server.below import BelowPath, check_root
from sam3_playground.server.messages import path_of

SERVED = {"/", "/healthz", "/sam3/embed_image", "/docs"}


def is_open(method: str, path: str) -> bool:
    return path in SERVED


def asked(root: str, path: str, method: str = "GET", query: bytes = b"") -> Any:
    """The path below the root that the app sees, or the answer's head."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["path"].startswith(root)
        seen.append(path_of(scope))

    async def send(message: Any) -> None:
        seen.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query}
    asyncio.run(BelowPath(app, root, is_open)(scope, lambda: None, send))  # type: ignore[arg-type,return-value]
    return seen[0]


@pytest.mark.parametrize("root", ["/sam3", "/sam3/embed", "/a/b", "/docs-of/x"])
@pytest.mark.parametrize("path", sorted(SERVED))
def test_stripped_and_left_are_the_same(root: str, path: str) -> None:
    assert asked(root, path) == path
    assert asked(root, root + path) == path


def test_other_paths_stay_what_they_are() -> None:
    assert asked("/sam3", "/sam3/nothing") == "/sam3/nothing"
    assert asked("/sam3", "/sam3x/healthz") == "/sam3x/healthz"
    assert asked("", "/sam3/embed_image") == "/sam3/embed_image"


def test_a_browser_is_sent_on_to_the_page() -> None:
    answer = asked("/a/sam3", "/a/sam3", query=b"x=1")
    assert answer["status"] == 307
    assert (b"location", b"sam3/?x=1") in answer["headers"]
    assert asked("/sam3", "/sam3", method="POST") == "/sam3"


def test_a_root_that_is_a_path_of_the_servers_is_refused() -> None:
    check_root("/sam3", is_open)
    check_root("", is_open)
    with pytest.raises(InvalidInputError, match="none of the server's own paths, got /docs"):
        check_root("/docs", is_open)
