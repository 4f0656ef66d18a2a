"""A download goes on where it broke off, stays within bounds, and ends whole or not at all."""

from __future__ import annotations

import random
import resource
import shutil
from pathlib import Path

import filelock
import pytest

from sam3_playground.errors import (
    FetchCancelledError,
    InvalidInputError,
    PlaygroundError,
    StorageError,
    WeightsUnavailableError,
)
from sam3_playground.weights import download
from sam3_playground.weights.getting import Progress, get_weights
from sam3_playground.weights.here import Found
from tests.weights.mirror import PICKLED, Mirror, Served

CONTENT = PICKLED + random.Random(1).randbytes(999_998)
OTHER = PICKLED + random.Random(2).randbytes(1_199_998)
PATH = "/files/mine.safetensors"

pytestmark = pytest.mark.usefixtures("accepted")


def get(server: Mirror, folder: Path, path: str = PATH) -> Found:
    return get_weights(server.url + path, folder=folder)


def broken_off(server: Mirror, folder: Path) -> None:
    with pytest.raises(WeightsUnavailableError, match="broke off"):
        get(server, folder)
    assert not (folder / "mine.safetensors").exists()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_comes_whole_and_its_progress_is_told(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT)
    told: list[Progress] = []
    found = get_weights(elsewhere.url + PATH, folder=folder, progress=told.append)
    assert found.path.read_bytes() == CONTENT
    assert (found.source, found.byte_count, found.bundled) == ("mine.safetensors", 1_000_000, False)
    assert names(folder) == ["mine.safetensors"]
    done = [it.done for it in told]
    assert (done[0], done[-1]) == (0, 1_000_000)
    assert done == sorted(done)
    assert {it.total for it in told} == {1_000_000}


def test_what_broke_off_goes_on(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT, drops=[300_000])
    broken_off(elsewhere, folder)
    told: list[Progress] = []
    found = get_weights(elsewhere.url + PATH, folder=folder, progress=told.append)
    assert found.path.read_bytes() == CONTENT
    assert elsewhere.ranges == [None, "bytes=300000-"]
    assert elsewhere.asked[1].headers["if-range"] == '"one"'
    assert told[0].done == 300_000
    assert names(folder) == ["mine.safetensors"]


def test_one_run_tries_again_while_something_comes(
    elsewhere: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "RETRIES", 1)
    elsewhere.files[PATH] = Served(CONTENT, drops=[300_000, 200_000, 100_000])
    assert get(elsewhere, folder).path.read_bytes() == CONTENT
    assert elsewhere.ranges == [None, "bytes=300000-", "bytes=500000-", "bytes=600000-"]


def test_one_run_gives_up_when_nothing_comes(
    elsewhere: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "RETRIES", 2)
    elsewhere.files[PATH] = Served(CONTENT, drops=[300_000, 0, 0, 0])
    broken_off(elsewhere, folder)
    assert len(elsewhere.ranges) == 3


def test_a_server_that_ignores_ranges(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT, drops=[300_000], ranges=False)
    broken_off(elsewhere, folder)
    assert get(elsewhere, folder).path.read_bytes() == CONTENT
    assert elsewhere.ranges[1] == "bytes=300000-"


@pytest.mark.parametrize("heeds_if_range", [True, False])
@pytest.mark.parametrize("now", [OTHER, PICKLED + CONTENT[:1:-1], OTHER[:100_000]])
def test_a_file_that_changed_meanwhile(
    heeds_if_range: bool,
    now: bytes,
    elsewhere: Mirror,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(download, "RETRIES", 1)
    elsewhere.files[PATH] = Served(CONTENT, drops=[300_000, 0])
    broken_off(elsewhere, folder)
    elsewhere.files[PATH] = Served(now, etag='"two"', heeds_if_range=heeds_if_range)
    assert get(elsewhere, folder).path.read_bytes() == now


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_way_to_know_a_version_again_it_begins_anew(
    etag: str | None, elsewhere: Mirror, folder: Path
) -> None:
    elsewhere.files[PATH] = Served(CONTENT, etag=etag, drops=[300_000])
    with pytest.raises(WeightsUnavailableError, match=r"broke off\. Start again: it begins anew"):
        get(elsewhere, folder)
    assert names(folder) == []
    assert get(elsewhere, folder).path.read_bytes() == CONTENT
    assert elsewhere.ranges == [None, None]


def test_a_date_serves_to_know_a_version_again(elsewhere: Mirror, folder: Path) -> None:
    date = {"Last-Modified": "Thu, 19 Nov 2025 10:00:00 GMT"}
    served = Served(CONTENT, etag=None, headers=date, drops=[300_000], heeds_if_range=False)
    elsewhere.files[PATH] = served
    broken_off(elsewhere, folder)
    assert get(elsewhere, folder).path.read_bytes() == CONTENT
    assert elsewhere.asked[1].headers["if-range"] == date["Last-Modified"]


def test_parts_of_another_address_are_not_mixed_in(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT, drops=[300_000])
    elsewhere.files["/b/mine.safetensors"] = Served(OTHER)
    broken_off(elsewhere, folder)
    assert get(elsewhere, folder, "/b/mine.safetensors").path.read_bytes() == OTHER
    assert elsewhere.ranges == [None, None]


def test_one_that_is_stopped_goes_on_later(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT)
    seen: list[Progress] = []
    with pytest.raises(FetchCancelledError, match="was stopped"):
        get_weights(
            elsewhere.url + PATH,
            folder=folder,
            progress=seen.append,
            cancelled=lambda: bool(seen),
        )
    assert not (folder / "mine.safetensors").exists()
    assert get(elsewhere, folder).path.read_bytes() == CONTENT
    first = elsewhere.ranges[1]
    assert first is not None
    assert first.startswith("bytes=")


def test_too_little_room_is_told_before_anything_is_written(
    elsewhere: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.files[PATH] = Served(CONTENT)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 8, 1))
    with pytest.raises(StorageError, match=r"expected 0\.1 GB free on the disk .*, got 0\.0 GB"):
        get(elsewhere, folder)
    assert names(folder) == []


def test_a_disk_that_fills_up_meanwhile(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT)
    _, hard = limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        with pytest.raises(StorageError, match="The disk is full"):
            get(elsewhere, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not (folder / "mine.safetensors").exists()
    assert get(elsewhere, folder).path.read_bytes() == CONTENT
    assert elsewhere.ranges == [None, "bytes=200000-"]


def test_a_file_without_end_is_cut_and_thrown_away(
    elsewhere: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MAX_BYTES", 500_000)
    elsewhere.files[PATH] = Served(CONTENT, chunked=True)
    with pytest.raises(WeightsUnavailableError, match="expected a file of at most"):
        get(elsewhere, folder)
    assert names(folder) == []


def test_a_length_that_nobody_said(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT, chunked=True, drops=[300_000])
    broken_off(elsewhere, folder)
    assert get(elsewhere, folder).path.read_bytes() == CONTENT
    assert elsewhere.ranges == [None, "bytes=300000-"]


def test_a_redirect_is_followed(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH] = Served(status=302, headers={"Location": "/signed?key=secret"})
    elsewhere.files["/signed?key=secret"] = Served(CONTENT, drops=[300_000])
    broken_off(elsewhere, folder)
    elsewhere.files[PATH].headers["Location"] = "/signed?key=other"
    elsewhere.files["/signed?key=other"] = Served(CONTENT)
    assert get(elsewhere, folder).path.read_bytes() == CONTENT
    assert elsewhere.asked[-1].headers["range"] == "bytes=300000-"


def test_what_is_secret_in_an_address_is_told_to_nobody(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH + "?key=secret"] = Served(CONTENT, drops=[300_000])
    with pytest.raises(PlaygroundError) as caught:
        get(elsewhere, folder, PATH + "?key=secret")
    assert "secret" not in str(caught.value)
    noted = [path for path in folder.iterdir() if path.suffix == ".json"]
    assert len(noted) == 1
    assert "secret" not in noted[0].read_text("utf-8")


def test_a_file_of_that_name_is_kept(elsewhere: Mirror, folder: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT)
    folder.mkdir()
    (folder / "mine.safetensors").write_bytes(b"mine")
    with pytest.raises(InvalidInputError, match="in the weights folder yet, got one"):
        get(elsewhere, folder)
    assert (folder / "mine.safetensors").read_bytes() == b"mine"


def test_two_at_once_do_not_write_to_one_file(elsewhere: Mirror, folder: Path, home: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT)
    get(elsewhere, folder).path.unlink()
    (lock,) = (home / "XDG_CACHE_HOME").rglob("*.lock")
    with (
        filelock.FileLock(lock),
        pytest.raises(WeightsUnavailableError, match="is being fetched already"),
    ):
        get(elsewhere, folder)
    assert names(folder) == []


def test_a_folder_that_cannot_be_made(elsewhere: Mirror, tmp_path: Path) -> None:
    elsewhere.files[PATH] = Served(CONTENT)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="expected a folder that"):
        get(elsewhere, tmp_path / "file")


def test_nobody_at_the_address(elsewhere: Mirror, folder: Path) -> None:
    from tests.servers import free_port

    place = f"127.0.0.1:{free_port()}"
    with pytest.raises(WeightsUnavailableError) as caught:
        get_weights(f"http://{place}/sam3.pt", folder=folder)
    assert str(caught.value) == (
        f"{place} could not be reached for sam3.pt. Does a server run there?"
    )
