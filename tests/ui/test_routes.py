"""The page's own requests: an image in, one by URL, an example out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import anyio
import anyio.to_thread
import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from sam3_playground.errors import InvalidImageError
from sam3_playground.images.uploads import Uploads
from sam3_playground.ui.examples import THUMBNAIL_SIDE, read_examples
from sam3_playground.ui.paths import EXAMPLES, FETCH, IMAGES
from sam3_playground.ui.routes import FETCHES_AT_ONCE, FetchImage, page_routes
from sam3_playground.ui.scripts import read_scripts
from tests.api.conftest import running
from tests.servers import discs_png

LIMIT = 100_000


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Uploads]:
    kept = Uploads(max_bytes=LIMIT, parent=tmp_path)
    yield kept
    kept.close()


@contextmanager
def client(uploads: Uploads, fetch: FetchImage | None = None) -> Iterator[httpx.Client]:
    routes = page_routes(uploads, read_examples(), read_scripts(), fetch, max_pixels=10**6)
    app = Starlette(routes=routes)
    with running(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as asking:
        yield asking


def test_an_upload_is_kept_as_it_came(uploads: Uploads) -> None:
    with client(uploads) as asking:
        answer = asking.post(IMAGES, content=discs_png())
    assert uploads.path(answer.json()["id"]).read_bytes() == discs_png()


@pytest.mark.parametrize(("size", "status"), [(0, 422), (1, 422), (LIMIT, 200), (LIMIT + 1, 413)])
def test_an_upload_is_no_larger_than_an_image_may_be(
    uploads: Uploads, size: int, status: int
) -> None:
    # Behind the end of a PNG may stand anything.
    content = (discs_png() + bytes(LIMIT))[:size] if size > 1 else bytes(size)
    with client(uploads) as asking:
        answer = asking.post(IMAGES, content=content)
    assert answer.status_code == status
    assert len(list(uploads.folder.iterdir())) == (status == 200)
    assert status == 200 or answer.json()["error"].startswith("expected ")


def test_an_image_by_url(uploads: Uploads) -> None:
    async def fetch(url: str) -> bytes:
        return {"https://images.example/a": discs_png()}[url]

    with client(uploads, fetch) as asking:
        answer = asking.post(FETCH, json={"url": "https://images.example/a"})
    assert answer.content == discs_png()
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "data",
    [b"", b"<html><script>alert(1)</script></html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
)
def test_nothing_but_an_image_comes_back(uploads: Uploads, data: bytes) -> None:
    async def fetch(_: str) -> bytes:
        return data

    with client(uploads, fetch) as asking:
        answer = asking.post(FETCH, json={"url": "https://images.example/a"})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("expected an image")
    assert not data or data not in answer.content


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"a"', b"{}", b'{"url": 1}', b'{"url": null}', b"[" * 9000]
)
def test_a_url_is_asked_for_in_one_form(uploads: Uploads, body: bytes) -> None:
    async def fetch(url: str) -> bytes:
        raise AssertionError(url)

    with client(uploads, fetch) as asking:
        answer = asking.post(FETCH, content=body)
    assert answer.status_code == 422
    assert "url" in answer.json()["error"]


def test_a_refused_url_says_why(uploads: Uploads) -> None:
    async def fetch(_: str) -> bytes:
        raise InvalidImageError("expected the URL of a public host, got another one")

    with client(uploads, fetch) as asking:
        answer = asking.post(FETCH, json={"url": "http://10.0.0.1/"})
    assert answer.status_code == 422
    assert "public host" in answer.json()["error"]


def test_urls_can_be_switched_off(uploads: Uploads) -> None:
    with client(uploads) as asking:
        answer = asking.post(FETCH, json={"url": "https://images.example/a"})
    assert answer.status_code == 422
    assert "switched off" in answer.json()["error"]


def test_so_many_urls_at_once_and_no_more(uploads: Uploads) -> None:
    go_on, begun = Event(), [Event() for _ in range(FETCHES_AT_ONCE)]
    waiting = iter(begun)

    async def fetch(_: str) -> bytes:
        next(waiting).set()
        await anyio.to_thread.run_sync(go_on.wait, 30)
        return discs_png()

    answers: list[httpx.Response] = []
    with client(uploads, fetch) as asked:

        def ask() -> None:
            answers.append(asked.post(FETCH, json={"url": "https://images.example/a"}))

        threads = [Thread(target=ask) for _ in begun]
        for thread in threads:
            thread.start()
        assert all(event.wait(30) for event in begun)
        ask()
        assert answers[0].status_code == 503
        assert "try again" in answers[0].json()["error"]
        go_on.set()
        for thread in threads:
            thread.join(30)
    assert [answer.status_code for answer in answers[1:]] == [200] * FETCHES_AT_ONCE


def test_an_example_has_a_small_picture(uploads: Uploads) -> None:
    with client(uploads) as asking:
        for example in read_examples():
            answer = asking.get(f"{EXAMPLES}/{example.path.name}/thumbnail")
            assert answer.headers["content-type"] == "image/jpeg"
            assert max(Image.open(io.BytesIO(answer.content)).size) == THUMBNAIL_SIDE
            assert len(answer.content) < 12_000
        missing = asking.get(f"{EXAMPLES}/nothing.jpg/thumbnail")
    assert missing.status_code == 422
    assert missing.json()["error"].startswith("expected the name of an example")


def test_examples_by_name(uploads: Uploads) -> None:
    with client(uploads) as asking:
        for example in read_examples():
            sent = asking.get(f"{EXAMPLES}/{example.path.name}").content
            assert sent == example.path.read_bytes()
        for name in ("examples.json", "..%2ftiny%2fREADME.md", "nothing.jpg"):
            assert asking.get(f"{EXAMPLES}/{name}").status_code in {404, 422}


def test_an_upload_that_goes_before_it_is_looked_at_is_a_sentence(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room is made for others at any time."""

    read = Path.read_bytes

    def gone(path: Path) -> bytes:
        if path.parent == uploads.folder:
            raise FileNotFoundError(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", gone)
    with client(uploads) as asking:
        answer = asking.post(IMAGES, content=discs_png())
    assert answer.status_code == 410
    assert str(uploads.folder) not in answer.text
