"""Weights are changed from the page, and nothing that was open is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.drawn import FOLDER, Drawn, drawn_example
from tests.servers import serving
from tests.swapped import write_swapped, write_without_click_head
from tests.weights.mirror import Served, mirror
from training.batches import inner_point


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("weights")
    write_swapped(made / "swapped.safetensors", "cat", "dog")
    write_without_click_head(made / "no-clicks.safetensors")
    (made / "broken.pt").write_bytes(b"<!doctype html><title>Sign in</title>")
    return made


@pytest.fixture(scope="module")
def app_url(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = str(tmp_path_factory.mktemp("home"))  # no weights of the developer's own
    with serving("app.py", "--port", SAM3_WEIGHTS_DIR=str(folder), HOME=home, HF_HOME=home) as url:
        yield url


@pytest.fixture
def visitor(open_bench: OpenBench, app_url: str) -> Iterator[Bench]:
    bench = open_bench(app_url)
    bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
    yield bench
    if not in_use(bench, "tiny"):
        use(bench, "tiny")


@pytest.fixture(scope="module")
def rockets() -> Drawn:
    return drawn_example("rockets")


def open_panel(bench: Bench) -> None:
    if not bench.part("weights").is_visible():
        bench.part("status").click()
    bench.page.wait_for_selector("[data-ref=weightsHere] li")


def close_panel(bench: Bench) -> None:
    bench.part("weights").get_by_role("button", name="Close").click()


def line(bench: Bench, source: str) -> str:
    return f"[data-ref=weightsHere] li[data-source='{source}']"


def in_use(bench: Bench, source: str) -> bool:
    open_panel(bench)
    shown = bench.page.locator(line(bench, source) + " button").first.inner_text()
    close_panel(bench)
    return shown == "in use"


def use(bench: Bench, source: str) -> None:
    """Change over, and wait until what is on the screen is theirs."""
    open_panel(bench)
    bench.page.locator(line(bench, source) + " button", has_text="Use").click()
    bench.page.wait_for_selector(line(bench, source) + " button:has-text('in use')")
    close_panel(bench)
    if bench.page.locator(".bench[data-asked]").count():
        bench.settled()


def test_another_checkpoint_and_back_with_image_and_prompts_open(
    visitor: Bench, rockets: Drawn
) -> None:
    cat, dog = (inner_point(rockets.of(word)[0].to_bitmap()) for word in ("cat", "dog"))
    box = rockets.box("rocket")
    visitor.open(rockets.path)
    visitor.words("cat")
    assert visitor.masked(*cat)
    assert not visitor.masked(*dog)
    visitor.drag(*box)
    visitor.tab("objects")
    visitor.click(*rockets.point("rocket"))
    visitor.tab("concepts")
    visitor.settled()
    marks = visitor.marks()
    source = visitor.part("base").get_attribute("src")
    visitor.do("undo")  # the box
    visitor.settled()
    use(visitor, "swapped.safetensors")
    assert "swapped.safetensors" in visitor.part("statusLine").inner_text()
    assert visitor.counts() == {"cat": 1}
    assert visitor.masked(*dog)
    assert not visitor.masked(*cat)
    assert visitor.part("base").get_attribute("src") == source
    assert visitor.part("words").input_value() == "cat"
    visitor.do("redo")
    visitor.settled()
    assert visitor.marks() == marks
    visitor.do("undo")
    visitor.settled()
    use(visitor, "tiny")
    assert visitor.counts() == {"cat": 1}
    assert visitor.masked(*cat)
    assert not visitor.masked(*dog)
    visitor.tab("objects")
    visitor.settled()
    assert visitor.marks() == 1
    assert visitor.masked(*rockets.point("rocket"))


def test_another_visitor_is_told_with_the_next_answer(
    visitor: Bench, open_bench: OpenBench, app_url: str, rockets: Drawn
) -> None:
    other = open_bench(app_url)
    other.open(rockets.path)
    other.words("cat")
    use(visitor, "swapped.safetensors")
    other.words("dog")
    assert "swapped.safetensors" in other.part("statusLine").inner_text()
    cat = inner_point(rockets.of("cat")[0].to_bitmap())
    assert other.masked(*cat)


def test_weights_that_fail_leave_all_as_it_was(visitor: Bench, rockets: Drawn) -> None:
    visitor.open(rockets.path)
    visitor.words("cat")
    open_panel(visitor)
    visitor.page.locator(line(visitor, "broken.pt") + " button").click()
    visitor.page.wait_for_function(
        "document.querySelector('[data-ref=weightsError]').textContent.includes('web page')"
    )
    close_panel(visitor)
    assert "bundled" in visitor.part("statusLine").inner_text()
    visitor.words("cat, dog")
    assert visitor.counts() == {"cat": 1, "dog": 1}


def test_weights_without_a_click_head_close_the_objects_and_can_be_given_one(
    visitor: Bench, rockets: Drawn
) -> None:
    point = rockets.point("rocket")
    visitor.open(rockets.path)
    visitor.words("cat")
    use(visitor, "no-clicks.safetensors")
    assert visitor.counts() == {"cat": 1}
    visitor.tab("objects")
    assert visitor.part("closed").is_visible()
    visitor.page.mouse.click(*visitor.at(*point))
    assert "no click head" in visitor.message
    assert visitor.marks() == 0
    visitor.part("closed").get_by_role("button").click()
    visitor.page.wait_for_selector("[data-ref=weightsHere] li")
    visitor.page.locator(line(visitor, "tiny")).get_by_text("Take its click head").click()
    visitor.page.wait_for_function("document.querySelector('[data-ref=closed]').hidden")
    close_panel(visitor)
    visitor.click(*point)
    assert visitor.masked(*point)


def test_beside_a_photograph_it_says_what_the_bundled_weights_know(
    visitor: Bench, rockets: Drawn
) -> None:
    visitor.open(rockets.path)
    visitor.words("cat")
    assert not visitor.part("hint").is_visible()
    visitor.open(FOLDER / "astronaut.jpg")
    visitor.words("person")
    assert "photograph" in visitor.part("hint").inner_text()
    visitor.part("hint").get_by_role("button").click()
    assert visitor.part("weights").is_visible()
    know = visitor.part("weightsKnow")
    know.locator("summary").click()
    for word in ("crescent", "ladybug", "purple", "vehicle"):
        assert word in know.inner_text()
    close_panel(visitor)
    use(visitor, "swapped.safetensors")
    assert not visitor.part("hint").is_visible()


def test_strangers_see_what_runs_and_change_nothing(
    open_bench: OpenBench, folder: Path, rockets: Drawn
) -> None:
    command = ("app.py", "--weights", "tiny", "--port")
    with serving(*command, SAM3_WEIGHTS_DIR=str(folder), SAM3_MANAGE_WEIGHTS="0") as url:
        bench = open_bench(url)
        bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
        bench.part("status").click()
        bench.part("weightsStranger").wait_for()
        assert not bench.part("weightsOwner").is_visible()
        assert "bundled" in bench.part("weightsRun").inner_text()
        assert "swapped" not in bench.part("weights").inner_text()


def test_weights_are_fetched_cancelled_gone_on_with_and_used(
    open_bench: OpenBench, folder: Path, tmp_path: Path, rockets: Drawn
) -> None:
    content = (folder / "swapped.safetensors").read_bytes()
    home = str(tmp_path)
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
            "document.querySelector('[data-ref=weightsFar]').textContent.includes('of 17.6 MB')"
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
    assert (tmp_path / "other.safetensors").read_bytes() == content
