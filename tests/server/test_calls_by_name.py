"""Programs by `gradio_client`, models by the MCP client: one real server answers both."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import anyio
import cv2
import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ImageContent, TextContent
from PIL import Image

from tests.server.conftest import SECRET, Asked
from tests.server.rockets import SCENE, TRUTH, best_iou, box_of, true_boxes
from tests.servers import JOIN, ROOT, serving

CALLS = {"/segment_concepts", "/segment_object", "/embed"}
LOOSE_IOU = 0.6
SERVE = ("-m", "sam3_playground.cli", "serve", "--mcp", "--weights", "tiny", "--device", "cpu")
WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "expected at least one concept, got none"),
    ({"concepts": ["rocket"], "threshold": "high"}, "threshold: expected a valid number"),
    ({"concepts": ["rocket"], "threshold": 2}, "expected score_threshold in [0, 1], got 2"),
    ({"concepts": ["word"] * 17}, "concepts: expected at most 16 items"),
    ({"concepts": [""]}, "expected a text with a word in it"),
    ({"concepts": ["a", "b"], "boxes": [{"box": [0, 0, 9, 9]}]}, "expected a box with one of"),
    ({"boxes": [{"box": [0, 0, 9]}]}, "boxes.0.box: expected at least 4 items, got 3"),
    ({"boxes": [{"box": [0, 0, 9, 9], "good": 1}]}, "got 'boxes.0.good'"),
    ({"boxes": [{"box": [9999, 0, 10000, 9]}]}, "to meet the image of 960 x 720 pixels"),
    ({"concepts": ["rocket"], "nms": "maybe"}, "nms: expected 'off', 'within' or 'across'"),
    ({"concepts": ["rocket"], "min_area": -1}, "expected min_area in whole pixels"),
]
Answered = TypeVar("Answered")


@pytest.fixture(scope="module")
def both() -> Iterator[str]:
    with serving(*SERVE, "--port", SAM3_ALLOWED_HOSTS="localhost") as url:
        for _ in range(480):
            if httpx.get(url + "/healthz", trust_env=False).is_success:
                break
            time.sleep(0.25)
        yield url


@pytest.fixture(scope="module")
def client(both: str) -> Iterator[Client]:
    client = Client(both, verbose=False, analytics_enabled=False)
    yield client
    client.close()


def test_the_calls_are_listed_and_the_pages_own_events_are_not(client: Client) -> None:
    told = client.view_api(return_format="dict", print_info=False)
    assert isinstance(told, dict)
    assert set(told["named_endpoints"]) == CALLS
    assert told["unnamed_endpoints"] == {}
    for call in told["named_endpoints"].values():
        assert len(call["description"]) > 50
        first, *others = call["parameters"]
        assert first["parameter_name"] == "image"
        assert all(one["type"] and one["parameter_has_default"] for one in others)
    with pytest.raises(ValueError, match="Cannot find a function"):
        client.predict({}, api_name="/answer")
    private = [it for it in client.config["dependencies"] if it["api_visibility"] != "private"]
    assert {"/" + it["api_name"] for it in private} == CALLS


def test_a_program_finds_what_is_there(client: Client) -> None:
    found = client.predict(
        handle_file(SCENE), ["rocket", "dog"], format="polygon", api_name="/segment_concepts"
    )
    assert (found["width"], found["height"]) == tuple(reversed(TRUTH["size"]))
    assert "Pixels of the image as a viewer shows it" in found["coordinates"]
    for kind, entry in zip(("rocket", "dog"), found["prompt_results"], strict=True):
        assert entry["echo"]["text"] == kind
        assert len(entry["predictions"]) == TRUTH["counts"][kind]
        for one in entry["predictions"]:
            assert best_iou(box_of(one), true_boxes(kind)) > LOOSE_IOU


def test_a_program_cuts_out_what_it_clicks_after_encoding_it(client: Client) -> None:
    encoded = client.predict(handle_file(SCENE), api_name="/embed")
    assert (encoded["width"], encoded["height"]) == tuple(reversed(TRUTH["size"]))
    assert client.predict(handle_file(SCENE), api_name="/embed")["time"] == 0
    x, y = TRUTH["clicks"][0]
    clicked = client.predict(
        handle_file(SCENE),
        clicks=[{"x": x, "y": y, "positive": True}],
        format="polygon",
        api_name="/segment_object",
    )
    (one,) = clicked["predictions"]
    assert best_iou(box_of(one), [it["box_xyxy"] for it in TRUTH["objects"]]) > LOOSE_IOU


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_a_program_is_told_what_is_wrong(client: Client, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(AppError, match=re.escape(said)):
        client.predict(image=handle_file(SCENE), **wrong, api_name="/segment_concepts")


def test_what_the_readme_shows_is_so(both: str, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"```(?:python|json)\n(.*?)```", readme, re.DOTALL)
    (program,) = (text for text in shown if "gradio_client" in text)
    names: dict[str, Any] = {}
    exec(program.replace("http://127.0.0.1:7860", both), names)
    names["client"].close()
    assert "[5, 1] instances" in capsys.readouterr().out
    (one,) = names["one"]["predictions"]
    assert one["confidence"] > 0.5
    (config,) = (json.loads(text) for text in shown if "mcpServers" in text)
    url = config["mcpServers"]["sam3"]["url"].replace("http://127.0.0.1:7860", both)
    listed = with_session(url.removesuffix("/mcp"), lambda session: session.list_tools())
    assert len(listed.tools) == len(CALLS)


def test_an_image_by_url_comes_through_the_guard(
    both: str, client: Client, forger: Asked, secret: Path
) -> None:
    allowed = both.replace("127.0.0.1", "localhost") + f"/page/examples/{SCENE.name}"
    for image in (allowed, handle_file(allowed)):
        found = client.predict(image=image, concepts=["dog"], api_name="/segment_concepts")
        assert len(found["prompt_results"][0]["predictions"]) == TRUTH["counts"]["dog"]
    mark = {"_type": "gradio.FileData"}
    for image in (
        forger.url,
        handle_file(forger.url),
        {"path": forger.url, "url": forger.url, "meta": mark},
        forger.url.replace("127.0.0.1", "2130706433"),
    ):
        with pytest.raises(AppError, match="expected the URL of a public host"):
            client.predict(image=image, concepts=["dog"], api_name="/segment_concepts")
    assert forger == []
    number = next(it["id"] for it in client.config["dependencies"] if it["api_name"] == "embed")
    for data, status in (
        ([{"path": str(secret), "meta": mark}], 200),
        ([{"path": f"file://{secret}", "meta": mark}], 200),
        ([{"path": 7, "meta": mark}], 422),
        ([[{"path": str(secret), "meta": mark}]], 422),
    ):
        body = {"fn_index": number, "data": data, "session_hash": "forger"}
        joined = httpx.post(both + JOIN, json=body, trust_env=False)
        assert joined.status_code == status
        if status == 200:
            path = f"{both}/gradio_api/queue/data?session_hash=forger"
            answer = httpx.get(path, trust_env=False, timeout=60).text
            assert "expected an image as an http or https URL" in answer
            assert SECRET.decode() not in answer


def test_an_upload_is_a_form_with_one_file_of_bounded_size(both: str) -> None:
    path = both + "/gradio_api/upload"
    with httpx.Client(trust_env=False, timeout=60) as http:
        large = http.post(path, files={"files": ("a", b"\0" * (33 * 2**20))})
        assert large.status_code == 413
        assert "expected an image file of at most 33,554,432 bytes" in large.json()["error"]
        for wrong in ({"content": b"x"}, {"files": {"other": ("a", b"x")}}):
            assert http.post(path, **wrong).status_code == 422
        two = [("files", ("a", b"x")), ("files", ("b", b"y"))]
        assert http.post(path, files=two).status_code == 422
        (name,) = http.post(path, files={"files": ("../../a", b"x")}).json()
        assert re.fullmatch(r"[\w-]{32}", name)


def with_session(url: str, use: Callable[[ClientSession], Awaitable[Answered]]) -> Answered:
    async def used() -> Answered:
        async with (
            streamable_http_client(url + "/mcp") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await use(session)

    return anyio.run(used)


def text_of(result: CallToolResult) -> str:
    return "".join(one.text for one in result.content if isinstance(one, TextContent))


def data_url(path: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode()


def told_boxes(text: str, label: str) -> list[list[float]]:
    lines = re.findall(rf"^- {label}: score [\d.]+, box ([^a-z]+), \d+ pixels$", text, re.MULTILINE)
    return [[float(edge) for edge in line.split(",")] for line in lines]


def test_a_model_is_told_what_there_is(both: str) -> None:
    listed = with_session(both, lambda session: session.list_tools())
    tools = {tool.name: tool for tool in listed.tools}
    assert {f"/{name}" for name in tools} == CALLS
    for name, tool in tools.items():
        assert tool.inputSchema["required"] == ["image"]
        assert all(field.get("description") for field in tool.inputSchema["properties"].values())
        if name != "embed":
            assert "Coordinates are pixels of the image as a viewer shows it" in str(
                tool.description
            )


def test_a_model_gets_a_picture_and_a_text(both: str) -> None:
    async def use(session: ClientSession) -> CallToolResult:
        asked = {"image": data_url(SCENE), "concepts": ["rocket", "dog", "cat"]}
        return await session.call_tool("segment_concepts", asked)

    result = with_session(both, use)
    text = text_of(result)
    assert not result.isError, text
    assert "960 x 720 pixels" in text
    for kind, count in TRUTH["counts"].items():
        assert f"{count} x {kind}" in text
        boxes = told_boxes(text, kind)
        assert len(boxes) == count
        assert all(best_iou(box, true_boxes(kind)) > LOOSE_IOU for box in boxes)
    (picture,) = (one for one in result.content if isinstance(one, ImageContent))
    drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture.data))), np.int16)
    plain = np.asarray(Image.open(SCENE), np.int16)
    assert drawn.shape == plain.shape
    changed = cv2.blur(np.abs(drawn - plain).max(2).astype(np.float32), (9, 9)) > 25
    inside = np.zeros(changed.shape, bool)
    for one in TRUTH["objects"]:
        if one["kind"] in TRUTH["counts"]:
            x0, y0, x1, y1 = (round(edge) for edge in one["box_xyxy"])
            assert changed[y0:y1, x0:x1].mean() > 0.2, one
            inside[max(0, y0 - 40) : y1 + 10, max(0, x0 - 10) : x1 + 60] = True
    assert changed[~inside].mean() < 0.02


def test_a_model_sends_an_object_an_upload_and_a_url(both: str, forger: Asked) -> None:
    files = {"files": (SCENE.name, SCENE.read_bytes())}
    (upload,) = httpx.post(both + "/gradio_api/upload", files=files, trust_env=False).json()
    x, y = TRUTH["clicks"][0]

    async def use(session: ClientSession) -> list[CallToolResult]:
        click = {"clicks": [{"x": x, "y": y}]}
        return [
            await session.call_tool("segment_object", {"image": upload, **click}),
            await session.call_tool("embed", {"image": upload}),
            await session.call_tool("embed", {"image": forger.url}),
        ]

    cut_out, encoded, refused = with_session(both, use)
    (box,) = told_boxes(text_of(cut_out), "object")
    assert best_iou(box, [it["box_xyxy"] for it in TRUTH["objects"]]) > LOOSE_IOU
    assert "960 x 720" in text_of(encoded)
    assert refused.isError
    assert "expected the URL of a public host" in text_of(refused)
    assert forger == []


def test_a_model_is_told_what_is_wrong_and_the_server_lives_on(both: str) -> None:
    async def use(session: ClientSession) -> list[CallToolResult]:
        results = [
            await session.call_tool("segment_concepts", {"image": data_url(SCENE), **wrong})
            for wrong, _ in WRONG
        ]
        results.append(await session.call_tool("segment_concepts", {"concepts": ["dog"]}))
        results.append(await session.call_tool("embed", {"image": "data:image/png;base64,AAAA"}))
        results.append(await session.call_tool("paint", {}))
        return results

    expected = [said for _, said in WRONG]
    expected += ["image: expected this field, got none", "expected an image", "expected a tool"]
    for result, said in zip(with_session(both, use), expected, strict=True):
        assert result.isError
        assert said in text_of(result)
    with httpx.Client(base_url=both, trust_env=False) as http:
        assert http.post("/mcp", content=b"{").status_code in {400, 406}
        assert http.get("/mcp").status_code == 405
        huge = http.post("/mcp", content=b" " * (44 * 2**20), timeout=60)
        assert huge.status_code == 413
    assert with_session(both, lambda session: session.list_tools()).tools
