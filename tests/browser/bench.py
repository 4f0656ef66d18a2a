"""What a visitor does on the page and sees there, in image pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

PATIENCE_MS = 45_000

# The overlay's (r, g, b, a) at a point of the image; null without an overlay.
_PAINTED = """([x, y]) => {
  const image = document.querySelector(".overlay"), stage = document.querySelector(".stage");
  if (!image.getAttribute("src")) return null;
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const scale = canvas.width / stage.offsetWidth;
  return [...context.getImageData(Math.floor(x * scale), Math.floor(y * scale), 1, 1).data];
}"""


class Bench:
    """The page as a visitor has it before them."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(url)
        page.wait_for_selector("#canvas .bench[data-ready]")

    def part(self, name: str) -> Locator:
        return self.page.locator(f"[data-ref={name}]")

    def do(self, name: str) -> None:
        self.page.locator(f".bench [data-do={name}]").first.click()

    def tab(self, name: str) -> None:
        self.page.locator(f"[data-mode-tab={name}]").click()

    def open(self, path: Path) -> None:
        # Of two files of one picture the page may show the same URL.
        self.page.evaluate(
            "() => { window.loaded = false; document.querySelector('.base').addEventListener("
            "'load', () => { window.loaded = true; }, { once: true }); }"
        )
        self.part("file").set_input_files(path)
        self.page.wait_for_function("window.loaded")
        self.settled()

    def settled(self) -> None:
        """Wait until what was asked for is on the screen, or was refused."""
        self.page.wait_for_function(
            "(({asked, shown, due}) => asked !== undefined && asked === shown && due === undefined)"
            "(document.querySelector('.bench')?.dataset ?? {})"
        )

    def words(self, text: str) -> None:
        self.part("words").fill(text)
        self.part("words").press("Enter")
        self.settled()

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the image lies on the screen."""
        left, top, width, height, wide, high = self.page.evaluate(
            "() => { const s = document.querySelector('.stage'), b = s.getBoundingClientRect();"
            " return [b.left, b.top, b.width, b.height, s.offsetWidth, s.offsetHeight]; }"
        )
        return left + x / wide * width, top + y / high * height

    def click(self, x: float, y: float, **options: Any) -> None:
        self.page.mouse.click(*self.at(x, y), **options)
        self.settled()

    def drag(self, x0: float, y0: float, x1: float, y1: float, button: Any = "left") -> None:
        self.page.mouse.move(*self.at(x0, y0))
        self.page.mouse.down(button=button)
        self.page.mouse.move(*self.at((x0 + x1) / 2, (y0 + y1) / 2))
        self.page.mouse.move(*self.at(x1, y1))
        self.page.mouse.up(button=button)
        self.settled()

    def slide(self, name: str, value: float) -> None:
        self.part(name).fill(str(value))
        self.settled()

    def painted(self, x: float, y: float) -> list[int] | None:
        """The overlay's (r, g, b, a) there; None where there is no overlay."""
        colour: list[int] | None = self.page.evaluate(_PAINTED, [x, y])
        return colour

    def masked(self, x: float, y: float) -> bool:
        colour = self.painted(x, y)
        return colour is not None and colour[3] > 0

    def counts(self) -> dict[str, int]:
        """Found instances by concept, as the legend says."""
        rows = self.page.locator("[data-ref=legend] li").all()
        return {
            row.locator("b").inner_text(): int(row.locator(".count").inner_text()) for row in rows
        }

    def marks(self) -> int:
        return self.page.locator(".marks .mark").count()

    def open_all(self, *paths: Path) -> None:
        """Several images at once."""
        self.part("file").set_input_files(paths)
        self.page.wait_for_selector("[role=option]")
        self.page.wait_for_function("!document.querySelector('[data-ref=arriving]').textContent")
        self.settled()

    def images(self) -> dict[str, str]:
        """What stands on each image of the row, by their names."""
        return {
            one.locator(".name").inner_text(): one.locator(".count").inner_text()
            if one.locator(".count").is_visible()
            else ""
            for one in self.page.locator(".strip [role=option]").all()
        }

    @property
    def shown(self) -> str:
        """The name of the image on the screen; empty where none is."""
        chosen = self.page.locator("[role=option][aria-selected=true] .name")
        return chosen.inner_text() if chosen.count() else ""

    def go(self, name: str) -> None:
        """Put another image of the row on the screen."""
        self.page.locator(".strip [role=option]").filter(has_text=name).click()
        self.page.wait_for_selector(f"[role=option][aria-selected=true]:has-text('{name}')")
        self.settled()

    def written(self) -> None:
        """Wait until what was done is kept: it is written down once it has rested."""
        self.page.wait_for_timeout(600)

    def loaded(self) -> None:
        """Wait until what was kept is there again."""
        self.page.wait_for_selector(".bench[data-ready].has-image")
        self.settled()

    @property
    def message(self) -> str:
        return self.part("message").inner_text()

    @property
    def network_calls(self) -> int:
        """What the server counted, not what the page says."""
        return int(self.asked()["count"])

    def asked(self) -> dict[str, Any]:
        """What the fake segmenter was asked so far."""
        answer: dict[str, Any] = self.page.request.get(self.url + "/calls").json()
        return answer
