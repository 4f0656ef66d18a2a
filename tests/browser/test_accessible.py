"""Whoever reads the page by ear, by keys, without colours or with a finger can use all of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.servers import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESK: dict[str, Any] = {"viewport": {"width": 1200, "height": 850}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
RED, GREEN = (150, 120), (320, 360)


def faults(page: Page) -> list[str]:
    """What axe finds against the page as it is now: the rule, and where it is broken."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "() => axe.run('body', { resultTypes: ['violations'] }).then(({ violations }) =>"
        " violations.flatMap(({ id, nodes }) => nodes.map(({ target, any }) =>"
        " `${id}: ${target} ${any.map((one) => one.message).join(' ')}`)))"
    )
    return [str(fault) for fault in found]


def opened(path: Path) -> Callable[[Bench], None]:
    def show(bench: Bench) -> None:
        bench.page.keyboard.press("Escape")  # the last dialog
        bench.open(path)

    return show


def found(bench: Bench) -> None:
    """Words with a box, an instance hidden and one lit, all groups open."""
    for group in ("display", "tidy"):
        bench.page.locator(f".{group} summary").click()
    bench.words("red, green, blue")
    bench.drag(95, 65, 205, 175)
    bench.page.locator("[data-ref=instances] .eye").first.click()
    bench.page.locator("[data-ref=instances] .name").last.click()
    bench.settled()


def objects(bench: Bench) -> None:
    bench.tab("objects")
    bench.click(*GREEN)
    bench.do("newObject")
    bench.click(*RED)
    bench.click(30, 440, button="right")


def failed(bench: Bench) -> None:
    bench.tab("concepts")
    bench.words("trouble")
    assert "memory" in bench.message


def dialog(name: str) -> Callable[[Bench], None]:
    def show(bench: Bench) -> None:
        bench.page.keyboard.press("Escape")  # the one before
        bench.do(name)
        bench.page.wait_for_selector("dialog[open]")

    return show


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_axe_finds_nothing_against_any_state(open_bench: OpenBench, discs: Path, look: str) -> None:
    options = PHONE if look == "phone" else DESK | {"color_scheme": look}
    bench = open_bench(**options, reduced_motion="reduce")
    bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
    states: dict[str, Callable[[Bench], None]] = {
        "empty": lambda _: None,
        "keys": dialog("help"),
        "URL": dialog("url"),
        "weights": dialog("weights"),
        "opened": opened(discs),
        "found": found,
        "compared": lambda bench: bench.do("compare"),
        "objects": objects,
        "failed": failed,
        "shared": dialog("share"),
        "saved": dialog("save"),
        "copied": dialog("code"),
    }
    against = {}
    for name, show in states.items():
        show(bench)
        against[name] = faults(bench.page)
    assert {name: some for name, some in against.items() if some} == {}


def test_axe_finds_what_is_wrong(open_bench: OpenBench) -> None:
    """The control: a button without a name, letters that can hardly be read."""
    bench = open_bench()
    assert faults(bench.page) == []
    bench.page.evaluate(
        "() => { const undo = document.querySelector('[data-do=help]');"
        " undo.removeAttribute('aria-label'); undo.removeAttribute('title'); undo.textContent = '';"
        " document.querySelector('.bench .tip').style.color = '#bbb'; }"
    )
    assert {fault.split(":")[0] for fault in faults(bench.page)} == {
        "button-name",
        "color-contrast",
    }


def focused(page: Page) -> str:
    """The name of what has the focus."""
    return str(
        page.evaluate(
            "() => { const { dataset } = document.activeElement;"
            " return dataset.modeTab ?? dataset.do ?? dataset.ref ?? ''; }"
        )
    )


def test_tabs_and_the_switch_go_by_arrows_and_are_one_stop_each(bench: Bench) -> None:
    page = bench.page
    page.locator("[data-mode-tab=concepts]").focus()
    page.keyboard.press("ArrowRight")
    bench.settled()
    assert focused(page) == "objects"
    assert page.get_by_role("tab", name="Objects", selected=True).count() == 1
    assert page.get_by_role("tabpanel", name="Objects").is_visible()
    page.keyboard.press("Tab")
    assert focused(page) == "weights"  # past the other tab
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")
    bench.settled()
    assert focused(page) == "concepts"
    page.locator("[data-do=plus]").focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "minus"
    assert page.get_by_role("radio", name="Exclude", checked=True).count() == 1
    page.keyboard.press("ArrowDown")
    assert focused(page) == "plus"
    page.keyboard.press("Tab")
    assert focused(page) not in ("minus", "plus")


def test_sliders_boxes_and_lists_have_names_and_tell_their_state(bench: Bench) -> None:
    bench.page.locator(".display summary").click()
    bench.words("red, green")
    page = bench.page
    for name in ("Confidence threshold", "IoU threshold", "Opacity"):
        assert page.get_by_role("slider", name=name, exact=True).count() == 1
    for name in ("masks", "outlines", "labels"):
        assert page.get_by_role("checkbox", name=name, checked=True).count() == 1
    assert page.get_by_role("list", name="Found").get_by_role("listitem").count() == 3
    concept = page.get_by_role("list", name="Concepts").get_by_role(
        "button", name="green", exact=True
    )
    assert concept.get_attribute("aria-pressed") == "false"
    concept.focus()
    page.keyboard.press("Enter")
    assert concept.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="red 2", exact=True).focus()
    page.wait_for_selector("[data-ref=instances] li.lit:nth-child(2)")


def test_without_colours_what_is_chosen_is_to_be_seen(open_bench: OpenBench, discs: Path) -> None:
    bench = open_bench(forced_colors="active")
    bench.open(discs)
    bench.drag(95, 65, 205, 175)
    bench.drag(255, 295, 385, 425, button="right")

    def line(selector: str, name: str) -> str:
        return str(
            bench.page.locator(selector).evaluate(
                "(node, name) => getComputedStyle(node)[name]", name
            )
        )

    assert line("[data-do=plus]", "outlineStyle") == "solid"
    assert line("[data-do=minus]", "outlineStyle") == "none"
    assert line("[data-mode-tab=concepts]", "outlineStyle") == "solid"
    assert line("[data-mode-tab=objects]", "outlineStyle") == "none"
    assert line(".marks rect.box.plus", "strokeDasharray") == "none"
    assert line(".marks rect.box.minus", "strokeDasharray") != "none"
    glyphs = bench.page.locator(".marks .mark path").evaluate_all(
        "all => all.map((node) => node.getAttribute('d').includes('v'))"
    )
    assert glyphs == [True, False]


# Of what can be pressed: those that are smaller than a finger.
_SMALL = """() => [...document.querySelectorAll(
    ".bench :is(button, input, select, textarea, summary, .checks label)")]
  .filter((node) => node.checkVisibility() && node.type !== "checkbox" && node.type !== "file")
  .map((node) => [node, node.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 43.5 || height < 43.5)
  .map(([node, { width, height }]) => `${node.outerHTML.slice(0, 90)} ${width}x${height}`)"""
_ZOOMING = """() => [...document.querySelectorAll(
    ".bench :is(input:not([type=range], [type=checkbox], [type=file]), select, textarea)")]
  .filter((node) => parseFloat(getComputedStyle(node).fontSize) < 16)
  .map((node) => node.outerHTML)"""


def test_a_finger_hits_everything_and_no_field_zooms_the_page(
    open_bench: OpenBench, discs: Path
) -> None:
    bench = open_bench(**PHONE)
    bench.open(discs)
    found(bench)
    assert bench.page.evaluate("matchMedia('(pointer: coarse)').matches")
    small = bench.page.evaluate(_SMALL)
    bench.tab("objects")
    bench.click(*GREEN)
    small += bench.page.evaluate(_SMALL)
    assert small == []
    assert bench.page.evaluate(_ZOOMING) == []
    assert bench.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_phones_first_screen_has_image_words_and_examples(open_bench: OpenBench) -> None:
    bench = open_bench(**PHONE)
    for name in ("viewport", "gallery", "words"):
        box = bench.part(name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 844, name
    run = bench.page.locator("[data-do=run]").bounding_box()
    assert run is not None
    assert run["y"] + run["height"] <= 844


def swipe(bench: Bench, x: float, y: float, dy: float, *, hold_ms: int = 0) -> None:
    """A finger from a point of the image, held still at first."""
    session = bench.page.context.new_cdp_session(bench.page)
    x, y = bench.at(x, y)

    def touch(kind: str, *points: dict[str, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": x, "y": y})
    bench.page.wait_for_timeout(hold_ms)
    for step in range(1, 9):
        touch("touchMove", {"x": x + step * 4, "y": y + dy * step / 8})
        bench.page.wait_for_timeout(16)
    touch("touchEnd")


def test_a_swipe_scrolls_the_page_and_a_finger_held_first_draws_a_box(
    open_bench: OpenBench, discs: Path
) -> None:
    bench = open_bench(**PHONE)
    bench.open(discs)
    bench.tab("objects")
    swipe(bench, 250, 200, 60, hold_ms=450)
    bench.page.wait_for_selector(".marks .mark")
    bench.settled()
    assert bench.page.evaluate("scrollY") == 0
    ((x0, y0, x1, y1),) = bench.asked()["boxes"][-1:]
    assert (x0, y0) == pytest.approx((250, 200), abs=2)
    assert (x1 > x0 + 20, y1 > y0 + 40) == (True, True)
    swipe(bench, 320, 300, -160)
    bench.page.wait_for_function("scrollY > 40")
    assert bench.marks() == 1


@pytest.mark.parametrize(("width", "height"), [(3840, 2160), (640, 425)], ids=["4k", "200 %"])
def test_large_screens_and_large_letters_are_filled(
    open_bench: OpenBench, discs: Path, width: int, height: int
) -> None:
    bench = open_bench(viewport={"width": width, "height": height})
    bench.open(discs)
    bench.tab("objects")
    bench.click(*GREEN)
    assert bench.asked()["clicks"][-1][0][:2] == pytest.approx(GREEN, abs=1)
    assert bench.page.evaluate("document.documentElement.scrollWidth") <= width
    letters, view, panel = bench.page.evaluate(
        """() => { const scale = (node) => node.getBoundingClientRect().width / node.offsetWidth;
          const bench = document.querySelector(".bench");
          const wide = (name) => bench.querySelector(name).getBoundingClientRect().width;
          return [parseFloat(getComputedStyle(bench).fontSize) * scale(bench), wide(".viewport"),
            wide(".panel")]; }"""
    )
    if width > 3000:
        assert letters >= 18
        assert panel >= 550
        assert view + panel > 0.95 * width
    else:
        assert view > 0.95 * width
