"""How far a download is and how long it takes, told rarely enough to cost nothing."""

from __future__ import annotations

from sam3_playground.weights.progress import Meter, Progress


def test_speed_is_of_the_last_seconds_and_of_this_run() -> None:
    now = 0.0
    told: list[Progress] = []
    meter = Meter(told.append, clock=lambda: now)
    meter.begin(1_000, 10_000)
    assert told == [Progress(1_000, 10_000, 0.0, None)]
    now = 1.0
    meter.at(1_500, 10_000)
    assert told[-1] == Progress(1_500, 10_000, 500.0, 17.0)
    for second in range(2, 20):  # then it gets slower, and that of long ago counts no more
        now = float(second)
        meter.at(1_500 + second * 100, 10_000)
    assert told[-1].bytes_per_second == 100.0
    assert told[-1].seconds_left == (10_000 - told[-1].done) / 100


def test_it_is_told_at_most_ten_times_a_second_but_for_the_end() -> None:
    now = 0.0
    told: list[Progress] = []
    meter = Meter(told.append, clock=lambda: now)
    meter.begin(0, None)
    for step in range(1, 1001):
        now = step / 1000
        meter.at(step, None)
    assert len(told) <= 11
    assert told[-1].seconds_left is None
    meter.at(1_001, 1_001, surely=True)
    assert told[-1] == Progress(1_001, 1_001, told[-1].bytes_per_second, 0.0)


def test_a_new_beginning_forgets_the_speed_before() -> None:
    now = 0.0
    told: list[Progress] = []
    meter = Meter(told.append, clock=lambda: now)
    meter.begin(0, 100)
    now = 1.0
    meter.at(50, 100)
    meter.begin(0, 100)
    assert told[-1] == Progress(0, 100, 0.0, None)
