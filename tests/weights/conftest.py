"""A user without weights, settings and tokens, and servers that stand for those outside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import close_session, constants

from sam3_playground.weights import download, licence, published, sources
from tests.weights.mirror import Mirror, mirror


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this user's folders are, all of them empty."""
    home = tmp_path / "home"
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home / name))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "SAM3_WEIGHTS_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(download, "RETRIES", 0)
    monkeypatch.setattr(download, "RETRY_SECONDS", 0.0)
    return home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of one's own for weights, not there yet."""
    return tmp_path / "weights"


@pytest.fixture
def accepted() -> None:
    """The licence has been accepted."""
    licence.accept()


@pytest.fixture
def elsewhere() -> Iterator[Mirror]:
    """Any server, ModelScope among them."""
    with mirror() as found, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "MODELSCOPE", found.url)
        yield found


@pytest.fixture
def hub() -> Iterator[Mirror]:
    """The Hugging Face hub, of another name than all others: its library goes by that."""
    with mirror("localhost") as found, pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "ENDPOINT", found.url)
        patch.setattr(
            constants,
            "HUGGINGFACE_CO_URL_TEMPLATE",
            found.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        patch.setattr(constants, "HF_HUB_OFFLINE", False)
        close_session()
        yield found
        close_session()


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Make Meta's published sam3.pt a small file of that content."""

    def know(content: bytes) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        small = replace(published.PUBLISHED[0], byte_count=len(content), sha256=sha256)
        monkeypatch.setattr(published, "PUBLISHED", (small,))

    return know
