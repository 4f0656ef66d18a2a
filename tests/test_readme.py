"""What the README shows is so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from sam3_playground.config import Settings
from tests.settings_table import table

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_file_of_the_tree_exists() -> None:
    tree = re.search(r"```text\n(app\.py.*?)```", README, re.DOTALL)
    assert tree is not None
    parent = ROOT
    for line in tree.group(1).splitlines():
        name = line.split()[0]
        folder = ROOT / "sam3_playground" if line.startswith("  ") else parent
        assert (folder / name).exists(), name


def test_every_part_of_the_package_stands_in_the_tree() -> None:
    for path in (ROOT / "sam3_playground").iterdir():
        if path.name.startswith("_") or path.name == "py.typed":
            continue
        assert re.search(rf"^  {re.escape(path.name)}/?\s", README, re.MULTILINE), path.name


def test_the_help_shown_is_the_commands_own() -> None:
    shown = re.search(r"```text\n\$ sam3-playground segment --help\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    environment = {**os.environ, "COLUMNS": "92", "TERM": "dumb", "NO_COLOR": "1"}
    program = "from sam3_playground.cli.main import main; main(['segment', '--help'])"
    printed = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.argv[0] = 'sam3-playground'; {program}"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=ROOT,
    ).stdout
    assert words(shown.group(1)) == words(printed)


def words(text: str) -> list[str]:
    """The text's words without the frames that a terminal's width decides."""
    return re.sub(r"[^\w\s.,:=+\-\[\]]", " ", text).split()


def test_what_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|    |\n)((?:[a-z_]+/)+(?:[a-z_.]+\.(?:py|js))?)", text))
    assert len(named) > 10
    for name in named:
        places = (ROOT / name, ROOT / "sam3_playground" / name)
        assert any(place.exists() for place in places), name


def test_links_to_files_hold() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_table_of_settings_is_the_codes_own() -> None:
    assert table() in README


def test_what_is_said_of_settings_in_a_file_is_so(tmp_path: Path) -> None:
    shown = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    secret = tmp_path / "logins"
    secret.write_text("me:secret\n", encoding="utf-8")
    file = tmp_path / "settings.toml"
    file.write_text(shown.group(1).replace("/run/secrets/logins", str(secret)), encoding="utf-8")
    settings = Settings.read({}, file=file, environment={})
    assert settings.auth == {"me:secret"}
    assert settings.access_log
    assert settings.trusted_hosts == {"sam.example.com"}
