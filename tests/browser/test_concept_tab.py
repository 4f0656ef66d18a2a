"""The concept tab in a browser: words, boxes, thresholds, the list of instances."""

from __future__ import annotations

import pytest

from sam3_playground.core.words import SEPARATORS
from tests.browser.bench import Bench

RED, OTHER_RED, GREEN = (150, 120), (450, 150), (320, 360)
NOTHING = (30, 440)


def test_two_words_give_two_counts_and_paint_their_objects(bench: Bench) -> None:
    bench.words("red, green")
    assert bench.counts() == {"red": 2, "green": 1}
    assert all(bench.masked(*place) for place in (RED, OTHER_RED, GREEN))
    assert not bench.masked(*NOTHING)
    assert bench.painted(*RED) != bench.painted(*GREEN)


def test_lines_and_commas_part_words_and_doubles_are_dropped(bench: Bench) -> None:
    bench.words("red,  RED ,\ngreen,,")
    assert list(bench.counts()) == ["red", "green"]


def test_a_box_alone_is_a_concept_and_runs_by_itself(bench: Bench) -> None:
    bench.drag(95, 65, 205, 175)
    assert bench.counts() == {"boxes only": 2}
    assert bench.masked(*OTHER_RED)
    assert not bench.masked(*GREEN)


def test_a_box_belongs_to_the_concept_that_is_marked(bench: Bench) -> None:
    bench.words("red, green")
    bench.page.locator("[data-ref=legend] li").nth(1).click()
    bench.drag(255, 295, 385, 425, button="right")
    chips = bench.page.locator("[data-ref=legend] li").nth(1).locator(".chip")
    assert chips.all_inner_texts() == ["\N{MINUS SIGN} box"]
    chips.first.click()
    bench.settled()
    assert bench.marks() == 0


def test_the_threshold_changes_counts_without_the_network(bench: Bench) -> None:
    bench.words("red, green")
    before = bench.network_calls
    bench.slide("score", 0.85)
    assert bench.counts() == {"red": 1, "green": 1}
    assert not bench.masked(*OTHER_RED)
    bench.slide("iou", 0.1)
    bench.slide("score", 0.5)
    assert bench.counts() == {"red": 2, "green": 1}
    assert bench.network_calls == before
    assert "did not run" in bench.part("timing").inner_text()


def test_an_answer_does_not_wipe_what_was_said_while_it_was_due(bench: Bench) -> None:
    bench.part("words").fill("wait 2")
    bench.part("words").press("Enter")
    bench.page.wait_for_selector(".bench.working")
    bench.page.mouse.click(*bench.at(*NOTHING))
    bench.settled()
    assert "Drag a box" in bench.message
    bench.words("red")  # what is asked afterwards has a summary again
    assert "Drag a box" not in bench.message
    assert "red" in bench.message


def test_a_concept_can_have_a_threshold_of_its_own(bench: Bench) -> None:
    bench.words("red, green")
    field = bench.page.locator("[data-ref=legend] li").nth(0).locator("input")
    field.fill("0.85")
    field.press("Tab")
    bench.settled()
    assert bench.counts() == {"red": 1, "green": 1}


def test_finding_nothing_says_what_the_best_was(bench: Bench) -> None:
    bench.words("red")
    bench.slide("score", 0.95)
    assert "nothing above 0.95, the best was 0.90" in bench.message
    assert "nothing above 0.95, the best was 0.90" in bench.part("legend").inner_text().lower()


def test_only_new_words_go_to_the_network(bench: Bench) -> None:
    bench.words("red")
    before = bench.network_calls
    bench.words("red, green")
    assert bench.network_calls == before + 1
    bench.words("green")
    assert bench.network_calls == before + 1


def test_an_instance_can_be_hidden_and_shown_again(bench: Bench) -> None:
    bench.words("red")
    rows = bench.page.locator("[data-ref=instances] li")
    rows.nth(0).get_by_text("hide").click()
    bench.settled()
    assert (bench.masked(*RED), bench.masked(*OTHER_RED)) == (False, True)
    rows.nth(0).get_by_text("show").click()
    bench.settled()
    assert bench.masked(*RED)


def test_pointing_at_an_instance_lights_its_row_and_the_other_way_round(bench: Bench) -> None:
    bench.words("red")
    bench.page.mouse.move(*bench.at(*OTHER_RED))
    bench.page.wait_for_selector("[data-ref=instances] li.lit:nth-child(2)")
    bench.page.locator("[data-ref=instances] li").nth(0).hover()
    bench.page.wait_for_selector("[data-ref=instances] li.lit:nth-child(1)")
    assert bench.page.evaluate("document.querySelector('.glow').width") == 640


def test_undo_and_redo_go_through_words_and_boxes(bench: Bench) -> None:
    bench.words("green")
    bench.drag(95, 65, 205, 175)
    assert bench.marks() == 1
    bench.do("undo")
    bench.settled()
    assert (bench.marks(), bench.counts()) == (0, {"green": 1})
    bench.do("redo")
    bench.settled()
    assert bench.marks() == 1
    bench.do("clear")
    bench.settled()
    assert (bench.marks(), bench.counts(), bench.painted(*GREEN)) == (0, {}, None)


def test_what_is_drawn_can_be_chosen(bench: Bench) -> None:
    bench.words("red")
    bench.page.locator(".display summary").click()
    bench.page.locator("[data-style=masks]").uncheck()
    bench.settled()
    assert not bench.masked(*RED)
    bench.page.locator("[data-style=masks]").check()
    bench.part("colourBy").select_option("instance")
    bench.settled()
    assert bench.painted(*RED) != bench.painted(*OTHER_RED)


def test_a_negative_box_alone_is_refused_until_words_take_it(bench: Bench) -> None:
    before = bench.network_calls
    bench.drag(255, 295, 385, 425, button="right")
    assert "expected words or a positive box with negative boxes" in bench.message
    assert (bench.marks(), bench.network_calls) == (1, before)
    bench.words("red")
    assert "expected" not in bench.message
    assert list(bench.counts()) == ["red"]
    chips = bench.page.locator("[data-ref=legend] li .chip")
    assert chips.all_inner_texts() == ["\N{MINUS SIGN} box"]


def test_without_its_positive_box_the_negative_one_stays(bench: Bench) -> None:
    bench.drag(95, 65, 205, 175)
    bench.drag(255, 295, 385, 425, button="right")
    bench.page.locator("[data-ref=legend] li .chip.plus").click()
    bench.settled()
    assert "expected words or a positive box" in bench.message
    assert bench.marks() == 1
    bench.drag(95, 65, 205, 175)
    assert (bench.marks(), bench.masked(150, 120)) == (2, True)


@pytest.mark.parametrize("mark", [mark for mark in SEPARATORS if mark not in "\r\n"])
def test_the_commas_of_every_script_part_words(bench: Bench, mark: str) -> None:
    bench.words(f"red{mark}green{mark} RED{mark}")
    assert bench.counts() == {"red": 2, "green": 1}


def test_words_beyond_the_most_are_told_for_as_long_as_they_stand_there(bench: Bench) -> None:
    words = ["red", *(f"word {number}" for number in range(16))]
    bench.words(", ".join(words))
    note = bench.part("wordsNote")
    assert note.inner_text() == "Only the first 16 of these 17 concepts are used."
    assert len(bench.counts()) == 16
    bench.words(", ".join(words[:16]))
    assert not note.is_visible()
