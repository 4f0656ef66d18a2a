"""Tools for models without their package, and behind keys."""

from __future__ import annotations

import sys
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from sam3_playground.calls import Calls
from sam3_playground.calls.mcp_route import MCP, mcp_route
from sam3_playground.cli.main import main
from sam3_playground.config import Settings
from tests.api.conftest import running

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
HEADERS = {"accept": "application/json, text/event-stream"}


def test_without_the_package_nothing_begins_and_the_command_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", cast("Any", None))
    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", cast("Any", None))
    with pytest.raises(SystemExit) as stop:
        main(["serve", "--mcp", "--port", "0"])
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert "expected the package mcp" in said
    assert "python -m pip install 'mcp>=1.30,<2'" in said


def test_keys_open_the_tools() -> None:
    settings = Settings(api_keys=frozenset({"key"}))
    route = mcp_route(cast("Calls", None), settings)
    with running(Starlette(routes=[route])) as url, httpx.Client(trust_env=False) as http:
        for key in ({}, {"authorization": "Bearer other"}):
            answer = http.post(url + MCP, json=LIST, headers=HEADERS | key)
            assert answer.status_code == 401
            assert "expected an API key" in answer.json()["detail"]
        right = HEADERS | {"authorization": "Bearer key"}
        tools = http.post(url + MCP, json=LIST, headers=right).json()["result"]["tools"]
        assert len(tools) == 3


def test_a_page_of_another_site_is_no_program() -> None:
    route = mcp_route(cast("Calls", None), Settings())
    with running(Starlette(routes=[route])) as url, httpx.Client(trust_env=False) as http:

        def status(**headers: str) -> int:
            given = HEADERS | {name.replace("_", "-"): text for name, text in headers.items()}
            return http.post(url + MCP, json=LIST, headers=given).status_code

        assert status() == 200
        assert status(origin=url) == 200
        assert status(origin="https://elsewhere.example") == 403
        assert status(origin="http://[") == status(origin="null") == 403
        assert status(sec_fetch_site="cross-site", sec_fetch_mode="cors") == 403
