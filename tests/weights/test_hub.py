"""The hub's files: behind a gate, in the hub's own cache, and a token that only the hub is told."""

from __future__ import annotations

import errno
import hashlib
import random
import traceback
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from huggingface_hub import errors as hub_errors
from huggingface_hub import hf_hub_download, try_to_load_from_cache

from sam3_playground.errors import (
    FetchCancelledError,
    InvalidInputError,
    LicenceError,
    PlaygroundError,
    StorageError,
    WeightsUnavailableError,
)
from sam3_playground.weights import hub as hub_module
from sam3_playground.weights import licence
from sam3_playground.weights.getting import get_weights
from sam3_playground.weights.here import weights_here
from tests.weights.mirror import PICKLED, Mirror, Served

CONTENT = PICKLED + random.Random(3).randbytes(699_998)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
COMMIT = "3c879f39826c281e95690f02c7821c4de09afae7"
TOKEN = "hf_secretSecret"


def publish(
    hub: Mirror, storage: Mirror, file: str = "facebook/sam3:sam3.pt", *, token: str | None = TOKEN
) -> None:
    """A file as the hub has it: behind its gate, its content with a storage elsewhere."""
    repository, name = file.split(":")
    storage.files["/blob?signed=1"] = Served(CONTENT)
    hub.files[f"/{repository}/resolve/main/{name}"] = Served(
        status=302,
        etag=None,
        token=token,
        headers={
            "Location": f"{storage.url}/blob?signed=1",
            "X-Repo-Commit": COMMIT,
            "X-Linked-Etag": f'"{SHA256}"',
            "X-Linked-Size": str(len(CONTENT)),
        },
    )


def tokens(server: Mirror) -> set[str | None]:
    return {it.headers.get("authorization") for it in server.asked}


def test_a_gated_file_comes_into_the_hubs_cache(
    hub: Mirror, elsewhere: Mirror, folder: Path
) -> None:
    publish(hub, elsewhere)
    found = get_weights(None, folder=folder, token=TOKEN)
    assert (found.source, found.name, found.bundled) == ("facebook/sam3", "facebook/sam3", False)
    assert found.path.read_bytes() == CONTENT
    assert str(found.path) == try_to_load_from_cache("facebook/sam3", "sam3.pt")
    assert str(found.path) == hf_hub_download("facebook/sam3", "sam3.pt", local_files_only=True)
    blobs = found.path.resolve().parent
    assert [path.name for path in blobs.iterdir()] == [SHA256]
    assert not folder.exists()
    asked = len(hub.asked)
    assert get_weights("facebook/sam3", folder=folder) == found
    assert len(hub.asked) == asked


@pytest.mark.parametrize("by", ["argument", "HF_TOKEN"])
def test_a_token_is_told_to_the_hub_alone(
    by: str, hub: Mirror, elsewhere: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub, elsewhere)
    if by == "HF_TOKEN":
        monkeypatch.setenv("HF_TOKEN", f" {TOKEN}\n")
    get_weights(None, folder=folder, token=TOKEN if by == "argument" else None)
    assert tokens(hub) == {f"Bearer {TOKEN}"}
    assert tokens(elsewhere) == {None}


def test_a_token_follows_no_redirect_of_the_hub_to_another_host(
    hub: Mirror, elsewhere: Mirror, folder: Path
) -> None:
    """The hub itself serves small files; then somebody sends the second question elsewhere."""
    publish(hub, elsewhere)
    served = hub.files["/facebook/sam3/resolve/main/sam3.pt"]
    served.headers["Location"] = "/own"
    hub.files["/own"] = Served(
        status=302, token=TOKEN, headers={"Location": f"{elsewhere.url}/blob?signed=1"}
    )
    hub.files["/own"].headers |= {k: v for k, v in served.headers.items() if k.startswith("X-")}
    assert get_weights(None, folder=folder, token=TOKEN).path.read_bytes() == CONTENT
    assert tokens(elsewhere) == {None}


def test_a_token_is_not_told_to_other_sources(
    elsewhere: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    elsewhere.files["/mine.pt"] = Served(CONTENT)
    elsewhere.files["/models/facebook/sam3/resolve/master/sam3.pt"] = Served(CONTENT)
    for source in (f"{elsewhere.url}/mine.pt", "modelscope:facebook/sam3"):
        get_weights(source, folder=folder, token=TOKEN, licence_accepted=True)
    assert tokens(elsewhere) == {None}


@pytest.mark.parametrize(
    ("token", "kind", "message"),
    [
        (None, WeightsUnavailableError, "its access is granted by its owners"),
        ("hf_otherSecret", WeightsUnavailableError, "try `sam3-playground weights get facebook/sa"),
        ("hf_other\nSecret", InvalidInputError, "got one with other characters"),
        ("hf_öSecret", InvalidInputError, "got one with other characters"),
        ("hf_Secret" * 100, InvalidInputError, "got one with other characters"),
    ],
)
def test_a_refused_token_is_in_no_message(
    token: str | None,
    kind: type[PlaygroundError],
    message: str,
    hub: Mirror,
    elsewhere: Mirror,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    publish(hub, elsewhere)
    caplog.set_level("DEBUG")
    with pytest.raises(kind, match=message) as caught:
        get_weights(None, folder=folder, token=token)
    said = "".join(traceback.format_exception(caught.value)) + caplog.text + str(capfd.readouterr())
    assert "Secret" not in said.replace("hf_other\\nSecret", "")
    assert elsewhere.asked == []


def test_a_token_of_the_environment_that_is_none(
    hub: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "two words")
    with pytest.raises(WeightsUnavailableError, match="HF_TOKEN or `hf auth login`: expected a t"):
        get_weights(None, folder=folder)
    assert hub.asked == []


def test_a_download_from_the_hub_goes_on_at_a_new_address(
    hub: Mirror, elsewhere: Mirror, folder: Path
) -> None:
    publish(hub, elsewhere)
    elsewhere.files["/blob?signed=1"].drops = [300_000]
    with pytest.raises(WeightsUnavailableError, match="broke off"):
        get_weights(None, folder=folder, token=TOKEN)
    assert try_to_load_from_cache("facebook/sam3", "sam3.pt") is None
    assert all(it.published is None and it.bundled for it in weights_here(folder))
    hub.files["/facebook/sam3/resolve/main/sam3.pt"].headers["Location"] = (
        f"{elsewhere.url}/blob?signed=2"
    )
    elsewhere.files = {"/blob?signed=2": Served(CONTENT)}
    assert get_weights(None, folder=folder, token=TOKEN).path.read_bytes() == CONTENT
    assert elsewhere.ranges == [None, "bytes=300000-"]


def test_a_download_from_the_hub_is_stopped(hub: Mirror, elsewhere: Mirror, folder: Path) -> None:
    publish(hub, elsewhere)
    with pytest.raises(FetchCancelledError):
        get_weights(None, folder=folder, token=TOKEN, cancelled=lambda: bool(elsewhere.asked))
    assert try_to_load_from_cache("facebook/sam3", "sam3.pt") is None


def test_what_was_damaged_on_the_way_is_thrown_away(
    hub: Mirror, elsewhere: Mirror, folder: Path, home: Path
) -> None:
    publish(hub, elsewhere)
    elsewhere.files["/blob?signed=1"].content = PICKLED + CONTENT[:1:-1]
    with pytest.raises(WeightsUnavailableError, match="was damaged on the way: start again"):
        get_weights(None, folder=folder, token=TOKEN)
    assert [path for path in (home / "hub").rglob("*") if path.is_file()] == []


def test_a_hub_that_is_none(hub: Mirror, folder: Path) -> None:
    hub.files["/facebook/sam3/resolve/main/sam3.pt"] = Served(b"<html>", kind="text/html")
    with pytest.raises(WeightsUnavailableError, match="got somebody else: look at HF_ENDPOINT"):
        get_weights(None, folder=folder)


def test_a_file_that_the_hub_has_not(hub: Mirror, folder: Path) -> None:
    with pytest.raises(WeightsUnavailableError, match=r"facebook/sam3 holds no file other\.pt"):
        get_weights("facebook/sam3:other.pt", folder=folder)


def test_other_repositories_want_the_licence_first(
    hub: Mirror, elsewhere: Mirror, folder: Path
) -> None:
    publish(hub, elsewhere, "owner/copy:sub/mine.safetensors", token=None)
    source = "owner/copy:sub/mine.safetensors"
    with pytest.raises(LicenceError, match="expected the SAM License to be accepted"):
        get_weights(source, folder=folder)
    assert hub.asked == []
    assert elsewhere.asked == []
    found = get_weights(source, folder=folder, licence_accepted=True)
    assert licence.is_accepted()
    assert found.path.read_bytes() == CONTENT
    assert found in weights_here(folder)


def http_error(kind: type[hub_errors.HfHubHTTPError], status: int = 403) -> Exception:
    request = httpx.Request("GET", "https://hub.example")
    return kind("refused", response=httpx.Response(status, request=request))


@pytest.mark.parametrize(
    ("failure", "kind", "message"),
    [
        (lambda: http_error(hub_errors.GatedRepoError), WeightsUnavailableError, "by its owners"),
        (lambda: http_error(hub_errors.RepositoryNotFoundError), WeightsUnavailableError, "no f"),
        (lambda: http_error(hub_errors.HfHubHTTPError, 401), WeightsUnavailableError, "the token"),
        (lambda: http_error(hub_errors.HfHubHTTPError, 500), WeightsUnavailableError, "an error"),
        (lambda: hub_errors.LocalEntryNotFoundError("no"), WeightsUnavailableError, "be reached"),
        (lambda: hub_errors.OfflineModeIsEnabled("no"), WeightsUnavailableError, "be reached"),
        (lambda: httpx.ConnectError("no"), WeightsUnavailableError, "could not be reached"),
        (lambda: OSError(errno.ENOSPC, "No space left"), StorageError, "no space left"),
    ],
)
def test_each_failure_of_the_hub_is_told_in_words(
    failure: Callable[[], Exception],
    kind: type[PlaygroundError],
    message: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure()

    monkeypatch.setattr(hub_module, "get_hf_file_metadata", fail)
    with pytest.raises(kind, match=message):
        get_weights(None, folder=folder)
