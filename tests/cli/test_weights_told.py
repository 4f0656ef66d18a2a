"""Which weights run, and that others failed, is told alike on console, page and API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from safetensors.torch import load_file, save_file

from sam3_playground.weights.resolving import bundled_path
from tests.api.conftest import base64_image
from tests.cli.server_process import SERVE, own_environment, served

INSTEAD = "Running the bundled tiny checkpoint instead"
BODY = {"image": base64_image(), "prompts": [{"type": "text", "text": "circle"}]}


@contextmanager
def told(*options: str, last: str) -> Iterator[tuple[httpx.Client, list[str]]]:
    """A client of a server with these options, and what its console says up to the last line."""
    with served([*SERVE, "--port", "0", *options], own_environment()) as lines:
        said: list[str] = []
        while not any(re.search(last, line) for line in said) or not urls(said):
            said.append(next(lines))
        with httpx.Client(base_url=urls(said)[0], trust_env=False, timeout=60) as http:
            yield http, said


def urls(lines: list[str]) -> list[str]:
    return [line.split()[-1] for line in lines if line.startswith("page and REST API: ")]


def page_status(http: httpx.Client) -> dict[str, Any]:
    """What the page shows of the weights to one who comes now."""
    functions = http.get("/config").json()["dependencies"]
    load = next(one for one in functions if ["load"] in [x[1:] for x in one["targets"]])
    ask = {"data": [], "fn_index": load["id"], "session_hash": "visitor"}
    http.post("/gradio_api/queue/join", json=ask).raise_for_status()
    with http.stream("GET", "/gradio_api/queue/data", params={"session_hash": "visitor"}) as events:
        done = next(line for line in events.iter_lines() if "process_completed" in line)
    canvas = json.loads(done.removeprefix("data: "))["output"]["data"][0]
    status: dict[str, Any] = canvas["props"]["status"]
    return status


def test_a_device_that_is_none() -> None:
    reason = "expected a device of this machine such as cpu or cuda, got 'nonsense'"
    with told("--device", "nonsense", last="no weights run") as (http, said):
        assert f"error: no weights run: {reason}\n" in said
        health = http.get("/healthz")
        assert health.status_code == 503
        assert health.json() == {
            "status": "failed",
            "weights": None,
            "fallback": False,
            "message": f"{reason}.",
        }
        assert page_status(http)["state"] == "failed"
        assert page_status(http)["message"] == reason
        answer = http.post("/sam3/concept_segment", json=BODY)
        assert answer.status_code == 503
        assert answer.json()["detail"] == "the server has no weights that it could answer with"


def spoiled(path: Path) -> None:
    content = load_file(bundled_path())
    content[min(content)].view(-1)[0] = torch.nan
    save_file(content, path, metadata={"network_config": network_config()})


def malformed(path: Path) -> None:
    save_file(load_file(bundled_path()), path, metadata={"network_config": "[1, 2]"})


def network_config() -> str:
    from safetensors import safe_open

    with safe_open(bundled_path(), framework="pt") as file:
        config: str = file.metadata()["network_config"]
    return config


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (spoiled, "expected finite numbers in mine.safetensors, got NaN or infinity in "),
        (malformed, "the network_config of mine.safetensors: expected an object"),
        (lambda path: path.write_text("<html></html>"), "mine.safetensors of 13 bytes, which is a"),
    ],
    ids=["NaN", "network_config", "web page"],
)
def test_weights_that_fail(spoil: Any, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    spoil(path)
    with told("--weights", str(path), "--device", "cpu", last=INSTEAD) as (http, said):
        (line,) = (line for line in said if INSTEAD in line)
        assert line.startswith("warning: ")
        assert reason in line
        health = http.get("/healthz")
        assert health.status_code == 200
        assert (health.json()["weights"], health.json()["fallback"]) == ("tiny", True)
        status = page_status(http)
        assert (status["state"], status["fallback"]) == ("ready", True)
        for text in (health.json()["message"], status["note"]):
            assert line.removeprefix("warning: ").strip() in text
            assert str(tmp_path) not in text
        answer = http.post("/sam3/concept_segment", json=BODY)
        assert answer.status_code == 200
        assert answer.headers["x-sam3-weights"] == "tiny"
        assert answer.headers["x-sam3-fallback"] == "1"


def test_weights_that_run(tmp_path: Path) -> None:
    """The control: a file of one's own, by its name."""
    path = tmp_path / "mine schön.safetensors"
    path.write_bytes(bundled_path().read_bytes())
    with told("--weights", str(path), "--device", "cpu", last="SAM 3 weights") as (http, said):
        assert "SAM 3 weights mine schön.safetensors on cpu\n" in said
        assert [line for line in said if "warning" in line or "error" in line] == []
        assert http.get("/healthz").json() == {
            "status": "ready",
            "weights": "mine schön.safetensors",
            "fallback": False,
            "message": "SAM 3 weights mine schön.safetensors on cpu.",
        }
        assert page_status(http)["message"] == "SAM 3 weights mine schön.safetensors on cpu"
        answer = http.post("/sam3/embed_image", json={"image": BODY["image"]})
        assert answer.headers["x-sam3-weights"] == "mine sch%C3%B6n.safetensors"
        assert "x-sam3-fallback" not in answer.headers
