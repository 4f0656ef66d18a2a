"""Below a path of a proxy's, and under the policy that the server sends, everything works."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from playwright.sync_api import ConsoleMessage, Page
from playwright.sync_api import Route as Intercepted

from tests.api.conftest import running
from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.proxies import proxy
from tests.servers import discs_png, serving

BELOW = "/sam3"
LOGIN: Any = {"username": "visitor", "password": "pass:word"}
RED = (150, 120)


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    """A server that a proxy has below the path that the API has one of its own at, and closed."""
    login = ":".join(LOGIN.values())
    with serving("-m", "tests.browser.serve_fake", SAM3_ROOT_PATH=BELOW, SAM3_AUTH=login) as url:
        yield url


@pytest.fixture(scope="module", params=["stripped", "left"])
def below(target: str, request: pytest.FixtureRequest) -> Iterator[str]:
    with running(proxy(target, BELOW, strips=request.param == "stripped")) as url:
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
    bench = open_bench(below + "/", http_credentials=LOGIN)
    watched = Watched(bench.page)
    bench.open(discs)
    bench.words("red")
    assert bench.counts() == {"red": 2}
    assert bench.masked(*RED)
    assert watched.complaints == []


def test_all_that_the_page_asks_for(target: str, open_bench: OpenBench, discs: Path) -> None:
    with running(proxy(target, BELOW, strips=True)) as url:
        below = url + BELOW
        bench = open_bench(below + "/", http_credentials=LOGIN)
        watched = Watched(bench.page)
        bench.open(discs)
        bench.words("red")
        look_around(bench, below)
        assert watched.complaints == []
        bench.page.context.close()


def look_around(bench: Bench, below: str) -> None:
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


def test_the_api_and_what_it_is_found_by(below: str) -> None:
    login = httpx.BasicAuth(**LOGIN)
    with httpx.Client(base_url=below, auth=login, trust_env=False, timeout=60) as client:
        assert client.get("/healthz").json()["status"] == "ready"
        assert client.head("/readiness").status_code == 200
        image = {"type": "base64", "value": b64encode(discs_png()).decode()}
        body = {"image": image, "prompts": [{"type": "text", "text": "red"}]}
        answer = client.post("/sam3/concept_segment", json=body)
        assert len(answer.json()["prompt_results"][0]["predictions"]) == 2
        assert client.get("/sam3/nothing").status_code == 404
        assert client.get("/page/fetch").status_code == 404  # a path of the page, and no GET
        page = client.get("/")
        assert page.headers["content-security-policy"]
        assert client.get("/config").json()["root"].endswith(BELOW)


def test_a_root_without_its_slash_leads_to_the_page(target: str) -> None:
    with running(proxy(target, BELOW, strips=False)) as url:
        sent_on = httpx.get(f"{url}{BELOW}?a=b", trust_env=False)
    assert sent_on.status_code == 307
    assert urljoin(f"{url}{BELOW}", sent_on.headers["location"]) == f"{url}{BELOW}/?a=b"


def test_the_documentation(fake_url: str, open_bench: OpenBench) -> None:
    documented(open_bench(fake_url + "/").page.context.new_page(), fake_url)


def test_the_documentation_below_a_path(target: str, open_bench: OpenBench) -> None:
    with running(proxy(target, BELOW, strips=True)) as url:
        bench = open_bench(f"{url}{BELOW}/", http_credentials=LOGIN)
        documented(bench.page.context.new_page(), url + BELOW)
        bench.page.context.close()


def documented(page: Page, address: str) -> None:
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
