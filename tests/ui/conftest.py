"""A page to save from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ui.saved import SavingPage


@pytest.fixture
def page(tmp_path: Path) -> Iterator[SavingPage]:
    with ExitStack() as stack:
        yield SavingPage(stack, tmp_path)
