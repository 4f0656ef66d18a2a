"""Make the README's pictures of the page: `python -m tests.browser.screenshots FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.bench import Bench
from tests.browser.chrome import chromium
from tests.servers import ROOT, serving

EXAMPLES = ROOT / "assets" / "examples"
DESK = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}


def main(folder: Path) -> None:
    """Both tabs, light, dark and on a phone."""
    folder.mkdir(parents=True, exist_ok=True)
    looks: dict[str, dict[str, Any]] = {
        "light": DESK | {"color_scheme": "light"},
        "dark": DESK | {"color_scheme": "dark"},
        "phone": PHONE,
    }
    with page() as (url, browser):
        for name, look in looks.items():
            context = browser.new_context(**look)
            bench = Bench(context.new_page(), url)
            bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
            concepts(bench)
            bench.page.screenshot(path=folder / f"concepts-{name}.png")
            objects(bench)
            bench.page.screenshot(path=folder / f"objects-{name}.png")
            context.close()


@contextmanager
def page() -> Iterator[tuple[str, Any]]:
    """`python app.py` with the bundled checkpoint, and a browser."""
    with serving("app.py", "--weights", "tiny", "--port") as url, chromium() as browser:
        yield url, browser


def concepts(bench: Bench) -> None:
    """Words find their objects."""
    bench.open(EXAMPLES / "rockets.jpg")
    bench.words("rocket, dog, cat")


def objects(bench: Bench) -> None:
    """A click and a box, each for an object of its own."""
    bench.open(EXAMPLES / "picnic.jpg")
    bench.tab("objects")
    bench.click(410, 490)
    bench.do("newObject")
    bench.click(835, 471)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
