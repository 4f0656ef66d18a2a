"""The answers of the reference server's core, to the letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.server_core import answer

VECTORS = json.loads(
    (Path(__file__).parent / "vectors" / "server_core_vectors.json").read_text(encoding="utf-8")
)
CASES: list[dict[str, Any]] = VECTORS["cases"]


@pytest.mark.parametrize("case", CASES, ids=[f"seed {case['seed']}" for case in CASES])
def test_instances_order_polygons_and_rle_are_the_servers(case: dict[str, Any]) -> None:
    assert answer(case) == case["expected"]


def test_the_vectors_hold_something() -> None:
    kept = sum(len(prompt) for case in CASES for prompt in case["expected"])
    asked = sum(len(prompt["scores"]) for case in CASES for prompt in case["prompts"])
    assert 0 < kept < asked
