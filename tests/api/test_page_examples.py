"""The Python examples of the hosted API's page run as they stand there, but for the URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from tests import fakes
from tests.api.conftest import Api, StartApi, png

PAGE = Path(__file__).parent / "page"
HOSTED = "https://serverless.roboflow.com"


class PeopleWalking:
    """Stands for the page's image: of its size, with two discs where its boxes are."""

    async def fetch(self, url: str) -> bytes:
        assert url == "https://media.roboflow.com/inference/people-walking.jpg"
        discs = (("red", 1465, 796, 50), ("red", 1278, 588, 50))
        return png(fakes.disc_image(discs, height=1080, width=1920))


@pytest.fixture
def api(start_api: StartApi, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setitem(fakes.COLOURS, "person", fakes.COLOURS["red"])
    return start_api(fetcher=PeopleWalking())


def run(name: str, api: Api, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The example's variables after it ran."""
    post = requests.post

    def post_here(url: str, **options: Any) -> requests.Response:
        return post(url.replace(HOSTED, api.url), **options)

    monkeypatch.setattr(requests, "post", post_here)
    names: dict[str, Any] = {}
    exec(compile((PAGE / name).read_text(encoding="utf-8"), name, "exec"), names)
    return names


def test_text_prompts(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("text.py.txt", api, monkeypatch)
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("2 instances")
    assert "'text': 'person'" in first
    assert second.endswith("0 instances")


@pytest.mark.parametrize("name", ["exemplar.py.txt", "combined.py.txt"])
def test_boxes(api: Api, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    payload = run(name, api, monkeypatch)["payload"]
    answer = requests.post(f"{HOSTED}/sam3/concept_segment", json=payload, timeout=30)
    result = answer.json()["prompt_results"][0]
    assert result["echo"]["num_boxes"] == len(payload["prompts"][0]["boxes"])
    assert len(result["predictions"]) == 2


def test_clicks(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("visual.py.txt", api, monkeypatch)
    assert capsys.readouterr().out == "0.9 2 polygons\n"
