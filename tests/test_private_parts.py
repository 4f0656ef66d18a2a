"""Who may know the `sam3` package, and its private parts. Reads the sources and imports none."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODEL = "sam3_playground/model/"

# Everything that is called between pixels and masks: the one file to read for another version.
CALLS = f"{MODEL}calls.py"
# What the network is built of, and what runs its backbone by its public parts.
BUILDING = {
    f"{MODEL}{name}.py" for name in ("package", "network", "click_head", "tokenizer", "backbone")
}

SOURCES = [
    path.relative_to(ROOT).as_posix()
    for folder in ("sam3_playground", "training")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
# Of another package, about which `images` has its own tests.
PILLOWS = {"sam3_playground/images/opening.py": {"_decompression_bomb_check"}}
# Their underscores keep fields' names free, or are part of the name.
PUBLIC = {"_replace", "_exit"}
LOOK_UPS = {"getattr", "setattr", "hasattr", "operator.attrgetter", "operator.methodcaller"}


def known(source: str) -> set[str]:
    """What of the package, and of other classes' private parts, a file knows."""
    tree = ast.parse(source)
    own = set(defined(tree))
    found = {name for name in imported(tree) if f"{name}.".startswith("sam3.")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            is_own = ast.unparse(node.value) in {"self", "cls"} or node.attr in own
            if is_private(node.attr) and not is_own:
                found.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in LOOK_UPS:
            names = {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
            found |= {str(name) for name in names if is_private(str(name))}
        elif isinstance(node, ast.Name) and node.id == "import_sam3":
            found.add("sam3")
    return found


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (alias.name.replace("import_sam3", "sam3") for alias in node.names)


def defined(tree: ast.AST) -> Iterator[str]:
    """Names that the file's own functions, classes and instances have."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


@pytest.mark.parametrize("place", [place for place in SOURCES if place not in {CALLS, *BUILDING}])
def test_a_file_knows_nothing_of_the_package_inside(place: str) -> None:
    found = known((ROOT / place).read_text(encoding="utf-8"))
    assert found - PILLOWS.get(place, set()) == set()


@pytest.mark.parametrize("place", sorted(BUILDING))
def test_what_builds_the_network_or_runs_its_backbone_calls_nothing_private(place: str) -> None:
    found = known((ROOT / place).read_text(encoding="utf-8"))
    assert [name for name in found if not f"{name}.".startswith("sam3.")] == []


def test_one_file_knows_the_private_parts_and_they_are_these() -> None:
    """So a new one is looked at, and one that is not needed any more is missed."""
    found = known((ROOT / CALLS).read_text(encoding="utf-8"))
    assert {name for name in found if is_private(name)} == {
        "_encode_prompt",
        "_get_coords",
        "_get_stability_scores",
        "_run_decoder",
    }


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import sam3", {"sam3"}),
        ("import sam3.sam.rope as rope", {"sam3.sam.rope"}),
        ("def f():\n from sam3.model.data_misc import FindStage", {"sam3.model.data_misc"}),
        ("from sam3_playground.model.package import import_sam3", {"sam3"}),
        ("package.import_sam3()", set()),  # which cannot be had without the import
        ("from sam3_playground.model import calls", set()),
        ("import sam3d", set()),
        ("network._run_decoder(x)", {"_run_decoder"}),
        ("self._network._run_decoder(x)", {"_run_decoder"}),
        ("self._network.backbone(x)", set()),
        ("network.__class__", set()),
        ("getattr(network, '_run_decoder')", {"_run_decoder"}),
        ("say('_run_decoder')", set()),
        ("class A:\n def f(self): self._x = 1\n def g(self, other): return other._x", set()),
        ("class A:\n def _f(self): ...\nA()._f()", set()),
        ("pair._replace(x=1)", set()),
    ],
)
def test_the_rule_finds_what_breaks_it(source: str, found: set[str]) -> None:
    assert known(source) == found
