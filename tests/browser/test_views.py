"""Views are seen in the browser as the server saves them; before the line is the image alone."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import FloatRect

from sam3_playground import ConceptPrompt, ConceptRequest, Playground
from sam3_playground.formats.picture import RenderStyle, draw_result
from sam3_playground.formats.views import VIEWS
from tests.browser.bench import Bench
from tests.browser.test_drawn_in_browser import asks
from tests.fakes import FakeSegmenter

# The image as it is seen, with what a view makes of it, and without what is drawn over it.
_SEEN = """() => {
  const canvas = document.createElement("canvas");
  const base = document.querySelector(".base"), changed = document.querySelector(".changed");
  canvas.width = base.naturalWidth; canvas.height = base.naturalHeight;
  const context = canvas.getContext("2d");
  context.drawImage(base, 0, 0);
  if (!changed.hidden) context.drawImage(changed, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}"""
_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.words("red, green")
    return bench


def seen(bench: Bench) -> NDArray[np.int_]:
    """(H, W, 3): the image in its view."""
    bench.page.evaluate(_FRAME)
    url = bench.page.evaluate(_SEEN)
    picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    return np.array(picture.convert("RGB"), int)


def test_a_view_is_seen_at_once_as_saved_pictures_show_it(bench: Bench, discs: Path) -> None:
    bench.words("red")
    segmentation = Playground(FakeSegmenter()).segment(
        Image.open(discs), ConceptRequest((ConceptPrompt("red"),))
    )
    inside = segmentation.masks.any(axis=0)
    image = seen(bench)
    for view in VIEWS:
        with asks(bench) as asked:
            bench.part("view").select_option(view)
            page = seen(bench)
            assert asked == [], view
            bench.settled()
        style = RenderStyle(outlines=False, labels=False, masks=False, view=view)
        saved = draw_result(segmentation.image, segmentation.result, style=style).astype(int)
        changed = np.abs(saved - image).max(axis=2) > 8
        assert changed.any() == (view != "overlay"), view
        # A browser's blur is another one than supervision's, of about the same width.
        apart = [np.abs(one - saved)[changed].mean() for one in (page, image) if changed.any()]
        assert not apart or apart[0] < apart[1] / 2, (view, apart)
        kept = ~inside if "objects" in view else inside
        np.testing.assert_array_equal(page[kept], image[kept], view)
    # Nothing is left of it with nothing to be seen.
    bench.page.evaluate("() => document.querySelectorAll('.eye').forEach((one) => one.click())")
    np.testing.assert_array_equal(seen(bench), image)


def test_what_is_before_the_line_is_the_image_alone(bench: Bench) -> None:
    bench.part("view").select_option("cutout")
    bench.settled()
    bench.do("compare")
    line = bench.part("wipe")
    box = bench.part("viewport").bounding_box()
    assert box is not None

    def is_bare(x: float, y: float) -> bool:
        """Whether the grey of the image is there, and not the white of the view."""
        bench.page.evaluate(_FRAME)
        left, top = bench.at(x, y)
        clip = FloatRect(x=left, y=top, width=1, height=1)
        shot = Image.open(io.BytesIO(bench.page.screenshot(clip=clip)))
        return shot.convert("RGB").getpixel((0, 0)) == (128, 128, 128)

    places = [(20.0, 20.0), (620.0, 20.0)]
    assert [is_bare(*place) for place in places] == [True, False]
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    bench.page.mouse.move(*middle)
    bench.page.mouse.down()
    bench.page.mouse.move(box["x"] + box["width"] - 2, middle[1], steps=3)
    bench.page.mouse.up()
    assert [is_bare(*place) for place in places] == [True, True]
    assert bench.counts() == {"red": 2, "green": 1}  # no box was drawn
    line.press("Home")
    assert line.get_attribute("aria-valuenow") == "0"
    assert [is_bare(*place) for place in places] == [False, False]
    bench.page.keyboard.press("v")
    assert line.is_hidden()
    assert [is_bare(*place) for place in places] == [False, False]
