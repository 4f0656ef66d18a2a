"""The public Python API is a list, and does what the README shows."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import sam3_playground
from sam3_playground import Click, ConceptPrompt, ConceptRequest, Nms, Playground
from sam3_playground.errors import InvalidInputError, InvalidPromptError
from tests.fakes import FakeSegmenter, disc_image
from tests.servers import ROOT

DISCS = disc_image([("red", 40, 40, 20), ("red", 110, 50, 25), ("green", 60, 95, 15)])
PUBLIC = {
    "Click",
    "ConceptPrompt",
    "ConceptRequest",
    "Correction",
    "Exemplar",
    "Instance",
    "MaskCleanup",
    "Nms",
    "Playground",
    "PlaygroundError",
    "Result",
    "Seed",
    "Segmentation",
    "Step",
    "VisualObject",
    "VisualPrompt",
    "VisualRequest",
    "__version__",
    "load",
    "visual_request",
}


@pytest.fixture
def playground() -> Playground:
    return Playground(FakeSegmenter())


def test_the_public_names_are_these_and_each_is_there_and_documented() -> None:
    assert set(sam3_playground.__all__) == PUBLIC
    assert set(dir(sam3_playground)) >= PUBLIC
    for name in PUBLIC - {"__version__"}:
        assert getattr(sam3_playground, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'segment_all'"):
        _ = sam3_playground.segment_all


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = ["torch", "gradio", "supervision", "cv2", "pydantic"]
    code = f"import sys, sam3_playground; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_readmes_example_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(import sam3_playground\n.*?)```", readme, re.DOTALL)
    last = "print('ONE', len(one), type(detections).__name__, len(detections) == len(found))"
    done = subprocess.run(
        [sys.executable, "-c", example + last],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *_, end = done.stdout.splitlines()
    assert end == "ONE 1 Detections True"
    labels = ast.literal_eval(first[first.index("[") : first.index("]") + 1])
    assert set(labels) <= {"rocket", "dog"}


def test_an_answer_has_arrays_of_one_length(playground: Playground) -> None:
    found = playground.segment_concepts(DISCS, "red", "green")
    assert found.labels == ["red", "red", "green"]
    assert found.masks.shape == (3, 120, 160)
    assert found.masks.dtype == bool
    assert found.boxes_xyxy.shape == (3, 4)
    assert found.scores.shape == (3,)
    for mask, (x0, y0, x1, y1) in zip(found.masks, found.boxes_xyxy.astype(int), strict=True):
        assert mask[y0:y1, x0:x1].sum() == mask.sum() > 0
    detections = found.to_supervision()
    assert list(detections.data["class_name"]) == found.labels
    assert detections.class_id is not None
    assert detections.class_id.tolist() == [0, 0, 1]
    assert np.array_equal(np.asarray(detections.xyxy), found.boxes_xyxy)
    assert found.draw().shape == (120, 160, 3)
    document = found.to_json("rle", source="discs.png")
    assert [len(one["predictions"]) for one in document["prompt_results"]] == [2, 1]
    assert document["nms"] == {"mode": "within", "iou_threshold": 0.7}


def test_nothing_found_is_arrays_of_length_zero(playground: Playground) -> None:
    found = playground.segment_concepts(DISCS, "unknown")
    assert len(found) == 0
    assert found.labels == []
    assert found.masks.shape == (0, 120, 160)
    assert found.boxes_xyxy.shape == (0, 4)
    assert found.scores.shape == (0,)
    assert len(found.to_supervision()) == 0


def test_an_image_may_come_in_every_form(playground: Playground) -> None:
    picture = Image.fromarray(DISCS.pixels)
    file = io.BytesIO()
    picture.save(file, "PNG")
    path = ROOT / "assets/examples/rockets.jpg"
    for image in (DISCS, DISCS.pixels, picture, file.getvalue()):
        found = playground.segment_concepts(image, "red")
        assert found.labels == ["red", "red"]
    turned = Image.fromarray(DISCS.pixels.transpose(1, 0, 2))
    exif = turned.getexif()
    exif[0x0112] = 5  # mirrored over the diagonal
    turned.info["exif"] = exif.tobytes()
    assert np.array_equal(playground.segment_concepts(turned, "red").masks, found.masks)
    for name in (path, str(path)):
        assert playground.segment_concepts(name, "red").image.size == (720, 960)


def test_clicks_may_be_pairs_and_an_instance_may_be_refined(playground: Playground) -> None:
    first = playground.segment_visual(DISCS, clicks=[(40, 40)])
    assert first.labels == ["object"]
    again = playground.segment_visual(
        DISCS, clicks=[Click(42, 42, positive=False)], refine=first.instances[0]
    )
    assert len(again) == 1
    with pytest.raises(InvalidPromptError, match="negative points alone"):
        playground.segment_visual(DISCS, clicks=[Click(42, 42, positive=False)])
    with pytest.raises(InvalidPromptError, match="a point in the image"):
        playground.segment_visual(DISCS, clicks=[(400, 40)])


def test_a_request_as_a_value_is_answered_alike(playground: Playground) -> None:
    request = ConceptRequest((ConceptPrompt("red"),), nms=Nms("off"), score_threshold=0.85)
    found = playground.segment(DISCS, request)
    assert np.array_equal(
        found.masks,
        playground.segment_concepts(DISCS, "red", nms=Nms("off"), score_threshold=0.85).masks,
    )
    assert len(found) == 1
    with pytest.raises(InvalidPromptError, match="at least one concept, got none"):
        playground.segment_concepts(DISCS)
    with pytest.raises(InvalidInputError, match="expected pixels of shape"):
        playground.segment_concepts(np.zeros((4, 4), np.uint8), "red")
