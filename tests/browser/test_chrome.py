"""Which browser the tests take, and what is done where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chrome


def command(folder: Path, name: str, status: int) -> Path:
    """A program that ends with a status, whatever it is told."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {status}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chrome, "ELSEWHERE", ())
    return tmp_path


@pytest.mark.parametrize("name", chrome.NAMES)
def test_a_browser_is_found_under_each_of_its_names(bin_folder: Path, name: str) -> None:
    assert chrome.on_system() is None
    browser = command(bin_folder, name, 0)
    assert chrome.on_system() == browser


def test_a_note_in_the_place_of_a_browser_is_passed_over(bin_folder: Path) -> None:
    command(bin_folder, "chromium", 1)
    assert chrome.on_system() is None
    browser = command(bin_folder, "google-chrome", 0)
    assert chrome.on_system() == browser


@pytest.mark.parametrize(
    ("user", "has_apt", "first"),
    [(0, True, "apt-get"), (0, False, "playwright"), (1000, True, "playwright")],
)
def test_root_on_debian_takes_debians_and_others_take_playwrights(
    user: int, has_apt: bool, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if has_apt else None)
    commands = [command for way in chrome.ways() for command in way]
    assert first in commands[0]
    assert commands[-1][1:] == ["-m", "playwright", "install", "chromium"]


class Tried:
    """Stands for `subprocess.run`; what is tried succeeds or not."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        return subprocess.CompletedProcess(command, self.status)


def tried(monkeypatch: pytest.MonkeyPatch, *there: bool, status: int = 0) -> Tried:
    """A machine on which, asked again and again, there is a browser or not."""
    run, answers = Tried(status), iter(there)
    monkeypatch.setattr(chrome, "is_there", lambda: next(answers))
    monkeypatch.setattr(chrome, "ways", lambda: [[["a", "1"], ["a", "2"]], [["b"]]])
    monkeypatch.setattr(subprocess, "run", run)
    return run


def test_with_a_browser_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    run = tried(monkeypatch, True)
    chrome.main()
    assert run.commands == []


def test_the_ways_are_gone_until_there_is_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    run = tried(monkeypatch, False, True)
    chrome.main()
    assert run.commands == [["a", "1"], ["a", "2"]]


@pytest.mark.parametrize(("status", "count"), [(0, 3), (1, 2)])
def test_without_one_a_line_says_what_to_do(
    status: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tried(monkeypatch, False, False, False, status=status)
    with pytest.raises(SystemExit) as ended:
        chrome.main()
    assert len(run.commands) == count  # a way whose first command fails is left
    line = str(ended.value.code)
    assert line.startswith("expected Chromium or Chrome")
    assert "apt-get install chromium" in line
    assert "\n" not in line
