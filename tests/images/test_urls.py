"""Whatever stands in the place of a URL, there is a file or a sentence; no sentence tells of what
lies inside the server's network."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from typing import Any

import anyio
import httpcore
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images.fetching import GuardedBackend, ImageFetcher
from tests.api.conftest import StartApi
from tests.servers import free_port

PUBLIC = "93.184.216.34"
UNKNOWN = (
    "expected the URL of a public host, got one that is not known or not public; "
    "the server's owner can allow hosts (SAM3_ALLOWED_HOSTS)"
)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfile"

# What stands in no sentence: names of classes, of functions and of libraries.
INTERNAL = re.compile(r"[a-z][A-Z]|[a-z]_[a-z]|Error|errno|httpx|httpcore|idna|codec|None")


async def resolve(host: str, port: int) -> list[str]:
    """As the system does it, but that no name server is asked: every name is public."""
    try:
        found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return [PUBLIC]
    return [str(entry[4][0]) for entry in found]


def fetcher_of(backend: httpcore.AsyncNetworkBackend, resolve: Any = resolve) -> ImageFetcher:
    guard = GuardedBackend(resolve=resolve, backend=backend)
    return ImageFetcher(max_bytes=100, seconds=5.0, backend=guard)


FETCHER = fetcher_of(httpcore.AsyncMockBackend([ANSWER]))
REDIRECTED = httpcore.AsyncMockBackend([])
REDIRECTING = fetcher_of(REDIRECTED)


def outcome(url: str, fetcher: ImageFetcher = FETCHER) -> str:
    """What is said, or that there was a file; nothing else may be raised."""
    try:
        assert anyio.run(fetcher.fetch, url) == b"file"
    except (InvalidImageError, ImageTooLargeError) as error:
        said = str(error)
        assert said.startswith("expected ")
        assert not INTERNAL.search(said.replace("SAM3_ALLOWED_HOSTS", "")), said
        return said
    return "a file"


NO_URL = "expected an http or https URL of at most 2048 characters, got something else"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://xn--/", NO_URL),
        ("http://xn--a/", "a file"),  # the name servers' business
        ("http://" + "a" * 64 + ".com/", NO_URL),
        ("http://" + "a" * 63 + ".com/", "a file"),
        ("http://" + "a." * 130 + "com/", NO_URL),
        ("http://a..b/", NO_URL),
        ("http://./", NO_URL),
        ("http://.a/", NO_URL),
        ("http://-a/", NO_URL),
        ("http://*/", NO_URL),
        ("http://%00/", NO_URL),
        ("http://a%0d%0ab/", NO_URL),
        ("http://[fe80::1%25eth0]/", NO_URL),
        ("http://[v1.x]/", NO_URL),
        ("http://a b/", NO_URL),
        ("http://a\tb/", NO_URL),
        ("http://a/\x7f", NO_URL),
        ("http://\u3002/", NO_URL),
        ("http://ß.de/", "a file"),
        ("http://a./", "a file"),
        ("http://a_b/", "a file"),
        ("http://a:/", "a file"),
        ("http://a:65535/", "a file"),
        ("http://a:65536/", "a port from 1 to 65535"),
        ("http://a:0/", "a port from 1 to 65535"),
        ("http://a:-1/", "a port from 1 to 65535"),
        ("http://a:" + "9" * 20 + "/", "a port from 1 to 65535"),
        ("http://a:x/", NO_URL),
        ("http://1.2.3.4.5/", "a file"),
        ("http://0x/", "a file"),
        ("http://999999999999/", "a file"),
        ("http://[2001:4860:4860::8888]/", "a file"),
        ("https://a/", "a file"),
        ("https://xn--a/", "a file"),
    ],
    ids=ascii,
)
def test_absurd_urls(url: str, words: str) -> None:
    assert words in outcome(url)


HOSTS = st.one_of(
    st.text(max_size=20),
    st.lists(st.text("ab-_x0.1%:[]@", max_size=70), max_size=5).map(".".join),
    st.sampled_from(["xn--", "xn--zzzz--", "[::1]", "[::ffff:1.2.3.4]", "①.②", "ß", "a"]),
    st.ip_addresses().map(lambda address: f"[{address}]" if address.version == 6 else str(address)),
)
PORTS = st.one_of(st.just(""), st.integers().map(lambda port: f":{port}"), st.text(max_size=6))
PATHS = st.text(max_size=30).map(lambda path: f"/{path}") | st.just("")
URLS = st.one_of(
    st.text(st.characters(), max_size=60),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["http://", "https://", "HTTP://", "http:/", "//", "http:", "ftp://"]),
        HOSTS,
        PORTS,
        PATHS,
    ),
)


@settings(max_examples=1000, deadline=None)
@given(url=URLS)
@example(url="http://a/")
@example(url="http://a/\ud800")
def test_any_text_is_fetched_or_refused_in_words(url: str) -> None:
    outcome(url)


@settings(max_examples=300, deadline=None)
@given(target=URLS)
def test_any_redirect_is_followed_or_refused_in_words(target: str) -> None:
    location = target.encode("utf-8", "surrogatepass").replace(b"\r", b"").replace(b"\n", b"")
    redirect = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    REDIRECTED._buffer = [redirect]
    outcome("http://a/", REDIRECTING)


def test_the_control_the_fuzz_reaches_files() -> None:
    assert outcome("http://a/b?c=d") == "a file"


@pytest.mark.parametrize("target", ["http://{}/a", "http://b/"], ids=["asked for", "redirected"])
def test_private_names_and_unknown_ones_are_not_told_apart(target: str) -> None:
    known = {"b": [PUBLIC], "inside": ["10.0.0.1"], "both": [PUBLIC, "10.0.0.1"], "none": []}

    async def look_up(host: str, _: int) -> list[str]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known[host]

    said = set()
    for host in ("inside", "both", "unknown", "none", "127.0.0.1", "169.254.169.254"):
        redirect = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://%b/\r\n\r\n"
        backend = httpcore.AsyncMockBackend([redirect % host.encode()])
        said.add(outcome(target.format(host), fetcher_of(backend, look_up)))
    assert said == {UNKNOWN}


def raising(error: Exception) -> Callable[..., Any]:
    async def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def caused(error: Exception, cause: Exception) -> Exception:
    try:
        try:
            raise cause
        except type(cause):
            raise error from cause
    except type(error) as raised:
        return raised


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            caused(httpcore.ConnectError("All attempts failed"), ConnectionRefusedError(111, "x")),
            "the connection was refused",
        ),
        (httpcore.ConnectTimeout("[Errno 110]"), "it took too long"),
        (httpcore.ReadTimeout(), "it took too long"),
        (httpcore.ConnectError(), "no connection could be made"),
        (OSError(113, "No route to host"), "no connection could be made"),
        (httpcore.ReadError(), "the connection broke off"),
        (httpcore.RemoteProtocolError("illegal"), "what answers there speaks no HTTP"),
        (
            caused(httpcore.ConnectError(), ssl.SSLCertVerificationError(1, "self-signed")),
            "its certificate is not valid",
        ),
        (caused(httpcore.ConnectError(), ssl.SSLError(1, "x")), "no secure connection"),
        (UnicodeEncodeError("idna", "x", 0, 1, "label too long"), NO_URL),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_reasons_are_words(error: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = httpcore.AsyncMockBackend([])
    monkeypatch.setattr(backend, "connect_tcp", raising(error))
    assert words in outcome("http://a/", fetcher_of(backend))


def test_a_real_port_where_nobody_listens() -> None:
    fetcher = ImageFetcher(max_bytes=100, allowed_hosts={"127.0.0.1"})
    url = f"http://127.0.0.1:{free_port()}/"
    assert "the connection was refused" in outcome(url, fetcher)


@pytest.mark.parametrize("url", ["http://xn--/", "http://a:" + "9" * 20, "http://10.0.0.1/"])
def test_the_api_answers_422_and_a_sentence(url: str, start_api: StartApi) -> None:
    answer = start_api().embed({"type": "url", "value": url})
    assert answer.status_code == 422
    (detail,) = answer.json()["detail"]
    assert detail["loc"] == ["body", "image", "value"]
    assert detail["msg"].startswith("expected ")
