"""Who may import whom, and what no file may hold. Reads the sources and imports none of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "sam3_playground"
MAX_LINES = 300

# A layer may import those of the lines above its own, never its neighbours. Not all have to exist.
TIERS = [
    {"__init__"},
    {"errors", "collector"},
    {"bundled", "core", "console", "outputs", "quiet"},
    {"config", "images", "formats", "model", "server"},
    {"weights"},
    {"pipeline"},
    {"calls"},
    {"api", "ui", "playground"},
    {"cli"},
    {"app"},
]
TIER = {layer: number for number, layers in enumerate(TIERS) for layer in layers}

# The list of public names, which are looked up only when somebody asks for one.
LISTED = {"__init__": {"errors", "core", "playground"}}

# Beside the package, with the layers that each may import; the package imports none of them.
BESIDE = {
    "scenes": set[str](),
    "training": {
        "scenes",
        "__init__",
        "errors",
        "core",
        "console",
        "outputs",
        "images",
        "formats",
        "model",
        "weights",
        "pipeline",
    },
    "benchmarks": {"app", "tests", "scenes", "training", *TIER},
}

# What only these layers know, and the benchmarks.
HOMES = {
    "torch": {"model", "training"},
    "torchvision": {"model", "training"},
    "sam3": {"model", "training"},
    "huggingface_hub": {"weights"},
    "gradio": {"ui"},
    "spaces": {"pipeline"},
    "fastapi": {"api"},
    "mcp": {"calls"},
    "pydantic": {"api", "calls", "ui"},
    "supervision": {"formats", "playground"},
    "os.environ": {"config", "__init__"},
    "os.getenv": {"config"},
}

# Where anything may be caught, with the number of such handlers: only where foreign code may
# raise anything, and each says in its file why. A second one is looked at before it is listed.
BOUNDARIES = {
    "sam3_playground/images/faults.py": 1,
    "sam3_playground/model/checkpoint_file.py": 1,
    "sam3_playground/pipeline/service.py": 1,
    "sam3_playground/pipeline/zerogpu.py": 1,
    "sam3_playground/server/faults.py": 1,
}

SOURCES = [path for top in (PACKAGE, *BESIDE) for path in sorted((ROOT / top).rglob("*.py"))]
SOURCES += ROOT.glob("app.py")
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def layer_of(path: Path) -> str:
    """The folder or module of the package that a file belongs to, a folder beside it, or `app`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == PACKAGE else parts[0]


def imports_in(tree: ast.AST) -> Iterator[str]:
    """Dotted names that are imported, wherever."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ("." * node.level + f"{node.module}.{alias.name}" for alias in node.names)


def attributes_in(tree: ast.AST) -> Iterator[str]:
    """Dotted names that are looked up in a module, or in anything else."""
    return (ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def layer_meant(name: str) -> str | None:
    """The layer that a dotted name belongs to; None where it is none of the project's."""
    top, inner = f"{name}.".split(".")[:2]
    if top == PACKAGE:
        return inner if inner in TIER else "__init__"
    return top if top in {"app", "tests", *BESIDE} else None


def may_import(layer: str) -> set[str]:
    """The layers that a file of this one may import, its own among them."""
    lower = {other for other in TIER if TIER[other] < TIER.get(layer, 0)}
    return {layer} | (BESIDE | LISTED).get(layer, lower)


def broken_rules(source: str, layer: str) -> list[str]:
    """What a file of that layer does and may not do, in words."""
    tree = ast.parse(source)
    if layer not in TIER and layer not in BESIDE:
        return [f"{layer} has no place in TIERS"]
    imported, looked_up = list(imports_in(tree)), list(attributes_in(tree))
    broken = [f"imports {name} relatively" for name in imported if name.startswith(".")]
    # A variable may have the name of a folder beside the package.
    meant = {layer_meant(it) for it in imported}
    meant |= {layer_meant(it) for it in looked_up if it.startswith(f"{PACKAGE}.")}
    broken += [f"imports {it}" for it in meant if it is not None and it not in may_import(layer)]
    broken += [
        f"uses {home}"
        for name in [*imported, *looked_up]
        for home, layers in HOMES.items()
        if f"{name}.".startswith(f"{home}.") and layer not in {"benchmarks", *layers}
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            broken.append("asserts")
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            broken += ["catches everything" for kind in caught if is_everything(kind)]
    return sorted(set(broken))


def is_everything(kind: ast.expr | None) -> bool:
    return kind is None or ast.unparse(kind) in {"Exception", "BaseException"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_keeps_to_its_layer(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    expected = ["catches everything"] if place in BOUNDARIES else []
    assert broken_rules(path.read_text(encoding="utf-8"), layer_of(path)) == expected


def test_anything_is_caught_only_at_the_boundaries() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): sum(
            isinstance(node, ast.ExceptHandler) and is_everything(node.type)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
        for path in SOURCES
    }
    assert {place: count for place, count in found.items() if count} == BOUNDARIES


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_LINES


@pytest.mark.parametrize(
    ("layer", "source", "broken"),
    [
        ("core", "from sam3_playground.errors import BusyError", []),  # downwards
        ("core", "from sam3_playground.core.masks import Mask", []),  # within
        ("core", "from sam3_playground import __version__", []),
        ("core", "from sam3_playground.model import config", ["imports model"]),  # upwards
        ("core", "from sam3_playground import model", ["imports model"]),
        ("core", "import sam3_playground.cli.main", ["imports cli"]),
        ("core", "def f():\n import torch.nn as nn", ["uses torch"]),  # inside a function
        ("core", "import torchmetrics", []),  # a name that only starts alike
        ("api", "from sam3_playground.ui.layout import build", ["imports ui"]),  # sideways
        ("errors", "from .core import masks", ["imports .core.masks relatively"]),
        ("model", "import os\nos.environ['HOME']", ["uses os.environ"]),
        ("model", "from os import environ", ["uses os.environ"]),
        ("config", "import os\nos.environ", []),
        ("cli", "try: f()\nexcept Exception: pass", ["catches everything"]),
        ("cli", "try: f()\nexcept (OSError, BaseException): pass", ["catches everything"]),
        ("cli", "try: f()\nexcept: pass", ["catches everything"]),
        ("cli", "try: f()\nexcept OSError: pass", []),
        ("cli", "assert True", ["asserts"]),
        ("helpers", "", ["helpers has no place in TIERS"]),
        ("cli", "def f():\n import training", ["imports training"]),  # the package knows itself
        ("model", "from scenes.vocabulary import KINDS", ["imports scenes"]),
        ("app", "import benchmarks.measure", ["imports benchmarks"]),
        ("ui", "from tests import fakes", ["imports tests"]),
        ("ui", "scenes = []\nscenes.append", []),  # a variable
        ("scenes", "from scenes.sprites import picture", []),
        ("scenes", "import sam3_playground", ["imports __init__"]),  # nothing at all
        ("scenes", "from sam3_playground.core.masks import Mask", ["imports core"]),
        ("scenes", "from training import recipe", ["imports training"]),
        ("scenes", "import torch", ["uses torch"]),
        ("training", "import sam3_playground, torch, scenes.scenes, training.loop", []),
        ("training", "from sam3_playground import console, errors, formats, outputs, pipeline", []),
        ("training", "from sam3_playground.api import app", ["imports api"]),
        ("training", "import sam3_playground\nsam3_playground.ui.layout", ["imports ui"]),
        ("training", "from sam3_playground.cli.main import main", ["imports cli"]),
        ("training", "from sam3_playground import playground", ["imports playground"]),
        ("training", "from sam3_playground.server import hosts", ["imports server"]),
        ("training", "from tests.fakes import FakeSegmenter", ["imports tests"]),
        ("training", "import benchmarks", ["imports benchmarks"]),
        (
            "benchmarks",
            "import app, gradio, sam3_playground.ui, scenes, tests, torch, training",
            [],
        ),
        ("benchmarks", "from . import measure", ["imports .None.measure relatively"]),
    ],
)
def test_the_rules_find_what_breaks_them(layer: str, source: str, broken: list[str]) -> None:
    assert broken_rules(source, layer) == broken
