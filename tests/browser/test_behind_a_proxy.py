"""Below a path of a proxy's, and under the policy that the server sends, everything works."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import ConsoleMessage, Page
from playwright.sync_api import Route as Intercepted
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from tests.api.conftest import running
from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.servers import serving

BELOW = "/sam/playground"
RED = (150, 120)


def proxy(target: str) -> Starlette:
    """Passes what is below `BELOW` on without it, as a reverse proxy does; 404 elsewhere."""

    async def passed_on(request: Request) -> StreamingResponse:
        client = httpx.AsyncClient(base_url=target, trust_env=False, timeout=60)
        query = f"?{request.url.query}" if request.url.query else ""
        asked = client.build_request(
            request.method,
            "/" + request.path_params["path"] + query,
            headers=[pair for pair in request.headers.raw if pair[0] != b"host"],
            content=await request.body(),
        )
        answer = await client.send(asked, stream=True)

        async def body() -> AsyncIterator[bytes]:
            try:
                async for chunk in answer.aiter_raw():
                    yield chunk
            finally:
                await answer.aclose()
                await client.aclose()

        return StreamingResponse(body(), answer.status_code, dict(answer.headers))

    methods = ["GET", "HEAD", "POST"]
    return Starlette(routes=[Route(BELOW + "/{path:path}", passed_on, methods=methods)])


@pytest.fixture(scope="module")
def below() -> Iterator[str]:
    with (
        serving("-m", "tests.browser.serve_fake", GRADIO_ROOT_PATH=BELOW) as target,
        running(proxy(target)) as url,
    ):
        yield url + BELOW


class Watched:
    """What a browser's page complains of, but for the icon that browsers ask of the root."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        page.on("console", self._note)
        page.on("response", lambda answer: self._status(answer.status, answer.url))

    def _note(self, message: ConsoleMessage) -> None:
        icon = message.location["url"].endswith("/favicon.ico")
        if message.type == "error" and not icon:
            self.complaints.append(message.text)

    def _status(self, status: int, url: str) -> None:
        if status >= 400 and not url.endswith("/favicon.ico"):
            self.complaints.append(f"{status} {url}")


def test_the_page(below: str, open_bench: OpenBench, discs: Path) -> None:
    bench = open_bench(below + "/")
    watched = Watched(bench.page)
    bench.open(discs)
    bench.words("red")
    assert bench.counts() == {"red": 2}
    assert bench.masked(*RED)
    bench.do("code")
    bench.page.wait_for_function("document.querySelector('[data-ref=codeText]').value !== ''")
    assert f"{below}/sam3/concept_segment" in bench.part("codeText").input_value()
    bench.do("closeCode")
    bench.do("save")
    with bench.page.expect_download() as download:
        bench.part("saveNow").click()
    assert download.value.suggested_filename == "discs-picture.png"
    bench.part("examples").locator("summary").click()
    bench.page.locator(".example").first.click()
    bench.page.wait_for_function("document.querySelectorAll('.strip [role=option]').length === 2")
    bench.settled()
    bench.do("runAll")
    bench.page.wait_for_selector("[data-ref=running]", state="hidden")
    assert "could not be asked" not in bench.message
    assert bench.images()["discs.png"] == "2"
    assert watched.complaints == []


def test_a_proxys_error_page_is_no_server(bench: Bench) -> None:
    """While the server is down a proxy answers in its place: the page stays, and comes back."""
    page = bench.page
    bench.words("red")
    asked: list[str] = []

    def refuse(route: Intercepted) -> None:
        asked.append(route.request.url)
        route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")

    page.context.route("**/*", refuse)
    bench.part("words").fill("red, green")
    bench.part("words").press("Enter")
    page.wait_for_selector(".message.error")
    before = len(asked)
    page.wait_for_timeout(7000)  # two more looks at least
    assert len(asked) > before
    assert bench.part("bench").is_visible()
    assert bench.masked(*RED)
    assert bench.part("words").input_value() == "red, green"
    page.context.unroute("**/*")
    bench.settled()
    assert bench.counts() == {"red": 2, "green": 1}


@pytest.mark.parametrize("root", [True, False])
def test_the_documentation(below: str, fake_url: str, open_bench: OpenBench, *, root: bool) -> None:
    address = below if root else fake_url
    page = open_bench(address + "/").page.context.new_page()
    watched = Watched(page)
    page.goto(address + "/docs")
    page.get_by_text("/healthz").first.click()
    page.get_by_role("button", name="Try it out").click()
    with page.expect_response(lambda answer: answer.url.endswith("/healthz")) as answered:
        page.get_by_role("button", name="Execute").click()
    assert answered.value.url == address + "/healthz"
    assert answered.value.json()["status"] == "ready"
    page.goto(address + "/redoc")
    page.get_by_text("Whether the weights are loaded").first.wait_for()
    # Redoc wants its maker's logo from the maker's server: the policy does not let it ask.
    assert [text for text in watched.complaints if "cdn.redoc.ly" not in text] == []


def test_a_policy_that_is_broken_would_be_noticed(fake_url: str, open_bench: OpenBench) -> None:
    page = open_bench(fake_url + "/").page
    watched = Watched(page)
    page.evaluate(
        "document.body.append(Object.assign(new Image(), {src: 'http://elsewhere.example/a.png'}))"
    )
    page.wait_for_timeout(500)
    assert any("Content Security Policy" in text for text in watched.complaints)


def test_an_upload_whose_time_is_over_is_sent_again(
    open_bench: OpenBench, discs: Path, tmp_path: Path
) -> None:
    with serving("-m", "tests.browser.serve_fake", TMPDIR=str(tmp_path), SAM3_PAGE_MB="0") as url:
        bench = open_bench(url)
        bench.open(discs)
        kept = [path for path in tmp_path.rglob("sam3-*/**/*") if path.is_file()]
        assert len(kept) == 1
        for path in kept:
            path.unlink()
        bench.words("red")
        assert bench.counts() == {"red": 2}
        assert bench.masked(*RED)
        (again,) = (path for path in tmp_path.rglob("sam3-*/**/*") if path.is_file())
        assert again.read_bytes() == discs.read_bytes()
        bench.page.context.close()
