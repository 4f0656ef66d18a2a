"""Warnings are kept quiet in one thread's block, and whoever else changes filters is left alone."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import product

import pytest
from PIL import Image

from sam3_playground.images.opening import opened
from sam3_playground.model.package import without_package_warnings
from sam3_playground.quiet import Kind, quiet
from tests.interleaving import interleaved

TALK = Kind(UserWarning, "an idle")


def says(message: str, category: type[Warning] = UserWarning) -> bool:
    """Whether a warning gets through, which is an error in tests."""
    try:
        warnings.warn(message, category, stacklevel=1)
    except category:
        return True
    return False


def test_only_what_was_named_is_quiet_and_only_in_the_block() -> None:
    with quiet(TALK, Kind(FutureWarning)):
        assert not says("an idle word")
        assert says("another idle word")
        assert says("an idle word", DeprecationWarning)
        assert not says("anything", FutureWarning)
        with quiet(Kind(DeprecationWarning)):
            assert not says("an idle word", DeprecationWarning)
            assert not says("an idle word")
    assert says("an idle word")
    assert says("anything", FutureWarning)


def test_an_error_ends_the_block_too() -> None:
    with pytest.raises(ValueError, match="it"), quiet(TALK):
        raise ValueError("it")
    assert says("an idle word")


def test_another_thread_hears_all() -> None:
    heard: list[bool] = []
    with quiet(TALK):
        thread = threading.Thread(target=lambda: heard.append(says("an idle word")))
        thread.start()
        thread.join()
        assert not says("an idle word")
    assert heard == [True]


def test_it_holds_whatever_filters_somebody_else_sets() -> None:
    with quiet(TALK):
        pass
    changes: tuple[Callable[[], None], ...] = (
        lambda: warnings.simplefilter("error"),
        lambda: warnings.filterwarnings("error", message="an idle"),
        warnings.resetwarnings,
    )
    for change in changes:
        with warnings.catch_warnings():
            change()
            with quiet(TALK):
                assert not says("an idle word")
    with quiet(TALK):
        assert not says("an idle word")


def test_it_holds_where_a_strangers_block_ends_in_its_middle() -> None:
    """As that of an import in the main thread does while the weights load in another.

    In a process of its own, where nothing was kept quiet before.
    """
    code = """
import warnings
from sam3_playground.quiet import Kind, quiet
stranger, own = warnings.catch_warnings(), quiet(Kind(FutureWarning, "an idle"))
stranger.__enter__()
own.__enter__()
stranger.__exit__(None, None, None)
warnings.warn("an idle word", FutureWarning)
warnings.warn("another idle word", FutureWarning)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert re.findall(r"FutureWarning: (.*)", run.stderr) == ["another idle word"]


def test_filters_do_not_grow() -> None:
    with quiet(TALK):
        pass
    before = list(warnings.filters)
    for _ in range(20):
        with quiet(TALK):
            warnings.filterwarnings("error", message="nothing of the kind")
    assert len(warnings.filters) == len(before) + 1


@contextmanager
def an_image() -> Iterator[None]:
    file = io.BytesIO()
    Image.new("L", (2, 2)).save(file, "PNG")
    with opened(file.getvalue(), name="it"):
        yield


@contextmanager
def somebody_elses() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="somebody's own")
        yield


Block = Callable[[], AbstractContextManager[None]]
OURS: tuple[Block, ...] = (an_image, without_package_warnings)


@pytest.mark.parametrize(("first", "second"), [*product(OURS, OURS)])
def test_two_threads_leave_the_filters_as_they_were(first: Block, second: Block) -> None:
    """Whatever they do: one opens an image while the other builds a network, or both the same."""
    blocks = iter((first, second))
    limit = Image.MAX_IMAGE_PIXELS

    def work(middle: Callable[[], None]) -> None:
        with next(blocks)():
            middle()

    interleaved(work)
    assert says("Corrupt EXIF data")
    assert says("`torch.jit.script` is deprecated", FutureWarning)
    assert limit == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("ours", OURS)
def test_a_stranger_gets_his_filters_back(ours: Block) -> None:
    """And undoes nothing of what is done here."""
    for order in ((ours, somebody_elses), (somebody_elses, ours)):
        blocks = iter(order)

        def work(middle: Callable[[], None]) -> None:
            with next(blocks)():  # noqa: B023 (it is asked before the next round)
                middle()

        interleaved(work)
        assert says("Corrupt EXIF data")
        assert says("`torch.jit.script` is deprecated", FutureWarning)
        assert says("somebody's own word")
