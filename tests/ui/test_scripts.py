"""The page's scripts as they are served: each by a path that names its content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from sam3_playground.images.uploads import Uploads
from sam3_playground.ui.paths import SCRIPTS
from sam3_playground.ui.routes import page_routes
from sam3_playground.ui.scripts import Scripts, read_scripts
from tests.api.conftest import running

READ = read_scripts()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    uploads = Uploads(max_bytes=1, parent=tmp_path_factory.mktemp("uploads"))
    app = Starlette(routes=page_routes(uploads, [], READ, None, max_pixels=10**6))
    with running(app) as url, httpx.Client(base_url=url, trust_env=False) as asking:
        yield asking
    uploads.close()


@pytest.mark.parametrize("name", READ.sources)
def test_a_script_is_served_as_it_lies_there_and_may_be_kept(
    name: str, client: httpx.Client
) -> None:
    answer = client.get(f"{SCRIPTS}/{READ.version}/{name}")
    folder = Path(__file__).parents[2] / "sam3_playground/ui/web"
    assert answer.content == (folder / name).read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        f"{READ.version}/none.js",
        f"{READ.version}/canvas.html",
        f"{READ.version}/..%2fscripts.py",
        f"{READ.version}/",
        "0000000000000000/main.js",
    ],
)
def test_nothing_else_is_served_nor_another_version(path: str, client: httpx.Client) -> None:
    answer = client.get(f"{SCRIPTS}/{path}")
    assert answer.status_code == 404
    assert "cache-control" not in answer.headers


def test_another_content_has_another_path() -> None:
    one = Scripts({"a.js": b"1", "b.js": b"2"})
    assert one.version == Scripts({"b.js": b"2", "a.js": b"1"}).version
    others = [{"a.js": b"1", "b.js": b"3"}, {"a.js": b"1"}, {"a.js": b"1", "c.js": b"2"}, {}]
    versions = {Scripts(other).version for other in others}
    assert len(versions) == len(others)
    assert one.version not in versions


def test_the_loader_names_all_scripts_below_the_page() -> None:
    assert f'"{SCRIPTS[1:]}/{READ.version}/"' in READ.loader
    (names,) = re.findall(r"of \[(.*)\]", READ.loader)
    assert [name.strip(' "') for name in names.split(",")] == sorted(READ.sources)
    assert "main.js" in READ.sources
