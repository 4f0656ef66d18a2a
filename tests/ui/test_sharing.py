"""A public link: what is behind it is said, and why there is none, and the server goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio import networking, tunneling
from gradio.exceptions import ChecksumMismatchError, ShareCertificateWriteError

from sam3_playground.config import Settings
from sam3_playground.errors import InvalidInputError, ShareError
from sam3_playground.ui.sharing import exposed, open_tunnel

# The tunnel stands still; what comes through one is asked in its place.
SCRIPT = """
import json, os, signal, sys, threading, time
import httpx
from gradio import networking
from sam3_playground.config import Settings
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui import build_page, launch_page
from tests.fakes import FakeSegmenter
from tests.servers import free_port

port = free_port()
url = f"http://127.0.0.1:{port}/sam3/"

def through():
    headers = {"host": "abc.gradio.live", "x-forwarded-for": "1.2.3.4"}
    return httpx.get(url, auth=("me", "hidden"), headers=headers, trust_env=False).status_code

def visit():
    for _ in range(100):
        if through() == 200:
            print(json.dumps(200), flush=True)
            break
        time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)

def tunnel(**options):
    print(json.dumps([options["local_host"], options["local_port"] == port, through()]), flush=True)
    threading.Thread(target=visit).start()
    return "http://abc.gradio.live"

networking.setup_tunnel = tunnel
settings = Settings(share=True, root_path="/sam3", auth=frozenset({"me:hidden"}))
page = build_page(SegmenterService.of(FakeSegmenter()), settings)
launch_page(page, [], settings, host="127.0.0.1", port=port)
"""


def test_the_link_leads_to_the_server_and_says_what_is_behind_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    before, after = map(json.loads, done.stdout.splitlines())
    assert before == ["127.0.0.1", True, 421]  # nobody may make up a name
    assert after == 200
    first, page, api = done.stderr.splitlines()
    assert first.endswith(": https://abc.gradio.live/sam3/")
    assert "who have a login" in page
    assert "who have a login" in api
    assert "hidden" not in done.stderr


def test_what_is_open_is_said_loudly() -> None:
    page, api = exposed(Settings())
    assert "OPEN TO ALL" in page
    assert "OPEN TO ALL" in api
    page, api = exposed(Settings(api_keys=frozenset({"key"})))
    assert "OPEN TO ALL" in page
    assert "who have a key" in api


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ChecksumMismatchError(), "not the one that Gradio expects"),
        (ShareCertificateWriteError("read-only"), "cannot be written to"),
        (httpx.ConnectError("no network"), "could not be fetched"),
        (PermissionError("no"), "cannot be had or run here"),
        (RuntimeError("no"), "was not reached"),
        (ValueError("login to server failed"), "did not open"),
    ],
)
def test_why_there_is_none(fault: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def tunnel(**_: Any) -> str:
        raise fault

    monkeypatch.setattr(networking, "setup_tunnel", tunnel)
    with pytest.raises(ShareError, match=f"expected a public link, got none: .*{words}"):
        open_tunnel("127.0.0.1", 7860)


def offline(*_: Any, **__: Any) -> Any:
    raise httpx.ConnectError("no network")


def test_a_machine_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio's own function, which asks its server first."""
    monkeypatch.setattr(httpx, "get", offline)
    with pytest.raises(ShareError, match="Gradio's server for links was not reached"):
        open_tunnel("0.0.0.0", 7860)


def test_a_machine_that_lacks_the_tunnels_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Answer:
        def json(self) -> Any:
            return [{"host": "share.example", "port": 7000, "root_ca": "certificate"}]

    def reached(url: str, **_: Any) -> Any:
        return Answer() if url == networking.GRADIO_API_SERVER else offline()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(httpx, "get", reached)
    monkeypatch.setattr(tunneling, "BINARY_FOLDER", tmp_path)
    monkeypatch.setattr(tunneling, "BINARY_PATH", str(tmp_path / "frpc"))
    with pytest.raises(ShareError, match="the tunnel's program could not be fetched"):
        open_tunnel("127.0.0.1", 7860)


def test_a_space_has_its_link_already() -> None:
    with pytest.raises(InvalidInputError, match="expected no share on a Space"):
        Settings.from_environment({"SYSTEM": "spaces", "SAM3_SHARE": "1"})
