"""What the page cannot save: said in words, never half a file, and never more than is bounded."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from sam3_playground.formats.bundle import REPORT
from sam3_playground.formats.exports import EXPORTS, Export
from sam3_playground.formats.segmented import File
from sam3_playground.ui.paths import SAVE
from sam3_playground.ui.saving import SAVES_AT_ONCE
from sam3_playground.ui.wanted import MAX_BYTES, MAX_IMAGES
from tests.servers import page_state
from tests.ui.saved import SavingPage, read_coco


def test_an_image_that_fails_among_others_is_told_of(page: SavingPage, tmp_path: Path) -> None:
    upload = page.upload()
    bad, good = page_state(upload, "trouble"), page_state(upload, "red")
    with page.archive((bad, "a.png"), (good, "b.png"), formats=["coco"]) as found:
        report = found.read(REPORT).decode()
        coco = read_coco(found.read("coco/instances.json"), tmp_path)
    assert "a.png: The network failed: DefaultCPUAllocator: can't allocate memory\n" in report
    assert "b.png" not in report
    assert [one["file_name"] for one in coco.dataset["images"]] == ["b.png"]


@pytest.mark.parametrize("count", [1, 3])
def test_where_all_images_fail_there_is_no_file(count: int, page: SavingPage) -> None:
    bad = page_state(page.upload(), "trouble")
    saved = page.post(*[(bad, f"{n}.png") for n in range(count)], formats=["coco", "csv"])
    assert saved.status_code == 500
    assert saved.json()["error"].startswith("The network failed: DefaultCPUAllocator")


def test_a_format_that_fails_at_an_image_does_not_stop_others(
    page: SavingPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Iterator[File]:
        yield File("begun.txt", [b"1"])
        raise MemoryError

    monkeypatch.setitem(cast("dict[str, Export]", EXPORTS), "picture", Export("", fails))
    state = page_state(page.upload(), "red")
    with page.archive((state, "a.png"), formats=["picture", "csv"]) as found:
        assert set(found.namelist()) == {"picture/begun.txt", "csv/instances.csv", REPORT}
        assert b"picture of a.png: expected memory" in found.read(REPORT)


def test_a_stream_that_breaks_is_no_archive_to_anybody(
    page: SavingPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> Iterator[File]:
        def chunks() -> Iterator[bytes]:
            yield b"1" * 10**6
            raise KeyError("a fault that nobody thought of")

        yield File("instances.csv", chunks())

    monkeypatch.setitem(cast("dict[str, Export]", EXPORTS), "csv", Export("", of_all=breaks))
    state = page_state(page.upload(), "red")
    body = {"images": [{"ask": state, "name": "a.png"}], "formats": ["picture", "csv"]}
    came = b""

    def read() -> None:
        nonlocal came
        for piece in answering.iter_bytes():
            came += piece

    with page.http.stream("POST", SAVE, json=body) as answering:
        assert answering.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            read()
    assert b"picture/a.png" in came
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(came))
    assert page.save((state, "a.png"), formats=["coco"]).status_code == 200


def test_uploads_that_have_gone_are_said_before_anything_is_sent(page: SavingPage) -> None:
    kept, gone = page.upload(), page.upload()
    page.uploads.remove(gone)
    images = [(page_state(one, "red"), f"{n}.png") for n, one in enumerate([kept, gone, kept])]
    saved = page.post(*images, formats=["coco"])
    assert saved.status_code == 410
    assert saved.json()["gone"] == [1]
    assert "1.png" in saved.json()["error"]
    assert page.segmenter.calls == []


def test_nothing_to_save_is_a_sentence(page: SavingPage) -> None:
    state = page_state(page.upload(), "blue")
    saved = page.post((state, "a.png"), formats=["masks", "cutouts"])
    assert saved.status_code == 422
    assert saved.json()["error"] == "expected an instance to save as masks or cutouts, got none"


FORGED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no object": lambda _: [1],
    "no images": lambda wish: wish | {"images": []},
    "too many images": lambda wish: wish | {"images": wish["images"] * (MAX_IMAGES + 1)},
    "no formats": lambda wish: wish | {"formats": []},
    "too many formats": lambda wish: wish | {"formats": ["coco"] * 99},
    "an unknown format": lambda wish: wish | {"formats": ["../coco"]},
    "no name of a format": lambda wish: wish | {"formats": [{"meta": 1}]},
    "a number for a name": lambda wish: wish | {"images": [wish["images"][0] | {"name": 7}]},
    "a long name": lambda wish: wish | {"images": [wish["images"][0] | {"name": "x" * 5000}]},
    "more fields": lambda wish: wish | {"path": "/etc/passwd"},
    "no ask": lambda wish: wish | {"images": [{"ask": None, "name": "a"}]},
    "an ask without an image": lambda wish: changed(wish, image=None),
    "a path for an image": lambda wish: changed(wish, image="../../../etc/passwd"),
    "an absolute path": lambda wish: changed(wish, image="/etc/passwd"),
    "a threshold that is none": lambda wish: changed(wish, score_threshold=9.0),
}


def changed(wish: dict[str, Any], **changes: Any) -> dict[str, Any]:
    (image,) = wish["images"]
    return wish | {"images": [image | {"ask": image["ask"] | changes}]}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_no_wish_is_refused_in_words(name: str, page: SavingPage) -> None:
    wish = {
        "images": [{"ask": page_state(page.upload(), "red"), "name": "a.png"}],
        "formats": ["coco"],
    }
    saved = page.http.post(SAVE, content=json.dumps(FORGED[name](wish)))
    assert saved.status_code == 422
    assert "expected " in saved.json()["error"]
    assert "_Wish" not in saved.text
    assert page.segmenter.calls == []


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_json_is_refused(body: bytes, page: SavingPage) -> None:
    assert page.http.post(SAVE, content=body).status_code == 422


def test_a_body_has_an_end(page: SavingPage) -> None:
    saved = page.http.post(SAVE, content=b" " * (MAX_BYTES + 1))
    assert saved.status_code == 413
    assert "save fewer" in saved.json()["error"]


def test_so_many_at_once_and_no_more(page: SavingPage) -> None:
    states = [page_state(page.upload(), "red") for _ in range(SAVES_AT_ONCE + 1)]
    page.segmenter.go_on.clear()
    saved: list[httpx.Response] = []

    def save(state: Any) -> None:
        saved.append(page.post((state, "a.png"), formats=["coco"]))

    threads = [threading.Thread(target=save, args=(state,)) for state in states[1:]]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert page.segmenter.begun.acquire(timeout=30)
    save(states[0])
    assert saved[0].status_code == 503
    assert "try again" in saved[0].json()["error"]
    page.segmenter.go_on.set()
    for thread in threads:
        thread.join(30)
    assert [one.status_code for one in saved[1:]] == [200] * SAVES_AT_ONCE
    assert page.save((states[0], "a.png"), formats=["coco"])


def test_who_goes_away_is_worked_for_no_longer_and_that_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ExitStack() as stack:
        page = SavingPage(stack, tmp_path)
        page.segmenter.held_from = 1
        page.segmenter.go_on.clear()
        uploads = [page.upload([("red", 40 + place, 50, 20)]) for place in range(4)]
        images = [{"ask": page_state(one, "red"), "name": "a.png"} for one in uploads]
        body = {"images": images, "formats": ["picture"]}
        with page.http.stream("POST", SAVE, json=body) as answering:
            pieces = answering.iter_bytes()  # held: given up, it closes the connection
            assert b"picture/a.png" in next(pieces)
            assert page.segmenter.begun.acquire(timeout=30)
        page.http.close()
        page.segmenter.go_on.set()
    # By now the server has ended, and with it whatever it was at.
    assert len(page.segmenter.calls) == 2
    assert (len(page.turns), len(page.sessions)) == (0, 0)
    assert [record for record in caplog.records if "failed" in record.message] == []
