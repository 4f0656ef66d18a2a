"""Who is who on the page: hidden, coloured, counted and named by identity, never by position."""

from __future__ import annotations

import pytest

from tests.browser.bench import Bench

RED, OTHER_RED, GREEN, GREY = (150, 120), (450, 150), (320, 360), (30, 440)


def hide_first(bench: Bench) -> None:
    """The first of the list of what was found."""
    bench.page.locator("[data-ref=instances] .eye").first.click()
    bench.settled()


def remove_first(bench: Bench) -> None:
    """The first concept or object of the open tab."""
    if bench.part("bench").get_attribute("data-mode") == "objects":
        bench.page.locator("[data-ref=instances] li").first.click()
        bench.do("removeObject")
    else:
        bench.page.locator("[data-ref=legend] .remove").first.click()
    bench.settled()


def found(bench: Bench) -> list[str]:
    return bench.page.locator("[data-ref=instances] b").all_inner_texts()


def objects(bench: Bench, *places: tuple[int, int]) -> None:
    """One object at each place."""
    bench.tab("objects")
    for number, place in enumerate(places):
        if number:
            bench.do("newObject")
        bench.click(*place)


def test_what_is_hidden_of_one_word_is_not_hidden_of_the_next(bench: Bench) -> None:
    bench.words("red")
    hide_first(bench)
    assert not bench.masked(*RED)
    bench.words("green")
    assert bench.masked(*GREEN)


def test_a_hidden_instance_stays_so_wherever_its_word_stands(bench: Bench) -> None:
    bench.words("red")
    hide_first(bench)
    bench.words("green, red")
    assert bench.masked(*GREEN)
    assert (bench.masked(*RED), bench.masked(*OTHER_RED)) == (False, True)
    assert found(bench) == ["green 1", "red 1", "red 2"]


def test_other_boxes_make_other_candidates_of_which_none_is_hidden(bench: Bench) -> None:
    bench.words("red")
    hide_first(bench)
    bench.drag(255, 295, 385, 425)  # an example that is green
    assert bench.counts() == {"red": 1}
    assert bench.masked(*GREEN)
    bench.do("undo")
    bench.settled()
    assert (bench.masked(*RED), bench.masked(*OTHER_RED)) == (False, True)


def test_without_the_hidden_object_the_next_one_is_seen(bench: Bench) -> None:
    objects(bench, RED, GREEN)
    hide_first(bench)
    assert (bench.masked(*RED), bench.masked(*GREEN)) == (False, True)
    remove_first(bench)
    assert bench.masked(*GREEN)


def test_a_removed_concept_comes_back_as_it_was(bench: Bench) -> None:
    bench.words("red, green")
    colour = bench.painted(*OTHER_RED)
    hide_first(bench)
    remove_first(bench)
    assert (bench.masked(*OTHER_RED), bench.masked(*GREEN)) == (False, True)
    bench.do("undo")
    bench.settled()
    assert bench.counts() == {"red": 2, "green": 1}
    assert (bench.masked(*RED), bench.painted(*OTHER_RED)) == (False, colour)


def test_without_the_first_concept_the_others_keep_their_colours(bench: Bench) -> None:
    bench.words("red, green")
    colour = bench.painted(*GREEN)
    dots = bench.page.locator("[data-ref=legend] li, [data-ref=instances] li")
    dot = dots.last.evaluate("node => node.style.getPropertyValue('--colour')")
    remove_first(bench)
    assert bench.painted(*GREEN) == colour
    assert set(
        dots.evaluate_all("all => all.map((node) => node.style.getPropertyValue('--colour'))")
    ) == {dot}
    bench.words("green, red")  # who is new takes the free colour
    assert bench.painted(*GREEN) == colour
    assert bench.painted(*RED) not in (colour, None)


def test_without_the_first_object_the_others_keep_colours_and_names(bench: Bench) -> None:
    objects(bench, RED, GREEN, GREY)
    colours = [bench.painted(*GREEN), bench.painted(*GREY)]
    remove_first(bench)
    assert [bench.painted(*GREEN), bench.painted(*GREY)] == colours
    assert found(bench) == ["object 2", "object 3"]
    active = bench.part("objectName")
    assert active.get_attribute("placeholder") == "object 2"
    bench.do("newObject")
    bench.click(*RED)
    assert found(bench) == ["object 2", "object 3", "object 1"]


def test_hiding_renumbers_nothing(bench: Bench) -> None:
    bench.words("red")
    bench.part("colourBy").evaluate("node => node.closest('details').open = true")
    bench.part("colourBy").select_option("instance")
    bench.settled()
    colour = bench.painted(*OTHER_RED)
    hide_first(bench)
    assert found(bench) == ["red 1", "red 2"]
    assert bench.painted(*OTHER_RED) == colour
    assert bench.page.get_by_label("Show red 1", exact=True).is_visible()


@pytest.mark.parametrize(("before", "then"), [("red", "trouble"), ("red, green", "trouble, green")])
def test_a_run_that_failed_counts_nothing_for_what_was_not_answered(
    bench: Bench, before: str, then: str
) -> None:
    bench.words(before)
    bench.words(then)
    assert "memory" in bench.message
    counts = bench.page.locator("[data-ref=legend] .count").all_inner_texts()
    assert counts == ["\N{EN DASH}", "1"][: len(counts)]
    assert bench.page.locator("[data-ref=legend] li p:visible").count() == 0
    bench.words(before)
    assert bench.counts()["red"] == 2


def test_a_field_that_is_typed_into_stays_while_counts_change(bench: Bench) -> None:
    bench.words("red, green")
    field = bench.page.get_by_label("Confidence threshold of red")
    field.fill("0.85")
    field.press("Enter")
    bench.settled()
    assert bench.counts() == {"red": 1, "green": 1}
    assert field.evaluate("node => node === document.activeElement")


def test_candidates_are_those_of_the_object_at_hand(bench: Bench) -> None:
    objects(bench, RED)
    bench.click(*GREY, button="right")
    bench.do("newObject")
    bench.click(*GREEN)
    choices = bench.page.locator("[data-ref=candidates] button")
    assert choices.count() == 3
    bench.page.locator("[data-ref=instances] li").first.click()
    bench.settled()
    bench.page.locator("[data-ref=mendingChips] .chip.plus").click()
    bench.settled()
    assert "object 1: expected" in bench.message  # what is left of it excludes
    assert choices.count() == 0
    bench.page.locator("[data-ref=instances] li").nth(1).click()
    bench.settled()
    assert choices.count() == 3
    bench.page.locator("[data-ref=instances] li").first.click()
    bench.settled()
    assert choices.count() == 0
    bench.page.keyboard.press("c")
    bench.click(*RED)
    assert bench.page.locator("[data-ref=instances] .score").all_inner_texts() == ["0.90", "0.90"]
