"""Kept images and logits belong to their caller and to their image."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from sam3_playground.api.kept import KeptImage, KeptImages, KeptLogits
from sam3_playground.config import Settings
from sam3_playground.core.prompts import Click, VisualPrompt
from tests.api.conftest import PICTURE, Api, StartApi, base64_image, png
from tests.fakes import FakeSegmenter, disc_image

OTHER = disc_image([("green", 40, 40, 30)])
KEYS = Settings(api_keys=frozenset({"one", "two"}))
ONE, TWO = ({"headers": {"Authorization": f"Bearer {key}"}} for key in ("one", "two"))
CLICK = {"points": [{"x": 40, "y": 40, "positive": True}]}


def cut_out(api: Api, image: Any, options: Any, **fields: Any) -> Any:
    body = {"image": image, "prompts": CLICK, "format": "rle", **fields}
    return api.post("/sam3/visual_segment", body, **options)


def test_an_id_stands_for_the_callers_image(start_api: StartApi) -> None:
    api = start_api(KEYS)
    whole = cut_out(api, base64_image(), ONE, image_id="mine").json()["predictions"]
    by_id = cut_out(api, {"type": "base64"}, ONE, image_id="mine").json()["predictions"]
    assert by_id == whole


def test_nobody_reads_anothers_image(start_api: StartApi) -> None:
    api = start_api(KEYS)
    cut_out(api, base64_image(), ONE, image_id="mine")
    answer = cut_out(api, {"type": "base64"}, TWO, image_id="mine")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "image", "value"]


def test_nobody_replaces_anothers_image(start_api: StartApi) -> None:
    api = start_api(KEYS)
    whole = cut_out(api, base64_image(), ONE, image_id="mine").json()["predictions"]
    cut_out(api, base64_image(png(OTHER)), TWO, image_id="mine")
    assert cut_out(api, {"type": "url"}, ONE, image_id="mine").json()["predictions"] == whole


def test_an_id_never_answers_for_another_image(api: Api) -> None:
    other = base64_image(png(OTHER))
    first = cut_out(api, base64_image(), {}, image_id="x").json()["predictions"]
    assert cut_out(api, other, {}, image_id="x").json()["predictions"] != first
    assert cut_out(api, base64_image(), {}, image_id="x").json()["predictions"] == first


def test_without_keys_a_chosen_id_is_no_key_to_anothers_image(api: Api) -> None:
    cut_out(api, base64_image(), {}, image_id="holiday")
    assert cut_out(api, {"type": "base64"}, {}, image_id="holiday").status_code == 422


def embedded(api: Api, options: Any, image: Any = None, **fields: Any) -> str:
    body = {"image": image or base64_image(), **fields}
    image_id: str = api.post("/sam3/embed_image", body, **options).json()["image_id"]
    return image_id


@pytest.mark.parametrize("keys", [True, False], ids=["with keys", "without keys"])
@pytest.mark.parametrize("chosen", [None, "mine"])
def test_the_answered_id_of_an_embedding_stands_for_the_image(
    start_api: StartApi, keys: bool, chosen: str | None
) -> None:
    api, options = (start_api(KEYS), ONE) if keys else (start_api(), {})
    answered = embedded(api, options, image_id=chosen)
    assert (answered == "mine") is (keys and chosen is not None)
    by_id = cut_out(api, {"type": "base64"}, options, image_id=answered)
    whole = cut_out(api, base64_image(), options)
    assert by_id.status_code == 200
    assert by_id.json()["predictions"] == whole.json()["predictions"]
    assert embedded(api, options, {"type": "base64"}, image_id=answered) == answered


def test_without_keys_the_same_chosen_id_is_answered_for_each_image(api: Api) -> None:
    answered = [embedded(api, {}, base64_image(png(it)), image_id="me") for it in (PICTURE, OTHER)]
    answers = [cut_out(api, {"type": "url"}, {}, image_id=it).json() for it in answered]
    assert answered[0] != answered[1]
    assert answers[0]["predictions"] != answers[1]["predictions"]
    assert cut_out(api, {"type": "url"}, {}, image_id="me").status_code == 422


def test_without_keys_nobody_takes_the_place_of_a_made_id(api: Api) -> None:
    made = embedded(api, {})
    whole = cut_out(api, base64_image(), {}).json()["predictions"]
    assert cut_out(api, base64_image(png(OTHER)), {}, image_id=made).status_code == 200
    assert cut_out(api, {"type": "url"}, {}, image_id=made).json()["predictions"] == whole


def test_a_known_id_saves_fetching(start_api: StartApi) -> None:
    fetched = []

    class Fetched:
        async def fetch(self, url: str) -> bytes:
            fetched.append(url)
            return png()

    api = start_api(fetcher=Fetched())
    image = {"type": "url", "value": "https://images.example/a.png"}
    for _ in range(3):
        assert cut_out(api, image, {}, image_id="a").status_code == 200
    assert len(fetched) == 1
    cut_out(api, image | {"value": "https://images.example/b.png"}, {}, image_id="a")
    assert fetched[1:] == ["https://images.example/b.png"]


def test_kept_images_are_bounded() -> None:
    images = KeptImages(max_bytes=5 * PICTURE.pixels.nbytes // 2)
    for name in "abc":
        images.put("caller", name, KeptImage(name, PICTURE))
    assert [images.get("caller", name, name) is not None for name in "abc"] == [False, True, True]
    images.put("caller", "large", KeptImage("large", disc_image(height=500, width=500)))
    assert images.get("caller", "large", "large") is None


class Refined(FakeSegmenter):
    """Notes the logits that it is given to refine."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[Any] = []

    def segment_visual(self, image: Any, prompt: Any, **options: Any) -> Any:
        self.inputs.append(options["mask_input"])
        return super().segment_visual(image, prompt, **options)


def clicks(*points: tuple[int, int]) -> list[dict[str, Any]]:
    return [{"points": [{"x": x, "y": y, "positive": True} for x, y in points]}]


def test_saved_logits_are_loaded_for_the_next_click(start_api: StartApi) -> None:
    segmenter = Refined()
    api = start_api(KEYS, segmenter=segmenter)

    def click(*points: tuple[int, int], **fields: bool) -> None:
        cut_out(api, base64_image(), ONE, prompts=clicks(*points), **fields)

    click((40, 40), save_logits_to_cache=True)
    click((40, 40), (45, 45))
    click((40, 40), (45, 45), load_logits_from_cache=True)
    click((40, 40), load_logits_from_cache=True)  # nothing came before it
    click((50, 50), (45, 45), load_logits_from_cache=True)  # another object
    assert [given is not None for given in segmenter.inputs] == [False, False, True, False, False]


def test_logits_of_another_caller_or_image_are_not_loaded(start_api: StartApi) -> None:
    segmenter = Refined()
    api = start_api(KEYS, segmenter=segmenter)
    both = {"save_logits_to_cache": True, "load_logits_from_cache": True}
    cut_out(api, base64_image(), ONE, **both)
    more = both | {"prompts": clicks((40, 40), (41, 41))}
    cut_out(api, base64_image(), TWO, **more)
    cut_out(api, base64_image(png(OTHER)), ONE, **more)
    assert segmenter.inputs == [None, None, None]
    cut_out(api, base64_image(), ONE, **more)
    assert segmenter.inputs[-1] is not None


@pytest.mark.parametrize("keys", [True, False], ids=["with keys", "without keys"])
def test_saved_logits_need_a_key(start_api: StartApi, keys: bool) -> None:
    """Without keys another visitor could have saved them."""
    segmenter = Refined()
    api = start_api(KEYS if keys else Settings(), segmenter=segmenter)
    saved = cut_out(api, base64_image(), ONE, save_logits_to_cache=True)
    more = {"prompts": clicks((40, 40), (41, 41)), "load_logits_from_cache": True}
    loaded = cut_out(api, base64_image(), ONE, **more)
    assert (saved.status_code, loaded.status_code) == (200, 200)
    assert [given is not None for given in segmenter.inputs] == [False, keys]


@pytest.mark.parametrize(
    ("earlier", "found"),
    [
        (VisualPrompt((Click(1, 1),)), True),
        (VisualPrompt((Click(2, 2, positive=False),)), True),
        (VisualPrompt((Click(2, 2, positive=False), Click(1, 1))), False),  # the same
        (VisualPrompt((Click(1, 1, positive=False),)), False),
        (VisualPrompt((Click(1, 1),), (0, 0, 5, 5)), False),
        (VisualPrompt((Click(1, 1), Click(2, 2, positive=False), Click(3, 3))), False),
    ],
)
def test_which_prompt_came_before(earlier: VisualPrompt, found: bool) -> None:
    logits = KeptLogits()
    logits.put("caller", "net", PICTURE, earlier, np.zeros((4, 4), np.float32))
    prompt = VisualPrompt((Click(1, 1), Click(2, 2, positive=False)))
    assert (logits.before("caller", "net", PICTURE, prompt) is not None) is found


def test_the_longest_earlier_prompt_wins() -> None:
    logits = KeptLogits()
    points = tuple(Click(x, x) for x in range(4))
    for count in (2, 1):
        values = np.full((4, 4), count, np.float32)
        logits.put("caller", "net", PICTURE, VisualPrompt(points[:count]), values)
    before = logits.before("caller", "net", PICTURE, VisualPrompt(points))
    assert before is not None
    assert before[0, 0] == 2


def test_another_networks_logits_are_none() -> None:
    logits = KeptLogits()
    logits.put("caller", "net", PICTURE, VisualPrompt((Click(1, 1),)), np.zeros((4, 4), np.float32))
    prompt = VisualPrompt((Click(1, 1), Click(2, 2)))
    assert logits.before("caller", "net", PICTURE, prompt) is not None
    assert logits.before("caller", "other", PICTURE, prompt) is None


def test_kept_logits_are_bounded() -> None:
    logits = KeptLogits(max_bytes=3 * 4096)
    for x in range(10):
        prompt = VisualPrompt((Click(x, 0),))
        logits.put("caller", "net", PICTURE, prompt, np.zeros((4, 4), np.float32))
    assert (
        logits.before("caller", "net", PICTURE, VisualPrompt((Click(0, 0), Click(50, 0)))) is None
    )
    assert (
        logits.before("caller", "net", PICTURE, VisualPrompt((Click(9, 0), Click(50, 0))))
        is not None
    )


def test_what_is_kept_counts_with_its_prompt_and_in_whole() -> None:
    """A hundred clicks take more than the logits that they gave."""
    logits = KeptLogits(max_bytes=2**20)
    tracemalloc.start()
    try:
        for number in range(200):
            clicks = tuple(Click(number + 0.5, place + 0.5) for place in range(100))
            values = np.zeros((64, 4, 4), np.float32)[0]
            logits.put("caller", "net", PICTURE, VisualPrompt(clicks), values)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 2**17 < held < 2**20
