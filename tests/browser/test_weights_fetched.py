"""Weights are fetched from the page, and run as soon as they are here."""

from __future__ import annotations

from pathlib import Path

from tests.browser.conftest import OpenBench
from tests.browser.panel import close_panel, line, open_panel
from tests.drawn import drawn_example
from tests.servers import serving
from tests.swapped import write_swapped
from tests.weights.mirror import Served, mirror
from training.batches import inner_point


def test_weights_are_fetched_cancelled_gone_on_with_and_used(
    open_bench: OpenBench, tmp_path: Path
) -> None:
    rockets = drawn_example("rockets")
    content = write_swapped(tmp_path / "made", "cat", "dog").read_bytes()
    home = str(tmp_path / "home")
    with (
        mirror() as elsewhere,
        serving("app.py", "--port", SAM3_WEIGHTS_DIR=home, HOME=home, HF_HOME=home) as url,
    ):
        served = elsewhere.files["/other.safetensors"] = Served(content, pieces=40, pause=0.25)
        bench = open_bench(url)
        bench.open(rockets.path)
        bench.words("cat")
        open_panel(bench)
        bench.part("weightsSource").fill(elsewhere.url + "/other.safetensors")
        assert bench.part("weightsLicence").is_visible()
        assert not bench.part("weightsTokenField").is_visible()
        bench.part("weightsGet").click()  # the browser asks for the licence to be accepted
        assert bench.part("weightsForm").is_visible()
        assert elsewhere.asked == []
        bench.part("weightsAccept").check()
        bench.part("weightsGet").click()
        bench.page.wait_for_function(
            "size => document.querySelector('[data-ref=weightsFar]').textContent.includes(size)",
            arg=f"of {len(content) / 1e6:.1f} MB",
        )
        bench.do("cancelWeights")
        bench.part("weightsForm").wait_for()
        assert bench.page.locator(line(bench, "other.safetensors")).count() == 0
        served.pause = 0.0
        assert not bench.part("weightsLicence").is_visible()  # accepted once is enough
        bench.part("weightsGet").click()
        bench.page.wait_for_selector(
            line(bench, "other.safetensors") + " button:has-text('in use')"
        )
        first, last = elsewhere.ranges[0], elsewhere.ranges[-1]
        assert first is None
        assert last is not None
        close_panel(bench)
        bench.settled()
        assert bench.counts() == {"cat": 1}
        assert bench.masked(*inner_point(rockets.of("dog")[0].to_bitmap()))
    assert (tmp_path / "home" / "other.safetensors").read_bytes() == content
