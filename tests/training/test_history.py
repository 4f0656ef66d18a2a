"""The figures of a run's weights: each measured once, in the order of training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from sam3_playground.weights.resolving import bundled_path
from tests.cli import conftest
from training import history
from training.__main__ import main
from training.exclusions import Exclusions
from training.loop import KEPT


def run(*arguments: object) -> int:
    return conftest.run("history", *arguments, program=main)


def test_a_run_that_kept_nothing_says_how_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path) == 4
    assert "train with --keep-every" in capsys.readouterr().err


def test_each_file_is_measured_once_and_all_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured: list[int] = []

    def exclusions(_: Any, *, scenes: int) -> dict[str, Any]:
        found = Exclusions()
        measured.append(scenes)
        words = found.by_prompt["words"]
        words.count, words.gone, words.right, words.kept = 8, len(measured), 4, 3
        return {"own_scenes": found.to_json(), "other_scenes": Exclusions().to_json()}

    monkeypatch.setattr(history, "evaluate_exclusions", exclusions)
    (tmp_path / KEPT).mkdir()
    for step in (200, 100):
        shutil.copy(bundled_path(), tmp_path / KEPT / f"14-exclusions-{step:05}.safetensors")
    assert run(tmp_path, "--scenes", 1) == 0
    header, rule, *rows = capsys.readouterr().out.splitlines()
    assert header.startswith("| weights | words: gone / control / kept | exemplar:")
    assert rows[0].startswith("| 14-exclusions-00100 | 0.125 / 0 / 0.75 | - / - / - |")
    assert rows[1].startswith("| 14-exclusions-00200 | 0.25 / 0 / 0.75 |")
    assert len({line.count("|") for line in (header, rule, *rows)}) == 1

    assert run(tmp_path, "--scenes", 1) == 0
    assert capsys.readouterr().out.splitlines()[2:] == rows
    assert measured == [1, 1]
    kept = json.loads((tmp_path / "history.json").read_text())
    assert [row["scenes"] for row in kept] == [1, 1]
    assert 0 < kept[0]["habits"]["own_scenes"]["click_anywhere_iou"] <= 1
    assert kept[0]["habits"] == kept[1]["habits"]  # the same file twice

    assert run(tmp_path, "--scenes", 2) == 0
    assert measured == [1, 1, 2, 2]

    network = load_file(bundled_path())
    name = next(name for name in network if name.endswith("presence_token_head.layers.2.bias"))
    network[name] += 1.0
    with safe_open(bundled_path(), "np") as file:
        save_file(network, tmp_path / KEPT / "14-exclusions-00200.safetensors", file.metadata())
    assert run(tmp_path, "--scenes", 2) == 0
    assert measured == [1, 1, 2, 2, 2]  # other weights under the same name
