"""The visual tab in a browser: points, boxes, candidates, several objects."""

from __future__ import annotations

import pytest

from tests.browser.bench import Bench

RED, GREEN, GREY = (150, 120), (320, 360), (30, 440)


@pytest.fixture(autouse=True)
def _visual_tab(bench: Bench) -> None:
    bench.tab("objects")
    bench.settled()


def test_the_mask_follows_a_click(bench: Bench) -> None:
    bench.click(*GREEN)
    assert bench.masked(*GREEN)
    assert not bench.masked(*RED)


def test_right_button_shift_switch_and_key_exclude(bench: Bench) -> None:
    bench.click(*GREEN)
    bench.click(60, 60, button="right")
    bench.page.keyboard.down("Shift")
    bench.click(90, 300)
    bench.page.keyboard.up("Shift")
    bench.do("minus")
    bench.click(90, 350)
    bench.click(200, 350, button="right")
    bench.page.keyboard.press("+")
    bench.click(200, 400)
    bench.page.keyboard.press("-")
    bench.click(200, 450)
    signs = [positive for _, _, positive in bench.asked()["clicks"][-1]]
    assert signs == [True, False, False, False, True, True, False]


def test_undo_gives_the_former_mask_back_without_the_network(bench: Bench) -> None:
    bench.drag(95, 65, 205, 175)
    assert bench.masked(*RED)
    bench.click(*GREEN)
    assert (bench.masked(*RED), bench.masked(*GREEN)) == (False, True)
    before = bench.network_calls
    bench.page.keyboard.press("Control+z")
    bench.settled()
    assert (bench.masked(*RED), bench.masked(*GREEN)) == (True, False)
    bench.page.keyboard.press("Control+Shift+z")
    bench.settled()
    assert bench.masked(*GREEN)
    assert bench.network_calls == before


def test_a_click_on_a_point_or_its_chip_removes_it(bench: Bench) -> None:
    bench.click(*GREEN)
    bench.click(*GREY)
    assert bench.marks() == 2
    bench.click(*GREY)
    assert bench.marks() == 1
    bench.page.locator("[data-ref=mendingChips] .chip").click()
    bench.settled()
    assert (bench.marks(), bench.painted(*GREEN)) == (0, None)


def test_three_masks_can_be_chosen_from(bench: Bench) -> None:
    bench.click(*GREEN)
    choices = bench.page.locator("[data-ref=candidates] button")
    assert choices.all_inner_texts() == ["0.90", "0.60", "0.30"]
    choices.nth(2).click()
    bench.settled()
    assert bench.page.locator("[data-ref=instances] .score").inner_text() == "0.30"
    assert choices.nth(2).get_attribute("aria-pressed") == "true"
    bench.page.keyboard.press("Control+z")
    bench.settled()
    assert bench.page.locator("[data-ref=instances] .score").inner_text() == "0.90"


def test_a_mask_chosen_by_hand_is_what_the_next_point_refines(bench: Bench) -> None:
    bench.click(*GREEN)
    bench.click(*GREY)
    assert bench.asked()["refined"][-1] is False
    bench.page.keyboard.press("c")
    bench.settled()
    bench.click(340, 380, button="right")
    assert bench.asked()["refined"][-1] is True
    bench.page.keyboard.press("Control+z")
    bench.settled()
    assert bench.page.locator("[data-ref=instances] .score").inner_text() == "0.60"


def test_several_objects_keep_their_names_and_colours(bench: Bench) -> None:
    bench.click(*RED)
    first = bench.painted(*RED)
    bench.part("objectName").fill("left one")
    bench.do("newObject")
    bench.click(*GREEN)
    names = bench.page.locator("[data-ref=instances] b").all_inner_texts()
    assert names == ["left one", "object 2"]
    assert bench.painted(*RED) == first
    assert bench.painted(*GREEN) not in (first, None)


def test_a_point_that_is_dragged_elsewhere_is_asked_there(bench: Bench) -> None:
    bench.click(*GREEN)
    assert (bench.masked(*GREEN), bench.masked(*RED)) == (True, False)
    bench.drag(*GREEN, *RED)
    assert bench.marks() == 1
    assert (bench.masked(*GREEN), bench.masked(*RED)) == (False, True)
    bench.do("undo")
    bench.settled()
    assert (bench.masked(*GREEN), bench.masked(*RED)) == (True, False)


def test_the_other_tab_keeps_image_and_prompts(bench: Bench) -> None:
    bench.click(*GREEN)
    bench.tab("concepts")
    bench.words("red")
    bench.tab("objects")
    bench.settled()
    # What either tab found is there in both.
    assert (bench.marks(), bench.masked(*GREEN), bench.masked(*RED)) == (1, True, True)
    bench.tab("concepts")
    bench.settled()
    assert bench.counts() == {"red": 2}


def test_all_of_it_works_by_keys(bench: Bench) -> None:
    bench.part("viewport").focus()
    for _ in range(3):
        bench.page.keyboard.press("ArrowRight")
    bench.page.keyboard.press("p")
    bench.settled()
    bench.page.keyboard.press("b")
    for _ in range(4):
        bench.page.keyboard.press("ArrowDown")
        bench.page.keyboard.press("ArrowRight")
    bench.page.keyboard.press("b")
    bench.settled()
    assert bench.marks() == 2
    (x0, y0, x1, y1) = bench.asked()["boxes"][-1]
    assert x1 - x0 == y1 - y0 > 20
    bench.page.keyboard.press("Delete")
    bench.page.keyboard.press("Delete")
    bench.settled()
    assert bench.marks() == 0
    bench.page.keyboard.press("?")
    assert bench.part("help").is_visible()


def test_a_negative_point_alone_is_refused_and_stays(bench: Bench) -> None:
    before = bench.network_calls
    bench.click(*GREY, button="right")
    assert "expected a positive point or a box with negative points" in bench.message
    assert (bench.marks(), bench.network_calls) == (1, before)
    bench.click(*GREEN)
    assert "expected" not in bench.message
    assert (bench.marks(), bench.masked(*GREEN)) == (2, True)


def test_without_its_positive_point_the_others_stay_and_another_object_too(bench: Bench) -> None:
    bench.click(*RED)
    bench.do("newObject")
    bench.click(*GREEN)
    bench.click(*GREY, button="right")
    bench.click(*GREEN)  # on the point: it goes
    assert "object 2: expected a positive point" in bench.message
    assert bench.marks() == 2
    assert bench.masked(*RED)  # the last answer, still there
    bench.click(*GREEN)
    assert (bench.marks(), bench.masked(*RED), bench.masked(*GREEN)) == (3, True, True)
    assert [sign for _, _, sign in bench.asked()["clicks"][-1]] == [False, True]


def test_one_list_goes_by_keys_and_shows_every_object_once(bench: Bench) -> None:
    bench.tab("concepts")
    bench.words("red")
    bench.tab("objects")
    bench.click(*GREEN)
    bench.do("newObject")
    bench.click(*GREY, button="right")  # says no more than what it is not
    lines = bench.page.locator("[data-ref=instances] li")
    named = bench.page.locator("[data-ref=instances] b")
    assert named.all_inner_texts() == ["red 1", "red 2", "object 1", "object 2"]
    assert lines.locator("small").last.inner_text() == "no mask"
    assert bench.part("total").inner_text() == "3"
    marked = bench.page.locator("[data-ref=instances] [aria-pressed=true]")
    for key, name in (("l", "red 1"), ("]", "red 2"), ("l", "object 1"), ("j", "red 2")):
        bench.page.keyboard.press(key)
        bench.settled()
        assert marked.all_inner_texts() == [name]
    bench.page.keyboard.press("F2")
    assert "after its concept" in bench.message
    bench.page.keyboard.press("l")
    bench.page.keyboard.press("F2")
    bench.page.keyboard.type("leaf")
    bench.page.keyboard.press("Enter")
    bench.settled()
    assert named.all_inner_texts() == ["red 1", "red 2", "leaf", "object 2"]
    # In the other tab a key takes it away, and only it.
    bench.tab("concepts")
    bench.page.keyboard.press("Delete")
    bench.settled()
    assert named.all_inner_texts() == ["red 1", "red 2", "object 2"]
    bench.tab("objects")
    bench.page.keyboard.press("Control+z")
    bench.settled()
    assert named.all_inner_texts() == ["red 1", "red 2", "leaf", "object 2"]
