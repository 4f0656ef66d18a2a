"""What a visitor takes away: files that others read, the picture, and code that runs."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Route
from pycocotools.coco import COCO

from sam3_playground.core.rle import rle_to_mask
from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.drawn import Drawn, drawn_example
from tests.formats.exported import iou
from tests.servers import serving
from tests.test_copied_code import run_process

WORDS = ("rocket", "dog", "cat")


@pytest.fixture(scope="module")
def app_url() -> Iterator[str]:
    with serving("app.py", "--weights", "tiny", "--port") as url:
        yield url


@pytest.fixture(scope="module")
def rockets() -> Drawn:
    return drawn_example("rockets")


@pytest.fixture
def visitor(open_bench: OpenBench, app_url: str, rockets: Drawn) -> Bench:
    """Somebody with what was found before them."""
    bench = open_bench(app_url, permissions=["clipboard-read", "clipboard-write"])
    bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
    bench.open(rockets.path)
    bench.words(", ".join(WORDS))
    return bench


def choose(bench: Bench, *formats: str) -> None:
    for box in bench.page.locator("[data-ref=saveFormats] input").all():
        box.set_checked(box.get_attribute("value") in formats)


def saved(bench: Bench, tmp_path: Path, *formats: str) -> Path:
    """What the browser saves, under the name that it proposes."""
    bench.part("viewport").press("s")
    choose(bench, *formats)
    with bench.page.expect_download() as download:
        bench.part("saveNow").press("Enter")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    bench.page.wait_for_selector("[data-ref=save]", state="hidden")
    assert path.name in bench.message
    return path


def read(path: Path) -> dict[str, list[NDArray[np.bool_]]]:
    """Masks by category, as pycocotools has them."""
    coco = COCO(str(path))
    return {
        entry["name"]: [
            coco.annToMask(one).astype(bool)
            for one in coco.loadAnns(coco.getAnnIds(catIds=[entry["id"]]))
        ]
        for entry in coco.loadCats(coco.getCatIds())
    }


def test_coco_holds_what_is_in_the_scene_and_nothing_hidden(
    visitor: Bench, rockets: Drawn, tmp_path: Path
) -> None:
    path = saved(visitor, tmp_path, "coco")
    assert path.name == "rockets-coco.json"
    found = read(path)
    assert {word: len(masks) for word, masks in found.items()} == visitor.counts()
    for word, masks in found.items():
        truth = [mask.to_bitmap() for mask in rockets.of(word)]
        for mask in masks:
            assert max(iou(mask, true) for true in truth) > 0.8, word
    assert sum(map(len, found.values())) > 3

    eye = visitor.page.locator("[data-ref=instances] .eye").first
    label = visitor.page.locator("[data-ref=instances] b").first.inner_text()
    eye.click()
    visitor.settled()
    visitor.part("words").press("Control+s")
    assert "1 hidden one is left out" in visitor.part("saveWhat").inner_text()
    visitor.page.keyboard.press("Escape")
    fewer = read(saved(visitor, tmp_path, "coco"))
    changes = {word: len(found[word]) - len(fewer[word]) for word in found}
    assert changes == {word: int(label.startswith(word)) for word in found}


def test_several_formats_come_in_one_archive(visitor: Bench, tmp_path: Path) -> None:
    path = saved(visitor, tmp_path, "yolo", "cutouts", "picture")
    assert path.name == "rockets.zip"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        drawn = Image.open(archive.open("picture/rockets.png"))
        drawn.load()
    count = sum(visitor.counts().values())
    assert sum(name.startswith("cutouts/rockets/") for name in names) == count
    assert {"yolo/labels/rockets.txt", "yolo/images/rockets.jpg", "yolo/data.yaml"} < set(names)

    visitor.part("viewport").press("s")
    visitor.do("copyPicture")
    visitor.page.wait_for_selector("[data-ref=save]", state="hidden")
    assert visitor.message == "Copied the picture."
    copied = visitor.page.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          const bytes = new Uint8Array(await (await item.getType("image/png")).arrayBuffer());
          return [...bytes];
        }"""
    )
    picture = np.asarray(Image.open(io.BytesIO(bytes(copied))).convert("RGB"))
    assert np.array_equal(picture, np.asarray(drawn.convert("RGB")))


def test_code_that_was_copied_gives_what_was_saved(
    visitor: Bench, rockets: Drawn, tmp_path: Path
) -> None:
    expected = [mask for masks in read(saved(visitor, tmp_path, "coco")).values() for mask in masks]
    shutil.copy(rockets.path, tmp_path)
    visitor.part("viewport").press("k")
    visitor.page.wait_for_selector("[data-ref=codeLanguage] option", state="attached")
    assert visitor.part("codeLanguage").locator("option").count() == 5
    for language, program in (("curl", "bash"), ("requests", "python3")):
        visitor.part("codeLanguage").select_option(language)
        visitor.do("copyCode")
        visitor.page.wait_for_function(
            "document.querySelector('[data-ref=codeDone]').textContent === 'Copied.'"
        )
        text = visitor.page.evaluate("navigator.clipboard.readText()")
        assert text == visitor.part("codeText").input_value()
        (line,) = run_process(program, text, tmp_path).splitlines()
        results = json.loads(line)["prompt_results"]
        masks = [
            rle_to_mask(one["masks"]).to_bitmap()
            for result in results
            for one in result["predictions"]
        ]
        assert len(masks) == len(expected)
        assert all(map(np.array_equal, masks, expected))
    visitor.page.keyboard.press("Escape")
    assert not visitor.part("code").is_visible()


def test_a_link_brings_back_an_example_with_all_that_was_done(
    open_bench: OpenBench, app_url: str, rockets: Drawn, tmp_path: Path
) -> None:
    maker = open_bench(app_url, permissions=["clipboard-read", "clipboard-write"])
    maker.page.wait_for_selector("[data-ref=status][data-state=ready]")
    maker.page.locator(".example", has_text="Rockets").click()
    maker.loaded()
    maker.words(", ".join(WORDS))
    assert maker.counts()["rocket"] == len(rockets.of("rocket"))
    # A rocket is mended by a click, the dog removed, the cat hidden, and an object clicked.
    tools = maker.part("mendTools")
    row_over(maker, *rockets.point("rocket")).locator(".name").click()
    tools.get_by_role("button", name="Mend", exact=True).click()
    maker.click(*rockets.point("rocket"))
    maker.do("mendDone")
    maker.page.locator("[data-ref=instances] .name:has-text('dog 1')").click()
    tools.get_by_role("button", name="Remove", exact=True).click()
    maker.settled()
    maker.page.locator("[data-ref=instances] li:has-text('cat 1') .eye").click()
    maker.slide("score", 0.4)
    maker.tab("objects")
    maker.click(*rockets.point("dog"))
    expected = listed(maker)
    assert sorted(expected) == ["cat 1 show", "object 1", *(f"rocket {n}" for n in range(1, 6))]
    masks = read(saved(maker, tmp_path, "coco"))

    maker.part("viewport").press("u")
    maker.page.wait_for_selector("[data-ref=copyLink]:enabled")
    maker.do("copyLink")
    maker.page.wait_for_selector("[data-ref=shareDone]:has-text('Copied.')")
    link = maker.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{app_url}/#prompts=")
    assert len(link) < 2000

    other = open_bench(link)
    other.loaded()
    assert other.page.url == f"{app_url}/"
    assert listed(other) == expected
    assert other.part("scoreOut").text_content() == "0.40"
    assert other.page.locator("[data-ref=instances] .mended").count() == 1
    brought = read(saved(other, tmp_path, "coco"))
    assert list(brought) == list(masks)
    for word, some in masks.items():
        assert len(brought[word]) == len(some)
        assert all(map(np.array_equal, brought[word], some))
    for mask in brought["rocket"]:
        assert max(iou(mask, true.to_bitmap()) for true in rockets.of("rocket")) > 0.8
    # It is work like other work: kept, once.
    other.written()
    other.page.reload()
    other.loaded()
    assert (list(other.images()), listed(other)) == (["rockets.jpg"], expected)


def row_over(bench: Bench, x: float, y: float) -> Locator:
    """The first row of an instance whose box, "x0, y0 - x1, y1" at its end, holds the point."""
    for row in bench.page.locator("[data-ref=instances] li").all():
        x0, y0, x1, y1 = map(int, re.findall(r"\d+", row.inner_text().splitlines()[-1])[-4:])
        if x0 <= x <= x1 and y0 <= y <= y1:
            return row
    raise AssertionError(f"nothing was found at {x}, {y}")


def listed(bench: Bench) -> list[str]:
    """The found instances by name, and whether they can be shown again."""
    rows = bench.page.locator("[data-ref=instances] li").all()
    return [
        row.locator("b").inner_text() + (" show" if row.get_by_text("show").count() else "")
        for row in rows
    ]


def test_an_upload_that_has_gone_is_sent_again_by_itself(bench: Bench, tmp_path: Path) -> None:
    bench.words("red")
    calls: list[str] = []

    def gone_once(route: Route) -> None:
        calls.append(route.request.url.rpartition("/")[2])
        if calls.count("save") == 1:
            route.fulfill(status=410, json={"error": "expected the upload", "gone": [0]})
        else:
            route.continue_()

    bench.page.route("**/page/save", gone_once)

    def upload(route: Route) -> None:
        calls.append("images")
        route.continue_()

    bench.page.route("**/page/images", upload)
    assert len(read(saved(bench, tmp_path, "coco"))["red"]) == 2
    assert calls == ["save", "images", "save"]


def test_what_does_not_come_whole_is_said(bench: Bench) -> None:
    bench.words("red")
    downloads: list[Any] = []
    bench.page.on("download", lambda one: downloads.append(one))  # noqa: PLW0108
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("coco/instances.json", "{}")
        archive.writestr("FAILED.txt", "a.png: no memory")
    whole = packed.getvalue()
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": "attachment; filename*=UTF-8''discs.zip",
    }
    refusal = {"error": "expected fewer"}
    answers: list[tuple[Callable[[Route], None], str]] = [
        (lambda route: route.fulfill(body=whole[:-1], headers=headers), "it broke off"),
        (lambda route: route.fulfill(status=503, json=refusal), "expected fewer"),
        (lambda route: route.abort(), "the server does not answer"),
        (lambda route: route.fulfill(body=whole, headers=headers), "FAILED.txt in it says what"),
    ]
    bench.do("save")
    for answer, said in answers:
        assert downloads == []
        bench.page.route("**/page/save", answer)
        bench.part("saveNow").click()
        bench.page.wait_for_selector(f"[data-ref=saveError]:has-text('{said}')")
        assert bench.part("save").is_visible()
        assert bench.part("saveNow").is_enabled()
    assert [one.suggested_filename for one in downloads] == ["discs.zip"]
