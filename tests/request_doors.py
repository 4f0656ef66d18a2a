"""The four doors through which a request comes in: the same wish in the words of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sam3_playground import Click, ConceptPrompt, Exemplar, MaskCleanup, Nms, Playground
from sam3_playground.cli.main import main
from sam3_playground.config import Settings
from sam3_playground.core.nms import NmsMode
from sam3_playground.core.prompts import BoxXYXY
from sam3_playground.core.rle import mask_to_rle
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import InvalidPromptError, PlaygroundError
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.playground import Segmentation
from sam3_playground.ui.canvas import create_canvas
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.scripts import Scripts
from sam3_playground.ui.session import Sessions
from sam3_playground.ui.state import read_ask
from tests.api.conftest import Api, base64_image
from tests.servers import page_state

Values = dict[str, Any]


@dataclass(frozen=True)
class Concept:
    """Words, boxes with whether they are meant, and a threshold of its own."""

    text: str | None = None
    boxes: tuple[tuple[BoxXYXY, bool], ...] = ()
    threshold: float | None = None


@dataclass(frozen=True)
class Wish:
    """What somebody wants of an image; what is None is left out, for the door to decide.

    Attributes:
        concepts: Every instance of these, or else one object by points and a box.
        points: (x, y, whether it is on the object).
        box: Around the object.
        threshold: The request's.
        nms: Its mode and IoU threshold.
        cleanup: Of masks.
    """

    concepts: tuple[Concept, ...] = ()
    points: tuple[tuple[float, float, bool], ...] = ()
    box: BoxXYXY | None = None
    threshold: float | None = None
    nms: tuple[NmsMode, float | None] | None = None
    cleanup: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """What one prompt found, in order.

    Attributes:
        label: What a concept is called; empty for an object.
        scores: Of its instances.
        masks: Their masks as COCO's RLE.
        suppressed: For whom how many gave way; empty without NMS.
    """

    label: str
    scores: list[float]
    masks: list[Values]
    suppressed: list[Values]


class Refused(str):
    """What a door says of a wish that it refuses."""

    __slots__ = ()


Rows = list[Row] | Refused


def by_python(segmenter: Segmenter, path: Path, wish: Wish) -> Segmentation | Refused:
    playground = Playground(segmenter)
    try:
        cleanup = MaskCleanup(**dict(wish.cleanup))  # type: ignore[arg-type]
        if not wish.concepts:
            clicks = [Click(*point) for point in wish.points]
            return playground.segment_visual(
                path, clicks=clicks, box_xyxy=wish.box, cleanup=cleanup
            )
        said: Values = {}
        if wish.threshold is not None:
            said["score_threshold"] = wish.threshold
        if wish.nms is not None:
            mode, iou = wish.nms
            said["nms"] = Nms(mode) if iou is None else Nms(mode, iou)
        prompts = [
            ConceptPrompt(one.text, tuple(Exemplar(*box) for box in one.boxes), one.threshold)
            for one in wish.concepts
        ]
        return playground.segment_concepts(path, *prompts, cleanup=cleanup, **said)
    except InvalidPromptError as error:
        return Refused(error)


def rows_of(found: Segmentation) -> list[Row]:
    return [
        Row(
            one.label if isinstance(one.prompt, ConceptPrompt) else "",
            [instance.score for instance in one.instances],
            [dict(mask_to_rle(instance.mask)) for instance in one.instances],
            [{"label": by.label, "count": by.count} for by in one.suppressed],
        )
        for one in found.result.prompt_results
    ]


def _rows_in(document: Values) -> list[Row]:
    """Those of an answer of the REST API, or of the command line's."""
    rows = []
    for one in document["prompt_results"]:
        label = (one["echo"]["text"] or "visual") if "echo" in one else ""
        scores = [each["confidence"] for each in one["predictions"]]
        masks = [each["masks"] for each in one["predictions"]]
        rows.append(Row(label, scores, masks, one.get("suppressed", [])))
    return rows


def by_rest(api: Api, path: Path, wish: Wish) -> Rows:
    fields: Values = {"image": base64_image(path.read_bytes()), "format": "rle", **wish.cleanup}
    if wish.concepts:
        answer = api.concept(*map(_rest_concept, wish.concepts), **fields, **_rest_options(wish))
    else:
        prompt: Values = {
            "points": [{"x": x, "y": y, "positive": positive} for x, y, positive in wish.points]
        }
        if wish.box is not None:
            x0, y0, x1, y1 = wish.box
            prompt["box"] = {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2}
            prompt["box"] |= {"width": x1 - x0, "height": y1 - y0}
        # By its contract the API looks for three masks unless told otherwise; the other doors do
        # so where one click alone leaves open what is meant.
        alone = len(wish.points) == 1 and wish.box is None
        answer = api.visual([prompt], **fields, **({} if alone else {"multimask_output": False}))
    if answer.status_code == 422:
        return Refused(answer.json()["detail"][0]["msg"])
    assert answer.status_code == 200, answer.text
    return _rows_in(answer.json())


def _rest_concept(concept: Concept) -> Values:
    boxes: list[Values] = []
    for (x0, y0, x1, y1), _ in concept.boxes:  # in both forms in turn
        corners = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
        sides = {"x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0}
        boxes.append(sides if len(boxes) % 2 else corners)
    return {
        "type": "visual" if boxes else "text",
        "text": concept.text,
        "boxes": boxes,
        "box_labels": [positive for _, positive in concept.boxes],
        "output_prob_thresh": concept.threshold,
    }


def _rest_options(wish: Wish) -> Values:
    """By its contract NMS is off unless asked for, and an IoU alone means across concepts."""
    options: Values = {} if wish.threshold is None else {"output_prob_thresh": wish.threshold}
    mode, iou = wish.nms or ("within", None)
    if mode != "off" and iou is not None:
        options["nms_iou_threshold"] = iou
    if mode == "within" or (mode == "across" and iou is None):
        options["nms_mode"] = mode
    return options


def by_command(path: Path, wish: Wish, capsys: pytest.CaptureFixture[str]) -> Rows | None:
    """None where a command has no words for it; the weights have to be there: see `conftest`."""
    options = command_options(wish)
    if options is None:
        return None
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main(["segment", str(path), "--json", "--format=rle", *options])
    out, err = capsys.readouterr()
    if stop.value.code:
        assert stop.value.code == 2, err
        *_, line = err.splitlines()
        assert line.startswith("error: ")
        return Refused(line.removeprefix("error: "))
    return _rows_in(json.loads(out))


def command_options(wish: Wish) -> list[str] | None:
    """The wish as a command's options, if it can be said."""
    options = _concept_options(wish) if wish.concepts else _object_options(wish)
    if options is None:
        return None
    cleanup = [f"--{name.replace('_', '-')}={value}" for name, value in wish.cleanup.items()]
    return options + cleanup


def _concept_options(wish: Wish) -> list[str] | None:
    names = [one.text for one in wish.concepts if one.text is not None]
    thresholds = {one.threshold for one in wish.concepts if one.threshold is not None}
    alone = len(wish.concepts) == 1
    if (thresholds and not alone) or (len(names) < len(wish.concepts) and not alone):
        return None
    options = [f"--concept={name}" for name in names]
    for one in wish.concepts:
        for box, positive in one.boxes:
            of = "" if alone else f"{one.text}:"
            options.append(f"--exemplar={of}{'+' if positive else '-'}{_numbers(*box)}")
    threshold = next(iter(thresholds), wish.threshold)
    options += [] if threshold is None else [f"--threshold={threshold}"]
    if wish.nms is not None:
        mode, iou = wish.nms
        options += [f"--nms={mode}", *([] if iou is None else [f"--iou={iou}"])]
    return options


def _object_options(wish: Wish) -> list[str]:
    clicks = [f"--click={'+' if on else '-'}{_numbers(x, y)}" for x, y, on in wish.points]
    return clicks + ([] if wish.box is None else [f"--box={_numbers(*wish.box)}"])


def _numbers(*values: float) -> str:
    return ",".join(map(repr, values))


def by_page(segmenter: Segmenter, path: Path, *wishes: Wish) -> Values | Refused:
    """The answer to the last of some wishes that one visitor has one after the other."""
    responder = Responder(SegmenterService.of(segmenter), Settings(), Path)
    session = Sessions().of("visitor")
    answer: Any = None
    try:
        for wish in wishes:
            *_, answer = responder.respond(read_ask(page_wish(path, wish)), session)
    except PlaygroundError as error:
        return Refused(error)
    return dict(answer)


def page_wish(path: Path, wish: Wish) -> Values:
    """The page's state, with what it begins with in the place of what is left out."""
    setup = create_canvas(examples=[], scripts=Scripts({}), status={}).props["setup"]
    state = page_state(str(path), score_threshold=setup["score_threshold"], nms=setup["nms"])
    state["cleanup"] = dict(wish.cleanup)
    if wish.threshold is not None:
        state["score_threshold"] = wish.threshold
    if wish.nms is not None:
        mode, iou = wish.nms
        state["nms"] = {"mode": mode, "iou": setup["nms"]["iou"] if iou is None else iou}
    if not wish.concepts:
        points = [{"x": x, "y": y, "positive": on} for x, y, on in wish.points]
        step = {"points": points, "box": wish.box and list(wish.box), "choice": 0, "base": None}
        return state | {
            "mode": "objects",
            "objects": [{"id": 1, "slot": 0, "name": "", "number": 1, "step": step}],
        }
    state["concepts"] = [
        {
            "id": place + 1,
            "slot": place,
            "text": one.text,
            "exemplars": [{"box": list(box), "positive": on} for box, on in one.boxes],
            "threshold": one.threshold,
        }
        for place, one in enumerate(wish.concepts)
    ]
    return state
