"""Suppression of masks that show the same, as it is chosen and told on the page."""

from __future__ import annotations

from tests.browser.bench import Bench


def twice_red(bench: Bench) -> None:
    """The red discs found by a word and by a box."""
    bench.words("red")
    bench.do("newConcept")
    bench.drag(95, 65, 205, 175)


def choose(bench: Bench, mode: str) -> None:
    bench.part("nms").select_option(mode)
    bench.settled()


def remarks(bench: Bench) -> list[str]:
    return [text for text in bench.page.locator("[data-ref=legend] li p").all_inner_texts() if text]


def test_by_itself_it_is_done_within_each_concept(bench: Bench) -> None:
    assert bench.part("nms").input_value() == "within"
    assert bench.part("iouOut").inner_text() == "0.70"
    twice_red(bench)
    assert bench.counts() == {"red": 2, "boxes only": 2}
    assert remarks(bench) == []
    assert bench.part("timing").inner_text().endswith("NMS within, IoU 0.70")


def test_across_concepts_it_says_who_gave_way_to_whom(bench: Bench) -> None:
    twice_red(bench)
    before = bench.network_calls
    choose(bench, "across")
    assert bench.counts() == {"red": 0, "boxes only": 2}
    assert remarks(bench) == ["2 suppressed by visual"]
    assert "red: 2 suppressed by visual" in bench.message
    assert "nothing above" not in bench.message
    assert bench.part("timing").inner_text().endswith("NMS across, IoU 0.70")
    bench.slide("iou", 1.0)
    assert bench.counts() == {"red": 2, "boxes only": 2}
    assert bench.part("timing").inner_text().endswith("NMS across, IoU 1.00")
    assert bench.network_calls == before


def test_switched_off_its_threshold_can_not_be_moved(bench: Bench) -> None:
    twice_red(bench)
    choose(bench, "off")
    assert bench.counts() == {"red": 2, "boxes only": 2}
    assert bench.part("timing").inner_text().endswith("NMS off")
    assert bench.part("iou").is_disabled()
    choose(bench, "within")
    assert bench.part("iou").is_enabled()


def test_a_row_with_instances_left_tells_too(bench: Bench) -> None:
    twice_red(bench)
    field = bench.page.get_by_label("Confidence threshold of boxes only")
    field.fill("0.85")
    field.press("Tab")
    choose(bench, "across")
    assert bench.counts() == {"red": 1, "boxes only": 1}
    assert remarks(bench) == ["1 suppressed by visual"]
