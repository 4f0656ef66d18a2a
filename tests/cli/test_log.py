"""The log holds what its level asks for."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from sam3_playground.console import show_log


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    log = logging.getLogger("sam3_playground")
    before = log.handlers[:], log.level, log.propagate
    yield
    log.handlers[:], log.level, log.propagate = before


@pytest.mark.parametrize(
    ("level", "noted"),
    [
        ("debug", ["some detail", "some news", "warning: some care", "error: some fault"]),
        ("info", ["some news", "warning: some care", "error: some fault"]),
        ("warning", ["warning: some care", "error: some fault"]),
        ("error", ["error: some fault"]),
    ],
)
def test_a_level_leaves_out_what_is_below_it(
    level: str, noted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    show_log(level)
    log = logging.getLogger("sam3_playground.anything")
    log.debug("some detail")
    log.info("some news")
    log.warning("some care")
    log.error("some fault")
    assert capsys.readouterr().err.splitlines() == noted
