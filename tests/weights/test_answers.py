"""Addresses that are not asked at all, and answers that are no file of weights."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from sam3_playground.errors import InvalidInputError, WeightsUnavailableError
from sam3_playground.weights.addresses import redirected
from sam3_playground.weights.getting import get_weights
from tests.weights.mirror import Mirror, Served
from tests.weights.test_download import CONTENT, PATH, broken_off, get, names

pytestmark = pytest.mark.usefixtures("accepted")


@pytest.mark.parametrize(
    "page",
    [
        Served(b"please log in", kind="text/html; charset=utf-8"),
        Served(b"\n <!DOCTYPE html><title>please log in</title>"),
    ],
    ids=["by its type", "by its text"],
)
def test_a_web_page_is_recognised_and_what_came_earlier_is_kept(
    page: Served, elsewhere: Mirror, folder: Path
) -> None:
    elsewhere.files[PATH] = Served(CONTENT, drops=[300_000])
    broken_off(elsewhere, folder)
    before = elsewhere.files[PATH]
    elsewhere.files[PATH] = page
    page.ranges = False
    with pytest.raises(WeightsUnavailableError, match="the address answered with a web page"):
        get(elsewhere, folder)
    elsewhere.files[PATH] = before
    assert get(elsewhere, folder).path.read_bytes() == CONTENT
    assert elsewhere.ranges[-1] == "bytes=300000-"


@pytest.mark.parametrize(
    ("served", "message"),
    [
        (Served(status=403), r"127.0.0.1:\d+ refused to give mine.safetensors$"),
        (Served(status=404), r"^127.0.0.1:\d+ has no mine.safetensors$"),
        (Served(status=503), "got status 503: try again later"),
        (Served(b"{}", kind="application/json"), "answered with a message"),
        (Served(b"junk" * 10_000), "mine.safetensors of 40,000 bytes, which is text: it was not"),
        (Served(b"version https://git-lfs.github.com/spec/v1"), "which is a Git LFS pointer"),
        (Served(b""), "mine.safetensors of 0 bytes, which is empty"),
        (Served(b"x", headers={"Content-Encoding": "gzip"}), "as it is"),
        (Served(b"x", headers={"Content-Length": str(2**35)}), "at most 16 GiB"),
        (Served(status=302, headers={"Location": "http://example.com/x.pt"}), "redirect to an ht"),
        (Served(status=302, headers={"Location": "ftp://127.0.0.1/x.pt"}), "redirect to an https"),
        (Served(status=302, headers={"Location": "https://u:p@h.example/x.pt"}), "redirect to an"),
        (Served(status=302, headers={"Location": PATH}), "at most 5 redirects"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_answers_that_are_no_file(
    served: Served, message: str, elsewhere: Mirror, folder: Path
) -> None:
    elsewhere.files[PATH] = served
    with pytest.raises(WeightsUnavailableError, match=message):
        get(elsewhere, folder)
    assert names(folder) == []


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://example.com/sam3.pt", "expected an https address"),
        ("http://10.0.0.1/sam3.pt", "got http for another machine"),
        ("http://127.0.0.1.example.com/sam3.pt", "expected an https address"),
        ("ftp://127.0.0.1/sam3.pt", "got one of the scheme ftp"),
        ("file:///etc/sam3.pt", r"\(http only .* own\), got one of the scheme file$"),
        ("https://user:word@example.com/sam3.pt", "without user and password"),
        ("https://example.com/", "ends in a file's name"),
        ("https://example.com/sam3.exe", "ends in a file's name"),
        ("https://example.com/a%5Cb.pt", "ends in a file's name"),
        ("https://[::1/sam3.pt", "expected an https address"),
        ("https:///sam3.pt", "got one without a host"),
        ("nothing", "expected a hub id"),
        ("a/b:../c.pt", "expected a hub id"),
        ("a/b:/c.pt", "expected a hub id"),
        ("a/b:c.exe", "expected a hub id"),
        ("modelscope:nothing", "expected a hub id"),
    ],
)
def test_addresses_that_are_none(address: str, message: str, folder: Path) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        get_weights(address, folder=folder)
    assert "word" not in str(caught.value).removeprefix(
        "expected an https address without user and password"
    )
    assert not folder.exists()


@pytest.mark.parametrize(
    ("start", "location", "target"),
    [
        ("https://hub.example/a", "https://cdn.example/b?x=1", "https://cdn.example/b?x=1"),
        ("https://hub.example/a", "/b", "https://hub.example/b"),
        ("http://127.0.0.1:8000/a", "http://localhost:9000/b", "http://localhost:9000/b"),
        ("http://127.0.0.1:8000/a", "https://cdn.example/b", "https://cdn.example/b"),
        ("https://hub.example/a", "http://hub.example/b", None),
        ("https://hub.example/a", "http://127.0.0.1/b", None),
        ("https://hub.example/a", "https://127.0.0.1/b", None),
        ("https://hub.example/a", "https://[::1]/b", None),
        ("https://hub.example/a", "https://localhost/b", None),
        ("https://hub.example/a", "file:///etc/passwd", None),
        ("https://hub.example/a", "https://hub.example:port/b", None),
    ],
)
def test_redirects_lead_to_https_and_not_into_this_machine(
    start: str, location: str, target: str | None
) -> None:
    if target is not None:
        assert str(redirected(httpx.URL(start), location)) == target
        return
    with pytest.raises(WeightsUnavailableError, match="got a redirect to something else"):
        redirected(httpx.URL(start), location)
