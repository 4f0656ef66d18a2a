"""Of all visitors that ever came, Gradio keeps a bounded number as well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sam3_playground.ui.launch import KEPT_ANSWERS

# In a process of its own: Gradio leaves event loops and sockets open behind it.
SCRIPT = """
import sys

import httpx

from sam3_playground.config import Settings
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui import build_page
from sam3_playground.ui.launch import start_page
from tests.servers import free_port
from tests.fakes import FakeSegmenter

settings = Settings()
page, port = build_page(SegmenterService.of(FakeSegmenter()), settings), free_port()
start_page(page, [], settings, host="127.0.0.1", port=port)
http = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)
functions = http.get("/config").json()["dependencies"]
(answer,) = (one["id"] for one in functions if one["trigger_mode"] == "always_last")
for visitor in range(int(sys.argv[1])):
    session = f"visitor-{visitor}"
    ask = {"data": [{"serial": 1}], "fn_index": answer, "session_hash": session}
    http.post("/gradio_api/queue/join", json=ask).raise_for_status()
    with http.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as events:
        assert any("process_completed" in line for line in events.iter_lines())
kept = page.blocks.state_holder.session_data
print("kept", len(kept), session in kept)
page.blocks.close()
page.uploads.close()
"""


def test_the_last_visitors_answers_alone_are_kept() -> None:
    visitors = KEPT_ANSWERS + 6
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(visitors)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert f"kept {KEPT_ANSWERS} True" in run.stdout, run.stderr
