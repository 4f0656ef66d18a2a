"""The canvas: one component on Gradio's own HTML, with the tools of both tabs around it.

Its scripts, in `web/`, hold what the user does (prompts, undo, zoom); Python holds what the
network says. Between them go `value` (page to Python: the whole state, see `ask`) and the props
`answer`, `stage`, `preview` and `status` (Python to page), never the other way round: an answer
cannot overwrite a prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import gradio as gr

from sam3_playground.core.nms import DEFAULT_NMS
from sam3_playground.core.requests import DEFAULT_SCORE_THRESHOLD, MAX_CONCEPTS, MAX_OBJECTS
from sam3_playground.core.words import SEPARATORS
from sam3_playground.formats.exports import EXPORTS
from sam3_playground.formats.picture import COLOURS, RenderStyle
from sam3_playground.formats.views import BLUR, DARKNESS, OF_OBJECTS, PIXEL, VIEWS
from sam3_playground.ui.limits import PAGE_LIMITS
from sam3_playground.ui.paths import CODE, COUNTS, EXAMPLES, FETCH, IMAGES, SAVE, WEIGHTS
from sam3_playground.ui.scripts import Scripts
from sam3_playground.weights.known_words import bundled_words
from sam3_playground.weights.sources import SOURCES

STYLES = ("canvas.css", "panel.css", "compare.css", "album.css", "takeaway.css", "reach.css")


def create_canvas(
    *,
    examples: Sequence[dict[str, Any]],
    scripts: Scripts,
    status: dict[str, Any],
) -> gr.HTML:
    """An image to prompt and to see results on.

    No subclass: Gradio writes a stub file beside each module that holds one.

    Args:
        examples: What the gallery shows: name, title, kind, concepts, click, thumbnail.
        scripts: What brings it to life.
        status: What the status line says at first.
    """
    return gr.HTML(
        html_template=_web("canvas.html"),
        css_template="\n".join(_web(name) for name in STYLES),
        js_on_load=scripts.loader,
        apply_default_css=False,
        elem_id="canvas",
        answer=None,
        stage=None,
        preview=None,
        status=status,
        setup={
            "examples": list(examples),
            "paths": {
                "images": IMAGES,
                "fetch": FETCH,
                "examples": EXAMPLES,
                "weights": WEIGHTS,
                "counts": COUNTS,
                "save": SAVE,
                "code": CODE,
            },
            "formats": [
                {"name": name, "about": export.description} for name, export in EXPORTS.items()
            ],
            "words": bundled_words(),
            "weights_sources": list(SOURCES),
            "colours": list(COLOURS),
            "separators": SEPARATORS,
            "max_concepts": MAX_CONCEPTS,
            "max_objects": MAX_OBJECTS,
            "limits": PAGE_LIMITS,
            "score_threshold": DEFAULT_SCORE_THRESHOLD,
            "nms": {"mode": DEFAULT_NMS.mode, "iou": DEFAULT_NMS.iou_threshold},
            "opacity": RenderStyle().opacity,
            "views": [
                {"name": name, "words": words, "of_objects": name in OF_OBJECTS}
                for name, words in VIEWS.items()
            ],
            "changes": {"blur": BLUR, "pixel": PIXEL, "darkness": DARKNESS},
        },
    )


def _web(name: str) -> str:
    return (files("sam3_playground.ui") / "web" / name).read_text(encoding="utf-8")
