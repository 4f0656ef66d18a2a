"""The event loop answers whoever else asks while a large request is read: all work on it is done
in threads."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sam3_playground.api import gate, image_source
from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from tests.api.conftest import StartApi, base64_image, png

# Beside it, reading a small one does not count.
LARGE = 2**20


def noise() -> RgbImage:
    """An image whose file is large."""
    rng = np.random.default_rng(0)
    return RgbImage(rng.integers(0, 256, (800, 800, 3), dtype=np.uint8))


def on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Watched:
    """Functions that take long over large values, and where each of them ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: dict[str, set[bool]] = {}
        self._patch = monkeypatch

    def watch(self, module: Any, name: str) -> None:
        work = getattr(module, name)

        def watched(value: Any, *others: Any, **options: Any) -> Any:
            if not hasattr(value, "__len__") or len(value) >= LARGE:
                self.ran.setdefault(name, set()).add(on_a_loop())
            return work(value, *others, **options)

        self._patch.setattr(module, name, watched)


def test_all_work_on_a_large_image_is_done_in_threads(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = start_api()
    watched = Watched(monkeypatch)
    watched.watch(gate, "_parsed")
    watched.watch(image_source, "_digest")
    watched.watch(base64, "b64decode")
    watched.watch(image_source, "decode_image")
    image = base64_image(png(noise()))
    assert api.embed(image).status_code == 200
    assert watched.ran == {
        "_parsed": {False},
        "_digest": {False},
        "b64decode": {False},
        "decode_image": {False},
    }


def test_the_control_what_runs_on_the_loop_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    watched.watch(json, "loads")

    async def parse() -> None:
        json.loads(" " * LARGE + "{}")

    asyncio.run(parse())
    json.loads(" " * LARGE + "{}")
    json.loads("{}")
    assert watched.ran == {"loads": {True, False}}


@pytest.mark.parametrize(
    ("module", "name"),
    [(gate, "_parsed"), (image_source, "_digest"), (base64, "b64decode")],
    ids=["JSON", "digest", "base64"],
)
def test_others_are_answered_meanwhile(
    module: Any, name: str, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step is held until somebody else has been answered; held for ever, nobody would be."""
    api = start_api()
    work: Callable[..., Any] = getattr(module, name)
    begun, go_on = threading.Event(), threading.Event()

    def held(*arguments: Any, **options: Any) -> Any:
        begun.set()
        go_on.wait(60)
        return work(*arguments, **options)

    monkeypatch.setattr(module, name, held)
    answers: list[int] = []
    image = base64_image(png(noise()))
    client = threading.Thread(target=lambda: answers.append(api.embed(image).status_code))
    client.start()
    try:
        assert begun.wait(60)
        assert api.http.get("/healthz", timeout=20).status_code == 200
        assert answers == []
    finally:
        go_on.set()
        client.join()
    assert answers == [200]


def test_a_key_of_megabytes_is_not_hashed(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = start_api(Settings(api_keys=frozenset({"key"})))
    lengths: list[int] = []

    def sha256(data: bytes) -> Any:
        lengths.append(len(data))
        return hashlib.new("sha256", data)

    monkeypatch.setattr(hashlib, "sha256", sha256)
    body = {"image": base64_image()}
    wrong = api.post("/sam3/embed_image", body | {"api_key": "k" * LARGE})
    assert wrong.status_code == 401
    assert api.post("/sam3/embed_image", body | {"api_key": "key"}).status_code == 200
    assert lengths == [3]
