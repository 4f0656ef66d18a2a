"""The page's first form: an image, words, and every instance of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import MAX_CONCEPTS, ConceptPrompt
from sam3_playground.core.selection import DEFAULT_SCORE_THRESHOLD, select_concepts
from sam3_playground.errors import PlaygroundError
from sam3_playground.model.service import SegmenterService, State
from sam3_playground.render import draw_segmentation

STATUS_SECONDS = 2.0

Pixels = NDArray[np.uint8]


def build_page(service: SegmenterService, settings: Settings) -> gr.Blocks:
    """The page, over a service that may still be loading."""
    page = gr.Blocks(title="SAM 3 playground", analytics_enabled=False)
    with page:
        gr.Markdown("# SAM 3 playground")
        status = gr.Markdown(status_line(service))
        with gr.Row():
            with gr.Column():
                image = gr.Image(label="Image", type="numpy", sources=["upload", "clipboard"])
                words = gr.Textbox(label="Concepts", placeholder="red circle, dog")
                threshold = gr.Slider(
                    0.0, 1.0, DEFAULT_SCORE_THRESHOLD, step=0.01, label="Least score"
                )
                button = gr.Button("Segment", variant="primary")
            with gr.Column():
                result = gr.Image(label="Result", format="png", interactive=False)
                summary = gr.Markdown()

    def segment(pixels: Pixels | None, text: str, least: float) -> tuple[Pixels | None, str]:
        return segment_words(service, settings, pixels, text, least)

    with page:
        gr.on(
            [button.click, words.submit],
            segment,
            [image, words, threshold],
            [result, summary],
            api_visibility="private",
        )
        gr.Timer(STATUS_SECONDS).tick(
            lambda: status_line(service), None, status, api_visibility="private"
        )
    return page


def launch_page(page: gr.Blocks, routes: Sequence[Any], *, host: str, port: int) -> None:
    """Serve the page, and the routes beside it, until the process is stopped."""
    page.launch(
        server_name=host,
        server_port=port,
        ssr_mode=False,
        share=False,
        app_kwargs={"routes": list(routes)} if routes else None,
    )


def status_line(service: SegmenterService) -> str:
    """What runs, or how far loading is."""
    status = service.status
    if status.state is State.LOADING:
        return f"Loading: {status.message}"
    if status.state is State.FAILED:
        return f"No weights could be loaded: {status.message}"
    return f"Ready: {status.message}. {status.note}".strip()


def segment_words(
    service: SegmenterService, settings: Settings, pixels: Pixels | None, text: str, least: float
) -> tuple[Pixels | None, str]:
    """The drawn result and a line about it; an error leaves the picture empty and says why."""
    names = [name.strip() for name in text.replace("\n", ",").split(",") if name.strip()]
    names = list(dict.fromkeys(names))[:MAX_CONCEPTS]
    if pixels is None or not names:
        return None, "An image and at least one word are needed."
    if pixels.shape[0] * pixels.shape[1] > settings.max_pixels:
        return None, f"Expected at most {settings.max_pixels:,} pixels, got {pixels.shape}."
    try:
        image = RgbImage(pixels)
        with service.turn() as segmenter:
            answer = segmenter.segment_concepts(image, [ConceptPrompt(name) for name in names])
        found = select_concepts(answer.candidates, image.size, score_threshold=least)
    except PlaygroundError as error:
        return None, str(error)
    lines = [
        f"**{result.prompt.label}**: {len(result.instances)}"
        if result.instances
        else f"**{result.prompt.label}**: nothing above {least:.2f}"
        + (f", the best was {result.best_score:.2f}" if result.best_score is not None else "")
        for result in found.prompt_results
        if isinstance(result.prompt, ConceptPrompt)
    ]
    return draw_segmentation(image, found), " · ".join(lines)
