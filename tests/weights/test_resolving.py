"""Which weights run, and what is said when the gated ones cannot be had."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from sam3_playground.errors import CheckpointError, StorageError, WeightsUnavailableError
from sam3_playground.model import loading
from sam3_playground.model.config import TINY
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.weights import here, licence
from sam3_playground.weights import resolving as weights
from sam3_playground.weights.bundled_file import BUNDLED_FILE, bundled_path
from sam3_playground.weights.resolving import resolve_weights
from sam3_playground.weights.sources import GATED_REPOSITORY, HubFile
from tests.weights.mirror import PICKLED

BUNDLED = bundled_path()
GET = "try `sam3-playground weights get"


def silent(_: str) -> None:
    """Say nothing."""


FAILURES: list[Exception] = [
    WeightsUnavailableError("The hub refused it."),
    StorageError("The disk is full."),
]


@pytest.fixture
def hub_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A hub whose cache, token and download the test decides; the bundled file is a dummy."""
    state: dict[str, Any] = {"cached": {}, "token": None, "failure": None, "fetched": []}
    bundled = tmp_path / BUNDLED_FILE
    bundled.write_bytes(PICKLED + b"tiny")

    def fetch(file: HubFile, **_: object) -> Path:
        state["fetched"].append(file.spelling)
        if state["failure"]:
            raise state["failure"]
        return tmp_path / file.file_name

    def cached(file: HubFile) -> Path | None:
        found: Path | None = state["cached"].get(file.spelling)
        return found

    for module in (weights, here):
        monkeypatch.setattr(module, "cached", cached)
        monkeypatch.setattr(module, "bundled_path", lambda: bundled)
    monkeypatch.setattr(weights, "has_token", lambda: state["token"] is not None)
    monkeypatch.setattr(weights, "fetch_from_hub", fetch)
    return state


def test_without_token_the_bundled_ones_run_and_say_how_to_get_the_real_ones(
    hub_state: dict[str, Any],
) -> None:
    info = resolve_weights(None, say=silent)
    assert info.bundled
    assert GATED_REPOSITORY in info.note
    assert GET in info.note
    assert hub_state["fetched"] == []


@pytest.mark.parametrize(
    ("cached", "name"),
    [
        (["sam3.pt"], "facebook/sam3"),
        (["model.safetensors"], "facebook/sam3:model.safetensors"),
        (["model.safetensors", "sam3.pt"], "facebook/sam3"),
    ],
)
def test_the_cached_gated_weights_run_without_asking_the_hub(
    cached: list[str], name: str, hub_state: dict[str, Any], tmp_path: Path
) -> None:
    for file in cached:
        (tmp_path / file).write_bytes(PICKLED + b"weights")
        hub_state["cached"][HubFile(GATED_REPOSITORY, file).spelling] = tmp_path / file
    info = resolve_weights(None, say=silent)
    assert (info.name, info.bundled, info.note) == (name, False, "")
    assert resolve_weights(name, say=silent) == info
    assert hub_state["fetched"] == []


def test_a_token_lets_them_be_fetched_and_says_so(hub_state: dict[str, Any]) -> None:
    hub_state["token"] = "approved"
    said: list[str] = []
    assert not resolve_weights(None, say=said.append).bundled
    assert "3.4 GB" in said[0]
    assert hub_state["fetched"] == [GATED_REPOSITORY]


@pytest.mark.parametrize("failure", FAILURES)
def test_no_failure_of_the_hub_stops_a_start(failure: Exception, hub_state: dict[str, Any]) -> None:
    hub_state |= {"token": "approved", "failure": failure}
    info = resolve_weights(None, say=silent)
    assert info.bundled
    assert str(failure) in info.note
    assert "bundled tiny checkpoint instead" in info.note
    with pytest.raises(type(failure), match=str(failure)):
        resolve_weights(GATED_REPOSITORY, say=silent)


@pytest.mark.parametrize("name", ["nothing.pt", "nothing", "a/b/c", "folder/nothing.safetensors"])
def test_what_is_neither_file_nor_hub_id_is_refused(name: str, hub_state: dict[str, Any]) -> None:
    with pytest.raises(WeightsUnavailableError, match=f"expected a checkpoint file.*{GET}"):
        resolve_weights(name, say=silent)
    assert hub_state["fetched"] == []


def test_a_file_in_the_weights_folder_goes_by_its_name_there(
    hub_state: dict[str, Any], folder: Path, tmp_path: Path
) -> None:
    (folder / "more").mkdir(parents=True)
    for name in ("mine.pt", "more/other.safetensors"):
        (folder / name).write_bytes(b"weights")
        info = resolve_weights(name, say=silent, folder=folder)
        assert info.path == folder / name
        assert info.name == Path(name).name
    (tmp_path / "outside.pt").write_bytes(b"weights")
    with pytest.raises(WeightsUnavailableError, match=r"got 'outside\.pt', which is none"):
        resolve_weights("../outside.pt", say=silent, folder=folder)


@pytest.mark.parametrize(
    ("source", "tried"),
    [
        ("modelscope:facebook/sam3", "modelscope:facebook/sam3"),
        ("https://example.com/secret/sam3.pt", "ADDRESS"),
        ("owner/name:mine.pt", "owner/name:mine.pt"),
    ],
)
def test_nothing_comes_from_a_third_party_by_itself(
    source: str, tried: str, hub_state: dict[str, Any], folder: Path
) -> None:
    with pytest.raises(WeightsUnavailableError, match=f"{GET} {tried}`") as caught:
        resolve_weights(source, say=silent, folder=folder)
    assert "secret" not in str(caught.value)
    assert hub_state["fetched"] == []


def test_a_named_hub_id_is_fetched_once_the_licence_is_accepted(hub_state: dict[str, Any]) -> None:
    licence.accept()
    assert resolve_weights("owner/name:mine.pt", say=silent).name == "owner/name:mine.pt"
    assert hub_state["fetched"] == ["owner/name:mine.pt"]


def test_what_was_fetched_from_modelscope_runs(hub_state: dict[str, Any], folder: Path) -> None:
    path = folder / "modelscope" / "facebook" / "sam3" / "sam3.pt"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    info = resolve_weights("modelscope:facebook/sam3", say=silent, folder=folder)
    assert (info.name, info.path) == ("modelscope:facebook/sam3", path)


def test_a_file_of_ones_own_that_is_metas_runs_by_default(
    hub_state: dict[str, Any],
    folder: Path,
    known: Callable[[bytes], None],
) -> None:
    known(PICKLED + b"the published weights")
    folder.mkdir()
    (folder / "a.pt").write_bytes(PICKLED + b"as large as the other")
    (folder / "b.pt").write_bytes(PICKLED + b"the published weights")
    said: list[str] = []
    info = resolve_weights(None, say=said.append, folder=folder)
    assert (info.name, info.bundled) == ("b.pt", False)
    assert len(said) == 2
    assert resolve_weights(None, say=pytest.fail, folder=folder) == info


def test_a_half_downloaded_file_falls_back_unless_it_was_named(
    hub_state: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = tmp_path / "sam3.pt"
    torch.save({"detector.backbone.x": torch.zeros(1000)}, half)
    half.write_bytes(half.read_bytes()[:300])
    hub_state["cached"][GATED_REPOSITORY] = half
    monkeypatch.setattr(loading, "read_config", lambda _: TINY)
    shutil.copy(BUNDLED, tmp_path / BUNDLED_FILE)
    segmenter = load_segmenter(None, device="cpu", say=silent)
    assert segmenter.weights.bundled
    assert "300 bytes" in segmenter.weights.note
    with pytest.raises(CheckpointError, match="300 bytes"):
        load_segmenter(str(half), device="cpu", say=silent)
    assert load_segmenter(str(half), device="cpu", fall_back=True, say=silent).weights.bundled
