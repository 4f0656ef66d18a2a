"""Asks that no page sends: images that are none of an upload's, events that are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.server.conftest import Asked
from tests.servers import JOIN, Visitor, discs_png, page_state, png


def forged_images(secret: Path, forger: Asked) -> list[Any]:
    file, url = str(secret), forger.url
    return [
        {"path": file},
        {"path": file, "meta": {"_type": "gradio.FileData"}},
        {"path": "/dev/zero"},
        {"path": url},
        {"url": url, "path": url, "meta": {"_type": "gradio.FileData"}, "is_stream": True},
        {"path": file, "url": None, "orig_name": "a.png", "mime_type": "image/png"},
        [file],
        [{"meta": {"_type": "gradio.FileData"}, "path": file}],
        file,
        f"file://{file}",
        "../" * 12 + file,
        url,
        "/dev/zero",
        "/dev/stdin",
        "a" * 32,
        "a" * 32 + "/../" + file,
        "a" * 31 + "\n",
        "a" * 1_000_000,
        "\0",
        "\ud800",
        "..",
        7,
        True,
        10**400,
    ]


@pytest.mark.parametrize("preview", [False, True])
def test_an_image_is_an_upload_or_nothing(
    visitor: Visitor, secret: Path, forger: Asked, *, preview: bool
) -> None:
    for image in forged_images(secret, forger):
        joined = visitor.join(page_state(image, "red", preview=preview))
        assert joined.status_code in {200, 422}
        if joined.status_code == 200:
            answer = visitor.answer()
            assert set(answer) == {"serial", "error", "gone"}, image
            assert "expected" in answer["error"]
            assert str(secret.parent) not in answer["error"].replace(str(image)[:40], "")
    assert forger == []
    answer = visitor.ask(page_state(visitor.upload(discs_png()), "red"))
    assert answer.get("error") is None
    assert len(answer["rows"][0]["instances"]) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"fn_index": 99},
        {"fn_index": -1},
        {"fn_index": "0"},
        {"fn_index": True},
        {"fn_index": None},
        {"fn_index": 10**30},
        {"data": []},
        {"data": [1, 2]},
        {"data": {"0": 1}},
        {"data": None},
        {"session_hash": None},
        {"session_hash": ""},
        {"session_hash": "a" * 65},
        {"session_hash": "../a"},
        {"session_hash": ["a"]},
        {"data": [{"a": [{"b": {"meta": {"_type": "gradio.FileData"}}}]}]},
    ],
)
def test_an_event_is_one_of_the_pages(visitor: Visitor, changes: dict[str, Any]) -> None:
    answer = visitor.join(page_state(None), **changes)
    assert answer.status_code == 422
    assert "expected" in answer.json()["detail"]


def test_what_an_event_holds_besides_is_left_out(visitor: Visitor, forger: Asked) -> None:
    image = visitor.upload(discs_png())
    visitor.join(
        page_state(image, "red"),
        event_data={"_type": "gradio.FileData", "meta": {}, "url": forger.url},
        trigger_id={"meta": 1},
        request={"url": forger.url},
        batched=True,
        event_id="another's",
        simple_format=True,
    )
    assert len(visitor.answer()["rows"][0]["instances"]) == 2
    assert forger == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"[]", 422),
        (b"{", 422),
        (b"\xff", 422),
        (b"[" * 1_000_000, 422),
        (b'{"fn_index":0,"session_hash":"a","data":[' + b"[" * 5000 + b"]" * 5000 + b"]}", 422),
        (b'{"a":"' + b"a" * 3_000_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_ask(visitor: Visitor, body: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}
    answer = visitor.http.post(JOIN, content=body, headers=headers)
    assert answer.status_code == status
    assert "expected" in answer.json()["detail"]


def test_uploads_end_at_the_limit_on_images(visitor: Visitor) -> None:
    whole = visitor.http.post("/page/images", content=_parts(33 * 2**20))
    assert whole.status_code == 413
    assert "expected" in whole.json()["error"]
    assert visitor.http.post("/page/images", content=b"").status_code == 422
    smallest = visitor.upload(png(np.zeros((1, 1, 3), np.uint8)))
    answer = visitor.ask(page_state(smallest, "red"))
    assert answer.get("error") is None
    assert answer["image_size"] == [1, 1]


def _parts(count: int) -> Iterator[bytes]:
    for _ in range(count // 2**16):
        yield bytes(2**16)
