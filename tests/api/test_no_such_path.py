"""Paths that are not there, and methods that do not fit, are sentences in JSON."""

from __future__ import annotations

import pytest

from sam3_playground.api.app import PATHS
from tests.api.conftest import Api

POSTS = {path for path in PATHS if path.startswith(("/sam3/", "/sam3_3d/"))}


# GET of a file that is not there among static ones is their server's 404, another method its 405.
NOWHERE = (
    "/",
    "/sam3",
    "/sam3/",
    "/sam3/video",
    "/sam3/embed_image/",
    "/sam3//embed_image",
    "/SAM3/embed_image",
    "/sam3_3d",
    "/model/add",
    "/model/registry/",
    "/healthz/x",
    "/docs-static/none.js",
)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", NOWHERE)
def test_a_path_that_is_not_there(api: Api, method: str, path: str) -> None:
    answer = api.http.request(method, path)
    is_file = path.startswith("/docs-static/") and method != "GET"
    assert answer.status_code == (405 if is_file else 404)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["detail"].startswith("expected ")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_a_method_that_does_not_fit(api: Api, path: str, method: str) -> None:
    wanted = "POST" if path in POSTS else "GET"
    answer = api.http.request(method, path)
    if method == wanted:
        assert answer.status_code in {200, 422, 501}
    else:
        assert answer.status_code == 405
        assert answer.headers["allow"] == wanted
        assert answer.json() == {"detail": f"expected {wanted}, got '{method}'"}
