"""Weights are changed from the page, and nothing that was open is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.browser.panel import close_panel, in_use, line, open_panel, use
from tests.drawn import FOLDER, Drawn, drawn_example
from tests.servers import serving
from tests.swapped import write_spoiled, write_swapped, write_without_click_head
from training.batches import inner_point


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("weights")
    write_swapped(made / "swapped.safetensors", "cat", "dog")
    write_without_click_head(made / "no-clicks.safetensors")
    write_spoiled(made / "spoiled.safetensors")
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


def test_the_panel_has_the_keys_to_itself(visitor: Bench, rockets: Drawn) -> None:
    visitor.open(rockets.path)
    visitor.words("cat, dog")
    open_panel(visitor)
    visitor.page.locator(line(visitor, "swapped.safetensors") + " button").first.click()
    visitor.page.wait_for_selector(line(visitor, "swapped.safetensors") + ":has-text('in use')")
    visitor.settled()
    for key in ("2", "Control+z", "Delete", "n"):
        visitor.page.keyboard.press(key)
    focus = "document.activeElement.closest('dialog') !== null"
    assert visitor.page.evaluate(focus)
    visitor.page.keyboard.press("Escape")
    assert not visitor.part("weights").is_visible()
    assert visitor.part("bench").get_attribute("data-mode") == "concepts"
    assert visitor.counts() == {"cat": 1, "dog": 1}


def test_who_asks_again_is_answered_by_what_runs_now(
    visitor: Bench, open_bench: OpenBench, app_url: str, rockets: Drawn
) -> None:
    cat, dog = (inner_point(rockets.of(word)[0].to_bitmap()) for word in ("cat", "dog"))
    other = open_bench(app_url)
    other.open(rockets.path)
    other.words("cat")
    use(visitor, "swapped.safetensors")
    assert other.masked(*cat)
    other.do("run")
    other.settled()
    assert other.masked(*dog)
    assert not other.masked(*cat)
    assert "swapped.safetensors" in other.part("statusLine").inner_text()


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
    page_as_weights = visitor.page.locator(line(visitor, "broken.pt"))
    assert "web page" in page_as_weights.inner_text()
    assert not page_as_weights.get_by_role("button").count()
    visitor.page.locator(line(visitor, "spoiled.safetensors")).get_by_text("Use").click()
    visitor.page.wait_for_function(
        "document.querySelector('[data-ref=weightsError]').textContent.includes('NaN')"
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
    assert not visitor.masked(*point)
    visitor.page.mouse.click(*visitor.at(*point))
    assert "no click head" in visitor.message
    assert visitor.marks() == 0
    assert visitor.part("instances").locator("b").all_inner_texts() == ["cat 1"]  # by words
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
    open_panel(visitor)  # when its list comes, what lies below it moves
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


def test_objects_are_asked_anew_once_there_is_a_click_head(visitor: Bench, rockets: Drawn) -> None:
    point = rockets.point("rocket")
    visitor.open(rockets.path)
    visitor.tab("objects")
    visitor.click(*point)
    assert visitor.part("instances").locator("li").count() == 1
    use(visitor, "no-clicks.safetensors")
    assert "no click head" in visitor.message
    assert visitor.part("instances").locator("small").all_inner_texts() == ["no mask"]
    assert not visitor.masked(*point)
    assert visitor.marks() == 1
    open_panel(visitor)
    visitor.page.locator(line(visitor, "tiny")).get_by_text("Take its click head").click()
    visitor.page.wait_for_function("document.querySelector('[data-ref=closed]').hidden")
    close_panel(visitor)
    visitor.settled()
    assert visitor.masked(*point)
    assert visitor.part("instances").locator("li").count() == 1
    assert visitor.message == ""
