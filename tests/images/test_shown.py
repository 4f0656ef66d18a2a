"""Of which files it is certain that a browser shows what is segmented.

What browsers make of them is tested in tests/browser/test_shown.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sam3_playground.images import open_image
from sam3_playground.images.shown import browser_shows_it
from tests.images.files import DOUBTFUL, PLAIN


@pytest.mark.parametrize("make", PLAIN.values(), ids=PLAIN)
def test_plain_files_are_left_to_the_browser(make: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(make())
    assert browser_shows_it(path)


@pytest.mark.parametrize("make", DOUBTFUL.values(), ids=DOUBTFUL)
def test_of_all_others_the_servers_picture_is_shown(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(make())
    assert not browser_shows_it(path)
    open_image(path)


@pytest.mark.parametrize(
    "data",
    [b"", b"no image", PLAIN["PNG"]()[:20], PLAIN["PNG"]()[:33] + bytes(10**6)],
    ids=["empty", "text", "cut", "a million empty bytes"],
)
def test_of_what_is_no_image_nothing_is_certain(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(data)
    assert not browser_shows_it(path)
