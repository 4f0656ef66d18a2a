"""What a visitor does in the panel of weights."""

from __future__ import annotations

from tests.browser.bench import Bench


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
