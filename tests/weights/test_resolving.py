"""Which weights run, and what is said when the gated ones cannot be had."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from huggingface_hub import errors as hub

from sam3_playground.errors import CheckpointError, WeightsUnavailableError
from sam3_playground.model import loading
from sam3_playground.model.config import TINY
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.weights import resolving as weights
from sam3_playground.weights.resolving import GATED_REPOSITORY, resolve_weights

BUNDLED = weights.bundled_path()


def silent(_: str) -> None:
    """Say nothing."""


def http_error(kind: type[hub.HfHubHTTPError]) -> Exception:
    request = httpx.Request("GET", "https://hub.example")
    return kind("refused", response=httpx.Response(403, request=request))


FAILURES: list[tuple[str, Callable[[], Exception], str]] = [
    ("gated", lambda: http_error(hub.GatedRepoError), "access is granted by its owners"),
    ("unknown", lambda: http_error(hub.RepositoryNotFoundError), "knows no"),
    ("offline", lambda: hub.LocalEntryNotFoundError("no"), "could not be reached"),
    ("hub error", lambda: http_error(hub.HfHubHTTPError), "answered with an error"),
    ("broken off", lambda: httpx.ReadError("gone"), "broke off"),
    ("disk full", lambda: OSError(28, "No space left"), "broke off"),
]


@pytest.fixture
def hub_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A hub whose cache, token and download the test decides; the bundled file is a dummy."""
    state: dict[str, Any] = {"cached": None, "token": None, "failure": None, "downloads": 0}
    bundled = tmp_path / weights.BUNDLED_FILE
    bundled.write_bytes(b"tiny")

    def download(repository: str, name: str) -> str:
        state["downloads"] += 1
        if state["failure"]:
            raise state["failure"]
        return str(tmp_path / name)

    monkeypatch.setattr(weights, "try_to_load_from_cache", lambda *_: state["cached"])
    monkeypatch.setattr(weights, "get_token", lambda: state["token"])
    monkeypatch.setattr(weights, "hf_hub_download", download)
    monkeypatch.setattr(weights, "bundled_path", lambda: bundled)
    return state


def test_without_token_the_bundled_ones_run_and_say_how_to_get_the_real_ones(
    hub_state: dict[str, Any],
) -> None:
    info = resolve_weights(None, say=silent)
    assert info.bundled
    assert GATED_REPOSITORY in info.note
    assert hub_state["downloads"] == 0


def test_the_cached_gated_weights_run_without_asking_the_hub(hub_state: dict[str, Any]) -> None:
    hub_state["cached"] = "/cache/sam3.pt"
    info = resolve_weights(None, say=silent)
    assert (info.name, info.bundled, info.note) == (GATED_REPOSITORY, False, "")
    assert hub_state["downloads"] == 0


def test_a_token_lets_them_be_fetched_and_says_so(hub_state: dict[str, Any]) -> None:
    hub_state["token"] = "approved"
    said: list[str] = []
    assert not resolve_weights(None, say=said.append).bundled
    assert "3.4 GB" in said[0]


@pytest.mark.parametrize(
    ("failure", "message"), [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES]
)
def test_no_failure_of_the_hub_stops_a_start(
    failure: Callable[[], Exception], message: str, hub_state: dict[str, Any]
) -> None:
    hub_state |= {"token": "approved", "failure": failure()}
    info = resolve_weights(None, say=silent)
    assert info.bundled
    assert message in info.note
    assert "bundled tiny checkpoint instead" in info.note
    with pytest.raises(WeightsUnavailableError, match=message):
        resolve_weights(GATED_REPOSITORY, say=silent)


@pytest.mark.parametrize("name", ["nothing.pt", "nothing", "a/b/c", "folder/nothing.safetensors"])
def test_what_is_neither_file_nor_hub_id_is_refused(name: str, hub_state: dict[str, Any]) -> None:
    with pytest.raises(WeightsUnavailableError, match="expected a checkpoint file"):
        resolve_weights(name, say=silent)
    assert hub_state["downloads"] == 0


def test_a_half_downloaded_file_falls_back_unless_it_was_named(
    hub_state: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = tmp_path / "sam3.pt"
    torch.save({"detector.backbone.x": torch.zeros(1000)}, half)
    half.write_bytes(half.read_bytes()[:300])
    hub_state["cached"] = str(half)
    monkeypatch.setattr(loading, "read_config", lambda _: TINY)
    shutil.copy(BUNDLED, tmp_path / weights.BUNDLED_FILE)
    segmenter = load_segmenter(None, device="cpu", say=silent)
    assert segmenter.weights.bundled
    assert "300 bytes" in segmenter.weights.note
    with pytest.raises(CheckpointError, match="300 bytes"):
        load_segmenter(str(half), device="cpu", say=silent)
    assert load_segmenter(str(half), device="cpu", fall_back=True, say=silent).weights.bundled
