"""What a visitor waits for: a slider's move, and a click until its mask is on the screen."""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image

from benchmarks.last_step import MEGAPIXELS, blobs
from benchmarks.measure import Row, median_seconds, seconds
from sam3_playground.config import Settings
from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.nms import Nms
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import ConceptAnswer, Segmenter, Timings
from sam3_playground.images import open_image
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions
from tests.asks import concept_ask
from tests.browser.bench import Bench
from tests.browser.chrome import chromium
from tests.fakes import FakeSegmenter
from tests.servers import ROOT, serving

SLIDER_INSTANCES = 100
EXAMPLE = ROOT / "assets/examples/mushrooms.jpg"


class Blobs(FakeSegmenter):
    """Finds a hundred things at once, with scores from 0.4 to 1."""

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **_: Any
    ) -> ConceptAnswer:
        """The same hundred for every concept."""
        logits = blobs(SLIDER_INSTANCES)
        scores = np.linspace(1.0, 0.4, SLIDER_INSTANCES)
        found = tuple(
            Candidate(float(score), one, image.size, id=place)
            for place, (score, one) in enumerate(zip(scores, logits, strict=True))
        )
        concepts = tuple(ConceptCandidates(prompt, 1.0, found) for prompt in prompts)
        return ConceptAnswer(concepts, Timings(0.0, 0.0, encoded=False))


def slider_rows(*, repeats: int = 15) -> Iterator[Row]:
    """A move of a slider with a hundred masks on a large image: all that the server does."""
    height, width = MEGAPIXELS[12]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.png"
        Image.new("RGB", (width, height), "#888888").save(path, compress_level=1)
        service = SegmenterService.of(cast("Segmenter", Blobs()))
        responder, session = Responder(service, Settings(), Path), Sessions().of("bench")

        def move(score: float, iou: float = 0.7) -> None:
            ask = concept_ask(
                path, ConceptPrompt("thing"), nms=Nms("within", iou), score_threshold=score
            )
            *_, answer = responder.respond(ask, session)
            calls.append(cast("dict[str, Any]", answer)["timings"]["network_calls"])

        calls: list[int] = []
        move(0.4)
        calls.clear()
        for name, ask in {
            "threshold": cycle([(0.5, 0.7), (0.45, 0.7)]),
            "NMS": cycle([(0.4, 0.6), (0.4, 0.5)]),
        }.items():
            spent = median_seconds(partial(_next, move, ask), repeats=repeats)
            note = f"{max(calls)} calls of the network"
            yield Row(
                f"a move of the {name} slider: 12 MP, {SLIDER_INSTANCES} instances",
                seconds(spent),
                note=note,
            )


def _next(move: Callable[..., None], asks: Iterator[tuple[float, float]]) -> None:
    move(*next(asks))


def click_rows(*, clicks: int = 25) -> Iterator[Row]:
    """Clicks in a real browser, from the pointer's release to the painted mask."""
    size = open_image(EXAMPLE).size
    rng = np.random.default_rng(0)
    waits, network, server = [], [], []
    with (
        serving("app.py", "--weights", "tiny", "--port") as url,
        chromium() as browser,
    ):
        bench = Bench(browser.new_page(viewport={"width": 1200, "height": 850}), url)
        bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
        bench.open(EXAMPLE)
        bench.tab("objects")
        for turn in range(clicks + 3):
            bench.do("clear")
            bench.settled()
            bench.click(*(rng.uniform(0.1, 0.9, 2) * size[::-1]))
            shown = bench.part("timing").inner_text()
            prompt, total, seen = (
                float(re.findall(rf"{name} ([\d.]+) ms", shown)[0])
                for name in ("prompt", "server", "on screen after")
            )
            if turn >= 3:  # the first ones load what every later one has
                waits.append(seen)
                network.append(prompt)
                server.append(total)
    own = statistics.median(seen - prompt for seen, prompt in zip(waits, network, strict=True))
    yield Row(
        f"click to painted mask, in Chromium, {size[1]}x{size[0]}",
        f"{statistics.median(waits):.0f} ms",
        note=f"network {statistics.median(network):.0f} ms, all else {own:.0f} ms; "
        f"server in all {statistics.median(server):.0f} ms",
    )
