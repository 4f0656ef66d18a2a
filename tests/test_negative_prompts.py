"""What a prompt is not says nothing alone: refused at every door, before the network is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sam3_playground.cli.main import main
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.requests import ConceptRequest, VisualRequest, visual_request
from sam3_playground.errors import InvalidPromptError
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.state import read_ask
from tests.api.conftest import Api, base64_image, png, starting
from tests.fakes import FakeSegmenter, disc_image
from tests.servers import page_state

POINTS = "expected a positive point or a box with negative points, got negative points alone"
BOXES = "expected words or a positive box with negative boxes, got negative boxes alone"
PICTURE = disc_image([("red", 40, 40, 20), ("red", 110, 60, 25)])
ON, OFF = {"x": 40, "y": 40, "positive": True}, {"x": 110, "y": 60, "positive": False}
AROUND = {"x0": 85, "y0": 35, "x1": 135, "y1": 85}


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with starting() as start:
        yield start()


@pytest.fixture
def segmenter(monkeypatch: pytest.MonkeyPatch) -> FakeSegmenter:
    fake = FakeSegmenter()
    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: fake)
    return fake


# What stands beside negative points, and whether it makes them a prompt.
@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"points": [OFF]}, True),
        ({"points": [OFF, OFF | {"x": 5}]}, True),
        ({"points": [ON, OFF]}, False),
        ({"points": [OFF], "box": {"x": 40, "y": 40, "width": 40, "height": 40}}, False),
    ],
)
@pytest.mark.parametrize("options", [{}, {"load_logits_from_cache": True}])
def test_points_over_rest(
    api: Api, fields: dict[str, Any], options: dict[str, Any], *, refused: bool
) -> None:
    asked = len(api.segmenter.calls)
    image = base64_image(png(PICTURE))
    answer = api.visual([{"points": [ON]}, fields], image=image, **options)
    if refused:
        assert answer.status_code == 422
        (named,) = answer.json()["detail"]
        assert (named["loc"], named["msg"]) == (["body", "prompts", 1], POINTS)
        assert len(api.segmenter.calls) == asked
    else:
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"type": "visual", "box_labels": [0, 0]}, True),
        ({"type": "visual", "box_labels": [False, 0], "text": ""}, True),
        ({"type": "visual", "box_labels": [0, 1]}, False),
        ({"type": "visual", "box_labels": [0, 0], "text": "red"}, False),
        ({"type": "text", "box_labels": [0, 0], "text": "red"}, False),
    ],
)
def test_boxes_over_rest(api: Api, fields: dict[str, Any], *, refused: bool) -> None:
    asked = len(api.segmenter.calls)
    prompt = {"boxes": [AROUND, AROUND], **fields}
    answer = api.concept({"type": "text", "text": "red"}, prompt, image=base64_image(png(PICTURE)))
    if refused:
        assert answer.status_code == 422
        (named,) = answer.json()["detail"]
        assert (named["loc"], named["msg"]) == (["body", "prompts", 1, "text"], BOXES)
        assert len(api.segmenter.calls) == asked
    else:
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--click=-110,60"], POINTS),
        (["--click=-110,60", "--click=-5,5"], POINTS),
        (["--click=-110,60", "--click=40,40"], None),
        (["--click=-110,60", "--box=20,20,60,60"], None),
        (["--exemplar=-85,35,135,85"], BOXES),
        (["--exemplar=-85,35,135,85", "--exemplar=20,20,60,60"], None),
        (["--exemplar=-85,35,135,85", "--concept", "red"], None),
    ],
)
def test_on_the_command_line(
    arguments: list[str],
    message: str | None,
    segmenter: FakeSegmenter,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "discs.png"
    Image.fromarray(PICTURE.pixels).save(path)
    with pytest.raises(SystemExit) as stop:
        main(["segment", str(path), *arguments])
    assert stop.value.code == (2 if message else 0)
    assert (message in capsys.readouterr().err) if message else True
    assert len(segmenter.calls) == (0 if message else 1)


def asked_by_the_page(mode: str, *, concepts: Any = (), objects: Any = ()) -> Ask:
    return read_ask(page_state(None, mode=mode, concepts=list(concepts), objects=list(objects)))


def step(*points: Any, **fields: Any) -> dict[str, Any]:
    return {"points": list(points), "box": None, "choice": 0, "base": None} | fields


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        (step(OFF), True),
        (step(ON, OFF), False),
        (step(OFF, box=[20, 20, 60, 60]), False),
        # A mask that was chosen by hand may be corrected by a negative point alone.
        (step(OFF, base=step(ON, choice=1)), False),
        (step(OFF, base=step(OFF)), True),
    ],
)
def test_points_on_the_page(asked: dict[str, Any], *, refused: bool) -> None:
    objects = [
        {"id": n + 1, "slot": n, "name": "", "number": n + 1, "step": one}
        for n, one in enumerate([step(ON), asked])
    ]
    if refused:
        with pytest.raises(InvalidPromptError, match=f"^object 2: {POINTS}$"):
            asked_by_the_page("objects", objects=objects)
    else:
        request = asked_by_the_page("objects", objects=objects).objects
        assert isinstance(request, VisualRequest)
        assert len(request.objects) == 2


@pytest.mark.parametrize(
    ("text", "signs", "refused"),
    [
        (None, [False], True),
        ("", [False, False], True),
        (None, [False, True], False),
        ("red", [False], False),
    ],
)
def test_boxes_on_the_page(text: str | None, signs: list[bool], *, refused: bool) -> None:
    exemplars = [{"box": [85, 35, 135, 85], "positive": sign} for sign in signs]
    concept = {"id": 1, "slot": 0, "text": text, "exemplars": exemplars, "threshold": None}
    if refused:
        with pytest.raises(InvalidPromptError, match=f"^{BOXES}$"):
            asked_by_the_page("concepts", concepts=[concept])
    else:
        request = asked_by_the_page("concepts", concepts=[concept]).concepts
        assert isinstance(request, ConceptRequest)
        assert len(request.prompts) == 1


def test_python_refuses_them() -> None:
    with pytest.raises(InvalidPromptError, match=POINTS):
        visual_request(VisualPrompt((Click(9, 9, positive=False),)))
    with pytest.raises(InvalidPromptError, match=BOXES):
        ConceptPrompt(None, (Exemplar((85, 35, 135, 85), positive=False),))
