"""The versions that the tests run with, as `python -m tests.dependencies` prints the lock of them.

A version is noted where it is installed, whatever lies between it and the list. Beside the
torch wheel of one system come packages that another has none of: they are left out, and torch
itself says which it needs.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import tomlkit
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
# The Pythons that may run this, the oldest first; a line says which of them its version is for.
PYTHONS = tuple(f"3.{minor}" for minor in range(10, 20))
_OF_ONE_SYSTEM = re.compile(r"nvidia-.*|cuda-.*|triton.*|pytorch-.*")


def asked_for() -> list[Requirement]:
    """The requirements of the package and of its tests, as the two files list them."""
    project = tomlkit.parse((ROOT / "pyproject.toml").read_text(encoding="utf-8")).unwrap()
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needed = [line for line in (line.partition("#")[0].strip() for line in lines) if line]
    return [
        Requirement(text) for text in [*needed, *project["project"]["optional-dependencies"]["dev"]]
    ]


def installed(requirements: Iterable[Requirement]) -> dict[str, Distribution]:
    """What is installed of the requirements, and of theirs in turn, by canonical name.

    Raises:
        PackageNotFoundError: Something is not.
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [it for it in requirements if applies(it.marker)]
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) in seen or _OF_ONE_SYSTEM.fullmatch(name):
            continue
        seen.add((name, extras))
        found[name] = distribution(wanted.name)
        inner = map(Requirement, found[name].requires or [])
        waiting += [it for it in inner if any(applies(it.marker, extra) for extra in {"", *extras})]
    return found


def applies(marker: Marker | None, extra: str = "") -> bool:
    """Whether a requirement is one on this machine."""
    return marker is None or marker.evaluate({"extra": extra})


def lock_lines(found: dict[str, Distribution]) -> Iterator[str]:
    """A line for each package, without what tells one build of a version from another."""
    for name, package in sorted(found.items()):
        metadata = package.metadata
        has_range = "Requires-Python" in metadata
        pythons = SpecifierSet(metadata["Requires-Python"] if has_range else "")
        first = next(python for python in PYTHONS if python in pythons)
        marker = f' ; python_version >= "{first}"' if first != PYTHONS[0] else ""
        yield f"{name}=={Version(package.version).public}{marker}"


def header() -> str:
    """The lock's first line: where its versions were tested."""
    major, minor, _ = platform.python_version_tuple()
    return (
        f"# Tested with Python {major}.{minor} on {platform.system()}; made by `make lock`. "
        "requirements.txt has the ranges."
    )


def lock_text() -> str:
    """What requirements.lock has to hold for what is installed now."""
    return "\n".join([header(), *lock_lines(installed(asked_for()))]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(lock_text())
