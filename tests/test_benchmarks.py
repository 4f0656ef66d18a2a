"""The benchmark compares like with like."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks import last_step, network, published, server
from benchmarks.__main__ import PARTS
from benchmarks.measure import Row, in_own_process, machine, table
from benchmarks.page import slider_rows
from sam3_playground.model.pace import has_bfloat16
from tests.model.conftest import SMALL


def test_both_ways_to_the_last_step_give_the_same() -> None:
    row = last_step.row((300, 400), 12)
    assert row.note == "identical"
    wrong = last_step.inside_boxes(last_step.blobs(3, seed=1), (300, 400))
    assert not last_step.same(last_step.at_full_size(last_step.blobs(3), (300, 400)), wrong)


def test_masks_that_are_too_much_together_go_one_by_one() -> None:
    assert not last_step.too_much(100, last_step.MEGAPIXELS[12])
    assert last_step.too_much(100, last_step.MEGAPIXELS[50])


def test_peak_memory_is_what_the_work_takes() -> None:
    ways = (last_step.inside_boxes, last_step.at_full_size)
    size = (1000, 1000)
    ours, other = (in_own_process(last_step.peak_bytes, way, 20, size) for way in ways)
    floats = 4 * 20 * size[0] * size[1]
    assert floats < other < 2 * floats
    assert ours < floats / 4


def test_concepts_are_timed_against_the_packages_processor() -> None:
    (row,) = network.concept_rows((2,), repeats=1)
    assert row.ours
    assert row.other
    assert row.ratio.endswith("x")


def test_loading_and_running_are_measured_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "in_own_process", lambda work, *args: work(*args))
    loaded: list[Row] = []
    used: list[Row] = []
    for row in published.rows(SMALL):
        (loaded if row.what.startswith("loading") else used).append(row)
    assert [row.what.split()[2] for row in loaded] == [".safetensors,", ".pt,"]
    assert all(row.ours and row.other for row in loaded)
    encodings = [row for row in used if row.what.startswith(published.ENCODING)]
    on_cpu = [row for row in encodings if "cpu" in row.what]
    assert len(on_cpu) == 1 + has_bfloat16()
    assert all("of a matrix product's" in row.note for row in on_cpu)
    assert len(used) == 5 * len(encodings)


def test_a_slider_moves_without_the_network() -> None:
    assert [row.note for row in slider_rows(repeats=2)] == ["0 calls of the network"] * 2


def test_load_is_told_by_what_became_of_it() -> None:
    (row,) = server.load_rows(clients=2, requests=12)
    assert "0 failed" in row.note
    assert "never restarted" in row.note
    assert server.tally(Counter({200: 5, 422: 2, 503: 1, 500: 1})) == (
        "5 answered, 3 refused, 1 failed"
    )


def test_the_table_has_a_line_for_each_row_and_names_the_machine() -> None:
    lines = table([Row("this", "1 ms"), Row("that", "2 ms", "4 ms", "2.0x")]).splitlines()
    assert len(lines) == 4
    assert "cores" in machine()
    assert set(PARTS) >= {"masks", "concepts", "reuse", "slider", "click", "server", "published"}
