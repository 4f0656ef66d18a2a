"""What is remembered of a user and of files: an accepted licence, a hash, a published name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sam3_playground.bundled import bundled_folder
from sam3_playground.errors import FetchCancelledError, LicenceError, StorageError
from sam3_playground.weights import licence
from sam3_playground.weights.checking import check_weights
from sam3_playground.weights.digests import known_sha256, sha256_of
from sam3_playground.weights.getting import get_weights
from sam3_playground.weights.here import Found, best_here, weights_here
from sam3_playground.weights.published import PUBLISHED, identity_of
from tests.weights.mirror import PICKLED, Mirror, Served

ROOT = Path(__file__).parents[2]
SMALL = PICKLED + b"the published weights"
MODELSCOPE = "/models/facebook/sam3/resolve/master/sam3.pt"
NOT_METAS = "this is not Meta's sam3.pt, the one published file whose SHA-256 is known here"


def test_the_licence_is_the_one_in_the_repository() -> None:
    assert licence.licence_text() == (ROOT / "licences" / "SAM_LICENSE").read_text("utf-8")
    assert licence.licence_text().startswith("SAM License\nLast Updated: November 19, 2025")


def test_a_licence_is_accepted_once_and_in_its_wording(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not licence.is_accepted()
    licence.accept()
    licence.accept()
    assert licence.is_accepted()
    text = licence.licence_text()
    monkeypatch.setattr(licence, "licence_text", lambda: text.replace("2025", "2027"))
    assert not licence.is_accepted()


def test_a_licence_that_cannot_be_remembered(home: Path) -> None:
    home.mkdir()
    (home / "XDG_CONFIG_HOME").write_bytes(b"")
    with pytest.raises(StorageError, match="expected to remember that the licence was accepted"):
        licence.accept()


def test_a_user_without_a_home_gets_weights_all_the_same(
    home: Path, elsewhere: Mirror, folder: Path, known: Callable[[bytes], None]
) -> None:
    known(SMALL)
    home.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        (home / name).write_bytes(b"no folder")
    elsewhere.files[MODELSCOPE] = Served(SMALL)
    found = get_weights("modelscope:facebook/sam3", folder=folder, licence_accepted=True)
    assert found.path.read_bytes() == SMALL
    assert found.published == "Meta's sam3.pt"
    assert not licence.is_accepted()


def test_nothing_is_asked_of_a_third_party_before_the_licence_is_accepted(
    elsewhere: Mirror, folder: Path
) -> None:
    elsewhere.files |= {MODELSCOPE: Served(SMALL), "/mine.pt": Served(SMALL)}
    for source in ("modelscope:facebook/sam3", f"{elsewhere.url}/mine.pt"):
        with pytest.raises(LicenceError, match="--accept-license"):
            get_weights(source, folder=folder)
    assert elsewhere.asked == []
    get_weights("modelscope:facebook/sam3", folder=folder, licence_accepted=True)
    get_weights(f"{elsewhere.url}/mine.pt", folder=folder)
    assert len(elsewhere.asked) == 2


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (SMALL, "Meta's sam3.pt", "this is Meta's sam3.pt"),
        (PICKLED + SMALL[:1:-1], None, NOT_METAS),
        (SMALL + b"!", None, NOT_METAS),
    ],
)
@pytest.mark.usefixtures("accepted")
def test_a_file_from_elsewhere_is_compared_with_the_published_hash(
    content: bytes,
    name: str | None,
    said: str,
    elsewhere: Mirror,
    folder: Path,
    known: Callable[[bytes], None],
) -> None:
    known(SMALL)
    elsewhere.files[MODELSCOPE] = Served(content)
    found = get_weights("modelscope:facebook/sam3", folder=folder)
    assert found.source == "modelscope:facebook/sam3"
    assert found.path.read_bytes() == content
    assert found.published == name
    assert identity_of(found.published) == said
    assert found in weights_here(folder)
    assert get_weights("modelscope:facebook/sam3", folder=folder) == found
    assert len(elsewhere.asked) == 1


def test_what_is_known_of_metas_files_is_well_formed() -> None:
    for it in PUBLISHED:
        assert len(bytes.fromhex(it.sha256)) == 32
        assert it.sha256 == it.sha256.lower()
    assert len({it.sha256 for it in PUBLISHED}) == len(PUBLISHED)


def test_a_hash_is_computed_once_while_the_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, gone = tmp_path / "a.pt", tmp_path / "gone.pt"
    path.write_bytes(b"abc")
    gone.write_bytes(b"")
    sha256_of(gone)
    gone.unlink()
    assert known_sha256(path) is None
    # FIPS 180-2, appendix B.1
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "sha256", pytest.fail)
        assert sha256_of(path) == known_sha256(path)
    state = path.stat()
    path.write_bytes(b"abd")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert known_sha256(path) is None
    assert sha256_of(path) != sha256_of(bundled())


def bundled() -> Path:
    folder = bundled_folder("tiny")
    assert folder is not None
    return folder / "LICENSE"


def test_a_spoiled_memory_is_none(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(b"abc")
    right = sha256_of(path)
    (memory,) = (home / "XDG_CACHE_HOME").rglob("sha256.json")
    for text in ("[]", "{", f'{{"{path}": 3}}', '{"a": [1]}'):
        memory.write_text(text, "utf-8")
        assert known_sha256(path) is None
        assert sha256_of(path) == right


def test_hashing_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(b"abc")
    with pytest.raises(FetchCancelledError):
        sha256_of(tmp_path / "a.pt", cancelled=lambda: True)


def sources(found: tuple[Found, ...]) -> list[str]:
    return [it.source for it in found]


def test_the_bundled_weights_are_listed_and_then_those_of_ones_own_by_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sources(weights_here(folder)) == ["tiny"]
    deep = folder / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    for name in ("one.pt", ".one.pt.partial", ".hidden.pt", "notes.txt", "a/two.SAFETENSORS"):
        (folder / name).write_bytes(b"weights")
    (deep / "deep.pt").write_bytes(b"weights")
    assert sources(weights_here(folder)) == ["tiny", "a/two.SAFETENSORS", "one.pt"]
    # What stands where the program runs has that name already.
    (tmp_path / "one.pt").write_bytes(b"other")
    monkeypatch.chdir(tmp_path)
    assert sources(weights_here(folder))[2] == str(folder / "one.pt")


def test_the_default_is_metas_or_the_bundled_one() -> None:
    def found(
        source: str, published: str | None = None, *, bundled: bool = False, fault: str = ""
    ) -> Found:
        return Found(source, source, Path(source), 1, bundled, published, fault)

    tiny, own, metas = found("tiny", bundled=True), found("a.pt"), found("b.pt", "Meta's sam3.pt")
    hubs, port = found("facebook/sam3"), found("facebook/sam3:model.safetensors")
    assert best_here(()) is None
    assert best_here((own, tiny)) == tiny
    assert best_here((own, metas, tiny)) == metas
    assert best_here((port, own, metas, tiny)) == port
    assert best_here((hubs, port, own, metas, tiny)) == hubs
    spoiled = found("facebook/sam3", "Meta's sam3.pt", fault="is empty")
    assert best_here((spoiled, own, tiny)) == tiny
    assert best_here((spoiled, port, tiny)) == port


def test_a_look_into_a_file(known: Callable[[bytes], None]) -> None:
    folder = bundled_folder("tiny")
    assert folder is not None
    path = folder / "sam3-tiny.safetensors"
    checked = check_weights(path)
    assert (checked.published, checked.sha256) == (None, None)
    assert checked.byte_count == path.stat().st_size
    assert (checked.report.concepts, checked.report.clicks) == (True, True)
    assert checked.report.missing == ()
    known(path.read_bytes())
    again = check_weights(path)
    assert again.published == "Meta's sam3.pt"
    assert again.report == checked.report
