"""The server tells who it is, whether it is ready and what is loaded, as the hosted one does."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from sam3_playground import __version__
from sam3_playground.config import Settings
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import CheckpointError
from sam3_playground.pipeline.service import SegmenterService, State
from sam3_playground.weights.resolving import WeightsInfo
from tests.api.conftest import Api, StartApi, base64_image
from tests.fakes import FakeSegmenter

KEYS = Settings(api_keys=frozenset({"a-key"}))
KEY = {"Authorization": "Bearer a-key"}
RED = {"text": "red"}
CLICK = {"points": [{"x": 60, "y": 95}]}


def test_who_answers(api: Api, start_api: StartApi) -> None:
    told = api.http.get("/info").json()
    assert told.keys() == {"name", "version", "uuid"}
    assert told["version"] == __version__
    assert UUID(told["uuid"]).version == 4
    assert api.http.get("/info").json() == told
    other = start_api().http.get("/info").json()
    assert other == told | {"uuid": other["uuid"]}
    assert other["uuid"] != told["uuid"]


def broken(_say: Any) -> Segmenter:
    raise CheckpointError("expected weights, got none")


def until_loaded(service: SegmenterService) -> None:
    for _ in range(400):
        if service.status.state is not State.LOADING:
            return
        time.sleep(0.05)
    pytest.fail("the weights are loading still")


def test_readiness_is_that_of_the_weights(start_api: StartApi) -> None:
    may_load = threading.Event()

    def load(_say: Any) -> Segmenter:
        may_load.wait(20)
        return cast(Segmenter, FakeSegmenter())

    service = SegmenterService(load)
    api = start_api(service=service)
    service.start()

    def told() -> tuple[int, Any, Any]:
        ready = api.http.get("/readiness")
        return ready.status_code, ready.json(), api.http.get("/model/registry").json()

    assert told() == (503, {"status": "not ready"}, {"models": []})
    may_load.set()
    until_loaded(service)
    status, ready, registry = told()
    assert (status, ready) == (200, {"status": "ready"})
    assert registry["models"]


def test_a_server_whose_weights_failed_is_not_ready(start_api: StartApi) -> None:
    service = SegmenterService(broken)
    service.start()
    until_loaded(service)
    api = start_api(service=service)
    ready = api.http.get("/readiness")
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready"})
    assert api.http.get("/model/registry").json() == {"models": []}


def test_what_is_registered_may_be_asked_for(api: Api) -> None:
    models = api.http.get("/model/registry").json()["models"]
    bodies: dict[str, Any] = {
        "/sam3/concept_segment": {"prompts": [RED]},
        "/sam3/visual_segment": {"prompts": [CLICK]},
        "/sam3/embed_image": {},
    }
    asked = []
    for model in models:
        assert model["task_type"] == "unsupervised-segmentation"
        for name in (model["model_id"], *model["request_aliases"]):
            for path in model["request_paths"]:
                body = {"image": base64_image(), "model_id": name, **bodies[path]}
                answer = api.post(path, body)
                assert answer.status_code == 200, answer.text
                assert answer.json()["resolved_model"] == model["resolved_model"]
                asked.append((name, path))
    assert {path for _, path in asked} == set(bodies)
    assert {name for name, _ in asked} == {"sam3", "sam3/sam3_final", "sam3/sam3_interactive"}


@pytest.mark.parametrize(
    ("name", "fallback"), [("facebook/sam3", False), ("Gewichte №1.pt", False), ("tiny", True)]
)
def test_answers_say_which_weights_made_them(
    start_api: StartApi, name: str, fallback: bool
) -> None:
    segmenter = FakeSegmenter()
    weights = WeightsInfo(name, bundled=fallback, path=Path("weights"))
    segmenter.weights = replace(weights, fallback=fallback)
    api = start_api(segmenter=segmenter)
    for answer in (
        api.concept(RED, model_id="sam3/other"),
        api.concept(RED, nms_iou_threshold=0.5),
        api.visual([CLICK], format="rle"),
        api.embed(),
    ):
        assert answer.json()["resolved_model"] == {
            "model_id": name,
            "model_package_id": None,
            "backend": "torch",
            "quantization": None,
        }
        assert answer.headers["x-sam3-weights"]
        assert answer.headers.get("x-sam3-fallback") == ("1" if fallback else None)


def test_meshes_are_not_made_here(start_api: StartApi) -> None:
    api = start_api(KEYS)
    body = {"image": base64_image(), "mask_input": [1, 2, 3, 4], "model_id": "sam3-3d-objects"}
    assert api.post("/sam3_3d/infer", body).status_code == 401
    for options in ({"headers": KEY}, {"params": {"api_key": "a-key"}}):
        answer = api.post("/sam3_3d/infer", body, **options)
        assert answer.status_code == 501
        assert "got one for meshes" in answer.json()["detail"]
    assert api.post("/sam3_3d/infer", body | {"api_key": "a-key"}).status_code == 501


def test_load_balancers_need_no_key_and_the_registry_does(start_api: StartApi) -> None:
    api = start_api(KEYS)
    for path in ("/healthz", "/readiness", "/info"):
        assert api.http.get(path).status_code == 200
    for path in ("/metrics", "/model/registry"):
        assert api.http.get(path).status_code == 401
        assert api.http.get(path, headers=KEY).status_code == 200
        assert api.http.get(path, params={"api_key": "a-key"}).status_code == 200


def test_what_is_asked_of_them_is_counted_by_path(start_api: StartApi) -> None:
    api = start_api()
    paths = ("/info", "/readiness", "/model/registry")
    for path in paths:
        api.http.get(path)
    api.post("/sam3_3d/infer", {})
    counts = api.http.get("/metrics").text
    for path in paths:
        assert f'sam3_requests_total{{path="{path}",status="200"}} 1.0' in counts
    assert 'sam3_requests_total{path="/sam3_3d/infer",status="501"} 1.0' in counts
