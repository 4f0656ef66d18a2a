"""Told to end, a server finishes what was begun, deletes what it kept, and ends well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from tests.servers import ROOT, Visitor, discs_png, free_port, page_state, wait_for


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server with a temporary folder of its own: its URL and process."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.serve_fake", str(port)],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            wait_for(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


def kept_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("sam3-playground-*/**/*") if path.is_file()]


def wait_at_network(url: str) -> None:
    """Until what was asked for is at the network, where it stays for seconds."""
    for _ in range(240):
        if httpx.get(f"{url}/calls", trust_env=False).json()["waiting"]:
            return
        time.sleep(0.1)
    pytest.fail("nothing came to the network")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_begun_is_finished(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as (url, process), Visitor(url) as visitor:
        state = page_state(visitor.upload(discs_png()), "red", "wait 4")
        assert len(kept_files(tmp_path)) == 1
        assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("sam3-*"))
        answers: list[dict[str, Any]] = []
        assert visitor.join(state).status_code == 200
        asking = Thread(target=lambda: answers.append(visitor.answer()))
        asking.start()
        wait_at_network(url)
        process.send_signal(number)
        asking.join(30)
        assert len(answers[0]["rows"][0]["instances"]) == 2
        assert process.wait(30) == 0
    assert kept_files(tmp_path) == []


def test_nothing_new_begins(tmp_path: Path) -> None:
    with running(tmp_path) as (url, process), Visitor(url) as visitor, Visitor(url) as late:
        assert late.http.get("/config").status_code == 200  # connected before the end begins
        visitor.join(page_state(visitor.upload(discs_png()), "wait 6"))
        asking = Thread(target=visitor.answer)
        asking.start()
        wait_at_network(url)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        refused = late.http.get("/calls")
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        asking.join(30)
        assert process.wait(30) == 0


def test_what_a_killed_server_left_goes_once_its_time_is_over(tmp_path: Path) -> None:
    with running(tmp_path) as (url, process), Visitor(url) as visitor:
        visitor.upload(discs_png())
        process.kill()
        process.wait(20)
    (left,) = kept_files(tmp_path)
    with running(tmp_path):
        assert kept_files(tmp_path) == [left]
    for path in (left, left.parent):
        os.utime(path, (time.time() - 4000,) * 2)
    with running(tmp_path):
        assert kept_files(tmp_path) == []


def test_requests_are_noted_in_lines_without_keys(tmp_path: Path) -> None:
    with running(tmp_path, SAM3_ACCESS_LOG="1") as (url, process):
        with httpx.Client(base_url=url, trust_env=False) as client:
            client.get("/calls?api_key=hidden", headers={"authorization": "Bearer hidden"})
            client.get("/nothing%0a%1b[31mhere?token=hidden")
        process.send_signal(signal.SIGTERM)
        _, noted = process.communicate(timeout=30)
    lines = noted.splitlines()
    assert sum(" GET /calls 200 " in line for line in lines) == 1
    assert sum(" GET /nothing\\n\\x1b[31mhere 404 " in line for line in lines) == 1
    assert "hidden" not in noted
    assert "\x1b" not in noted


def test_requests_are_noted_only_where_that_is_wanted(tmp_path: Path) -> None:
    with running(tmp_path) as (url, process):
        httpx.get(f"{url}/calls", trust_env=False)
        process.send_signal(signal.SIGTERM)
        _, noted = process.communicate(timeout=30)
    assert "/calls" not in noted
