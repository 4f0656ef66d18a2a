"""What an installation holds: the playground alone, with the files that it shows and runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from sam3_playground import __version__
from sam3_playground.model.config import TINY

ROOT = Path(__file__).parent.parent
FILES = ("LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "requirements.txt", "setup.py")
FOLDERS = ("assets", "benchmarks", "licences", "sam3_playground", "scenes", "tests", "training")
METADATA = f"sam3_playground-{__version__}.dist-info"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
ALONE = ("--no-deps", "--no-index")


def python(folder: Path, *arguments: object, **environment: str) -> str:
    """What this Python prints that runs in that folder."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def files_of(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def contents(wheel: Path) -> dict[str, int]:
    """The checksum of each file in a wheel, by its name."""
    with ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def built(folder: Path, source: Path) -> Path:
    """The wheel of a checkout or of a source distribution, in that folder."""
    python(folder, *PIP, "wheel", *ALONE, "--no-build-isolation", "--wheel-dir", folder, source)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's files in a folder where a build may leave what it likes."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    return folder


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"), checkout)


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel is installed, beside others that have assets too."""
    folder = tmp_path_factory.mktemp("site")
    python(folder, *PIP, "install", *ALONE, "--target", folder, wheel)
    for name in ("examples", "tiny"):
        (folder / "assets" / name).mkdir(parents=True)
    return folder


def test_a_wheel_holds_the_package_and_its_assets_and_nothing_else(
    checkout: Path, wheel: Path
) -> None:
    wanted = {path.relative_to(checkout) for path in files_of(checkout / "sam3_playground")}
    for name in ("examples", "tiny"):
        found = files_of(checkout / "assets" / name)
        wanted |= {"sam3_playground" / path.relative_to(checkout) for path in found}
    # What the page's scripts are checked with, and no browser reads.
    wanted = {path for path in wanted if not path.match("*.d.ts")}
    held = {name for name in contents(wheel) if not name.startswith(f"{METADATA}/")}
    assert held == {path.as_posix() for path in wanted}
    assert {"sam3_playground/assets/tiny/LICENSE", "sam3_playground/ui/web/main.js"} <= held


def test_a_wheel_holds_the_licences_of_all_that_is_in_it(wheel: Path) -> None:
    start = f"{METADATA}/licenses/"
    held = {name.removeprefix(start) for name in contents(wheel) if name.startswith(start)}
    assert held == {"LICENSE", "licences/SAM_LICENSE", "scenes/sprites.LICENSE"}


def test_a_source_distribution_builds_the_same_wheel(
    checkout: Path, wheel: Path, tmp_path: Path
) -> None:
    program = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    python(checkout, "-c", program, tmp_path)
    (source,) = tmp_path.glob("*.tar.gz")
    assert contents(built(tmp_path, source)) == contents(wheel)


def test_an_installation_has_one_package(site: Path) -> None:
    names = {path.name for path in site.iterdir()} - {"assets"}  # of another package, see above
    assert names == {"sam3_playground", METADATA, "bin"}
    assert [path.name for path in (site / "bin").iterdir()] == ["sam3-playground"]


def test_a_runner_of_packages_finds_the_command(site: Path) -> None:
    """`pipx run` and `uvx` start the command that is called like the package."""
    points = (site / METADATA / "entry_points.txt").read_text(encoding="utf-8")
    assert "[console_scripts]\nsam3-playground = sam3_playground.cli:main" in points
    assert "\nName: sam3-playground\n" in (site / METADATA / "METADATA").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def printed(site: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What an installation shows and answers, asked in one process: its libraries take long."""
    program = """
import json, runpy, sys
from sam3_playground.ui.examples import read_examples
print(json.dumps({str(it.path): len(it.thumbnail) for it in read_examples()}))
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
    command = site / "bin" / "sam3-playground"
    example = site / "sam3_playground" / "assets" / "examples" / "rockets.jpg"
    concept = ("--concept", "rocket", "--threshold", "0", "--nms", "off")  # all that it proposes
    options = (*concept, "--weights", "tiny", "--device", "cpu", "--json")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    asked = ("-c", program, command, "segment", example, *options)
    lines = python(elsewhere, *asked, PYTHONPATH=str(site)).splitlines()
    return [json.loads(line) for line in lines]


def test_an_installed_page_has_its_gallery(site: Path, printed: list[Any]) -> None:
    folder = site / "sam3_playground" / "assets" / "examples"
    assert set(printed[0]) == {str(path) for path in folder.glob("*.jpg")}
    assert min(printed[0].values()) > 1_000


def test_an_installed_command_runs_the_bundled_checkpoint(printed: list[Any]) -> None:
    assert printed[1]["weights"] == "tiny"
    (result,) = printed[1]["prompt_results"]
    assert len(result["predictions"]) == TINY.queries
