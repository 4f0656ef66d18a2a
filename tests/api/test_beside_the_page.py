"""The API answers in full on the page's port, within Gradio's own app."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from tests.api.conftest import base64_image

# In a process of its own: Gradio leaves event loops and sockets open behind it.
SCRIPT = """
import sys

import gradio as gr

from sam3_playground.api import build_routes
from sam3_playground.config import Settings
from sam3_playground.pipeline.service import SegmenterService
from tests.fakes import FakeSegmenter

routes = build_routes(SegmenterService.of(FakeSegmenter()), Settings(api_keys=frozenset({"k"})))
with gr.Blocks(analytics_enabled=False) as page:
    gr.Markdown("the page")
_, url, _ = page.launch(
    ssr_mode=False,
    prevent_thread_lock=True,
    quiet=True,
    server_name="127.0.0.1",
    app_kwargs={"routes": routes},
)
print(url, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def page() -> Iterator[httpx.Client]:
    """A client of a page with the API's routes."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            yield client
        process.kill()


def test_page_and_api_share_the_port(page: httpx.Client) -> None:
    assert "text/html" in page.get("/").headers["content-type"]
    assert page.get("/healthz").json()["status"] == "ready"
    assert page.head("/healthz").status_code == 200
    body = {
        "image": base64_image(),
        "prompts": [{"type": "text", "text": "red"}],
    }
    answer = page.post("/sam3/concept_segment", json=body, params={"api_key": "k"})
    assert len(answer.json()["prompt_results"][0]["predictions"]) == 2


def test_errors_are_the_apis_own(page: httpx.Client) -> None:
    assert page.post("/sam3/embed_image", json={}).status_code == 401
    wrong = page.post("/sam3/embed_image", json={}, params={"api_key": "k"})
    assert wrong.status_code == 422
    assert wrong.json()["detail"][0]["loc"] == ["body", "image"]
    large = page.post("/sam3/embed_image", content=b"x" * 50_000_000, params={"api_key": "k"})
    assert large.status_code == 413


def test_the_documentation_is_the_apis(page: httpx.Client) -> None:
    html = page.get("/docs").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert "docs-static/swagger-ui-bundle.js" in loaded
    assert all(page.get(urljoin("/docs", path)).status_code == 200 for path in loaded)
    assert "://" not in html
    assert "/sam3/visual_segment" in page.get("/openapi.json").json()["paths"]


def test_requests_are_counted_there_too(page: httpx.Client) -> None:
    page.post("/sam3/visual_segment", json={})
    counts = page.get("/metrics", params={"api_key": "k"}).text
    assert 'sam3_requests_total{path="/sam3/visual_segment",status="401"}' in counts
