"""What contributors are given says and does what the project does."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import tomlkit
import yaml

from sam3_playground import __version__

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
PROJECT = tomlkit.parse((ROOT / "pyproject.toml").read_text(encoding="utf-8")).unwrap()["project"]
PYTHONS = [it.rpartition(" ")[2] for it in PROJECT["classifiers"] if " 3." in it]


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_workflow_runs_the_checks_of_a_submission_on_the_lowest_and_newest_python() -> None:
    (job,) = read(GITHUB / "workflows/ci.yml")["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == [PYTHONS[0], PYTHONS[-1]]
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]


def test_the_hooks_are_the_commands_of_make_lint() -> None:
    printed = subprocess.run(
        ["make", "--dry-run", "--always-make", "lint"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lint = re.findall(r"^\.venv/bin/(?:python -m (?:ruff|mypy)|node ).*$", printed, re.MULTILINE)
    (repository,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == lint
    assert len(lint) == 6


def test_a_fault_report_asks_for_what_the_program_prints() -> None:
    fault = read(GITHUB / "ISSUE_TEMPLATE/fault.yml")
    required = [it for it in fault["body"] if it.get("validations", {}).get("required")]
    assert any("sam3-playground info" in it["attributes"]["label"] for it in required)


@pytest.mark.parametrize("path", sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")), ids=str)
def test_a_form_has_what_github_wants(path: Path) -> None:
    form = read(path)
    if path.stem == "config":
        assert set(form) == {"blank_issues_enabled", "contact_links"}
        return
    assert {"name", "description", "body"} <= set(form)
    ids = [part["id"] for part in form["body"]]
    assert len(ids) == len(set(ids))
    assert all(part["attributes"]["label"] for part in form["body"])


def test_one_version_is_told_everywhere() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(r"^## (.*)$", changes, re.MULTILINE)
    assert heading is not None
    assert __version__ in heading[1]
    citation = read(ROOT / "CITATION.cff")
    assert citation["version"] == __version__
    assert citation["license"] == PROJECT["license"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)


def test_security_is_told_where_it_is_looked_for() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "Report a vulnerability" in text
    assert "sam3-playground info" in text
