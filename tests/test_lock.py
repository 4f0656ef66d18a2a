"""The lock holds what the tests run with, and stays within what users are promised."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.dependencies import LOCK, ROOT, applies, asked_for, header, installed, lock_text

TEXT = LOCK.read_text(encoding="utf-8")
LINES = [line for line in TEXT.splitlines() if not line.startswith("#")]
REQUIREMENTS = asked_for()


def locked(lines: list[str], *, here: bool) -> dict[str, str]:
    """The versions by canonical name; `here` leaves out what is for other Pythons."""
    entries = [Requirement(line) for line in lines]
    return {
        canonicalize_name(it.name): next(iter(it.specifier)).version
        for it in entries
        if not here or applies(it.marker)
    }


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda it: it.name)
def test_the_lock_is_within_the_range_of_each_requirement(requirement: Requirement) -> None:
    version = locked(LINES, here=False)[canonicalize_name(requirement.name)]
    assert version in requirement.specifier


def test_the_requirements_are_all_that_are_listed() -> None:
    names = {canonicalize_name(it.name) for it in REQUIREMENTS}
    assert {"torch", "sam3", "gradio", "numpy", "pytest", "mypy"} <= names
    listed = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert len(re.findall(r"^\w", listed, re.MULTILINE)) < len(REQUIREMENTS)


def differences(lines: list[str]) -> list[str]:
    """Packages that are installed in another version than the lock's, or missing from it."""
    here, anywhere = locked(lines, here=True), locked(lines, here=False)
    found = {
        name: Version(package.version).public for name, package in installed(REQUIREMENTS).items()
    }
    wrong = [name for name, version in found.items() if here.get(name, version) != version]
    if TEXT.startswith(header()):
        wrong += [name for name in found if name not in anywhere]
    return sorted(wrong)


def test_the_tests_run_with_the_versions_in_the_lock() -> None:
    assert differences(LINES) == []


def test_the_control_another_version_and_a_missing_one_are_found() -> None:
    others = [re.sub(r"^numpy==[^ ]+", "numpy==1.0", line) for line in LINES]
    assert differences(others) == ["numpy"]
    if TEXT.startswith(header()):
        without = [line for line in LINES if not line.startswith(("torch==", "h11=="))]
        assert differences(without) == ["h11", "torch"]
        assert lock_text() == TEXT


@pytest.mark.parametrize("line", LINES)
def test_a_line_serves_every_system(line: str) -> None:
    """No build of one system, and nothing that torch brings on one kind of machine alone."""
    assert re.fullmatch(r'[a-z0-9-]+==[0-9][0-9a-z.]*( ; python_version >= "3\.[0-9]+")?', line)
    assert not line.startswith(("nvidia-", "cuda-", "triton"))


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("test", "pip install --constraint requirements.lock --editable '.[dev]'"),
        ("test", "npm ci"),
        ("test", "python -m tests.browser.chrome"),
        ("run", "pip install --editable .\n"),  # users have the ranges
        ("lock", "python -m tests.dependencies > requirements.lock"),
    ],
)
def test_make_installs_by_it(target: str, command: str) -> None:
    printed = subprocess.run(
        ["make", "--dry-run", "--always-make", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert command in printed


def test_the_checks_of_a_submission_are_made_by_make() -> None:
    script = Path(ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "make test" in script
    assert "chromium" not in script  # make gets it
