"""A server that cannot start says so in one line, at once, before anything slow is loaded."""

from __future__ import annotations

import os
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.cli.server_process import ROOT, SECONDS, SERVE, own_environment, served

APP = ["app.py"]
# Modules that take seconds; in the place of each stands one that gives itself away.
SLOW = ("torch", "gradio", "fastapi", "sam3")
LOADED = 99


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """One in which nothing slow can be imported."""
    for name in SLOW:
        (tmp_path / f"{name}.py").write_text(f"import os\nos._exit({LOADED})\n")
    return {**own_environment(), "PYTHONPATH": str(tmp_path)}


def failed(
    command: list[str],
    environment: dict[str, str],
    before: Callable[[], None] | None = None,
) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a server."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        preexec_fn=before,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_control_one_that_can_start_loads_what_is_slow(environment: dict[str, str]) -> None:
    assert failed([*SERVE, "--port", "0"], environment)[0] == LOADED


@pytest.mark.parametrize("entry", [SERVE, APP], ids=["serve", "app.py"])
@pytest.mark.parametrize(
    ("arguments", "variables", "line"),
    [
        (["--port", "65536"], {}, "expected a port from 0 to 65535, got 65536"),
        (["--port", "-1"], {}, "expected a port from 0 to 65535, got -1"),
        (["--port", "9" * 20], {}, f"expected a port from 0 to 65535, got {'9' * 20}"),
        ([], {"GRADIO_SERVER_PORT": "abc"}, "expected a port from 0 to 65535, got 'abc'"),
        ([], {"GRADIO_SERVER_PORT": "78.6"}, "expected a port from 0 to 65535, got '78.6'"),
        (["--host", "8.8.8.8"], {}, "expected an address of this machine .*, got '8.8.8.8'"),
        (["--host", "2001:4860:4860::8888"], {}, "expected an address of this machine .*8888'"),
        (["--host", ""], {}, "expected an address of this machine .*, got ''"),
        (["--host", "x" * 70], {}, "expected an address of this machine .*, got 'x+'"),
        ([], {"GRADIO_SERVER_NAME": "not an address"}, "expected an address .*'not an address'"),
        (
            [],
            {"GRADIO_SERVER_NAME": "http://127.0.0.1"},
            "expected an address .*'http://127.0.0.1'",
        ),
        ([], {"SAM3_CACHE_MB": "much"}, "expected SAM3_CACHE_MB to be a whole number.*'much'"),
    ],
)
def test_what_cannot_be_listened_on(
    entry: list[str],
    arguments: list[str],
    variables: dict[str, str],
    line: str,
    environment: dict[str, str],
) -> None:
    code, out, err = failed([*entry, *arguments], environment | variables)
    assert (code, out) == (2, "")
    assert re.fullmatch(f"error: {line}[^\n]*\n", err), err


@pytest.mark.parametrize("entry", [SERVE, APP], ids=["serve", "app.py"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_a_port_that_is_taken(entry: list[str], host: str, environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, out, err = failed([*entry, "--host", host, "--port", str(port)], environment)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: expected a free port, got {port}, ")
    assert err.count("\n") == 1


def nothing_can_be_written() -> None:
    """Files of any folder, as on a disk that is full or read-only; not pipes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.parametrize("entry", [SERVE, APP], ids=["serve", "app.py"])
def test_no_folder_for_temporary_files(entry: list[str], environment: dict[str, str]) -> None:
    command = [*entry, "--port", "0"]
    code, out, err = failed(command, environment, before=nothing_can_be_written)
    assert (code, out) == (2, "")
    assert err == (
        "error: expected a folder for temporary files that can be written to (TMPDIR), got none\n"
    )


def test_a_folder_for_temporary_files_that_takes_no_folder(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / f"sam3-playground-{os.getuid()}").write_text("in the way")
    code, out, err = failed([*SERVE, "--port", "0"], environment | {"TMPDIR": str(tmp_path)})
    assert (code, out) == (2, "")
    assert err.startswith("error: expected a folder for temporary files")
    assert err.count("\n") == 1


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_port_0_takes_a_free_one_and_says_which(host: str) -> None:
    """Though Gradio reads the same variables, and would fail at them."""
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    variables = {"GRADIO_SERVER_NAME": host, "GRADIO_SERVER_PORT": "abc", "GRADIO_NUM_PORTS": ""}
    with served(
        [*SERVE, "--port", "0", "--weights", "tiny"], own_environment() | variables
    ) as lines:
        said = next(line for line in lines if line.startswith("page and REST API: "))
        url = httpx.URL(said.split()[-1])
        assert url.host == host
        assert url.port not in {None, 0, 7860}
        assert httpx.get(url, trust_env=False).status_code == 200


def test_told_to_end_while_weights_load() -> None:
    """`served` holds that each ends well."""

    def ended_after(seconds: float) -> None:
        with served([*SERVE, "--port", "0", "--weights", "tiny"], own_environment()) as lines:
            next(line for line in lines if line.startswith("page and REST API: "))
            time.sleep(seconds)

    with ThreadPoolExecutor(4) as servers:
        list(servers.map(ended_after, (0.0, 0.05, 0.1, 0.2)))


def test_a_port_that_another_server_takes_meanwhile() -> None:
    script = """
from sam3_playground.config import Settings
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui import build_page
from sam3_playground.ui.launch import launch_page
from sam3_playground.errors import InvalidInputError
from tests.fakes import FakeSegmenter
import socket

page = build_page(SegmenterService.of(FakeSegmenter()), Settings())
with socket.create_server(("127.0.0.1", 0)) as other:
    try:
        launch_page(page, [], Settings(), host="127.0.0.1", port=other.getsockname()[1])
    except InvalidInputError as error:
        print(error)
"""
    code, out, err = failed(["-c", script], own_environment())
    assert re.fullmatch(
        "expected to listen on port [0-9]+, got none: another program was quicker\n", out
    ), err
    assert code == 0
