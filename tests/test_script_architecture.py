"""Which of the page's scripts may import which, and that no export is dead. Reads the sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "sam3_playground" / "ui" / "web"
MAX_LINES = 300

# A script may import those of the lines above its own, and those of its line that stand before it.
# What is in `state/` and `drawing/` decides and draws without a page; `main.js` alone knows all.
TIERS = [
    [
        "state/history.js",
        "state/ids.js",
        "state/words.js",
        "state/shapes.js",
        "state/packed.js",
        "state/phrases.js",
        "state/snapshot.js",
        "state/weights.js",
        "state/saved.js",
        "state/album.js",
        "state/room.js",
        "state/batch.js",
    ],
    ["state/objects.js", "state/concepts.js"],
    ["state/hidden.js", "state/corrections.js"],
    ["state/work_shape.js", "state/parcel.js"],
    ["state/store.js", "state/rows.js"],
    ["state/ask.js"],
    ["drawing/labels.js", "drawing/look.js", "drawing/runs.js"],
    ["drawing/paint.js"],
    [
        "errors.js",
        "nodes.js",
        "parts.js",
        "server.js",
        "tab.js",
        "dropped.js",
        "image_files.js",
        "views.js",
        "outgoing.js",
    ],
    [
        "view.js",
        "camera.js",
        "keep.js",
        "link.js",
        "pace.js",
        "wipe.js",
        "roving.js",
        "weights.js",
        "code_dialog.js",
        "save_dialog.js",
        "found_line.js",
        "share_dialog.js",
        "fetched.js",
        "refusals.js",
    ],
    ["images.js", "results.js", "marks.js"],
    ["waiting.js"],
    ["address.js", "arrivals.js", "examples.js", "strip.js", "works.js", "run_all.js"],
    ["open_images.js"],
    [
        "gestures.js",
        "progress.js",
        "found.js",
        "labels.js",
        "changed.js",
        "concept_tab.js",
        "object_tab.js",
        "settings.js",
        "mending.js",
        "pointing.js",
        "status.js",
    ],
    ["choices.js", "keys.js", "conversation.js", "takeaway.js"],
    ["main.js"],
]
# Who shows and who measures need not know what the user asked for, nor who asks how it is shown.
STRANGERS = {
    "view.js": "state/",
    "results.js": "state/",
    "link.js": "state/",
    "images.js": "state/",
}
# What only a browser has.
BROWSER = re.compile(
    r"\b(document|window|navigator|location|(local|session)Storage|indexedDB|fetch|"
    r"requestAnimationFrame|(HTML|SVG)?\w*Element|Event|Image|File|Node)\b"
)
ENTRY = {"main.js": {"start"}}

_IMPORT = re.compile(r"^import \{([^}]*)\} from \"([^\"]+)\";", re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"])//[^\n]*", re.DOTALL)
_STRING = re.compile(r"\"[^\"\n]*\"|`[^`]*`")

Sources = Mapping[str, str]


def read() -> Sources:
    return {
        path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(FOLDER.rglob("*.js"))
    }


def imports(name: str, source: str) -> Iterator[tuple[str, str]]:
    """(script, name) of everything that a script imports."""
    for names, target in _IMPORT.findall(source):
        parts: list[str] = []
        for part in (PurePosixPath(name).parent / target).parts:
            if part == "..":
                parts.pop()
            else:
                parts.append(part)
        yield from (("/".join(parts), one.strip()) for one in names.split(",") if one.strip())


def order() -> list[str]:
    return [name for tier in TIERS for name in tier]


def broken_rules(sources: Sources) -> list[str]:
    """What some scripts do and may not do, in words."""
    broken, known = [], order()
    used = {target for name, source in sources.items() for target in imports(name, source)}
    for name, source in sources.items():
        code = _COMMENT.sub("", source)
        if name not in known:
            broken.append(f"{name} has no place in TIERS")
            continue
        for target, what in imports(name, source):
            if target not in known[: known.index(name)]:
                broken.append(f"{name} imports {target}")
            if target.startswith(STRANGERS.get(name, "no such folder")):
                broken.append(f"{name} knows {target}")
            if what not in _EXPORT.findall(sources.get(target, "")):
                broken.append(f"{target} exports no {what}")
        if len(re.findall(r"^(?:import|export)\b", code, re.MULTILINE)) != (
            len(_IMPORT.findall(code)) + len(_EXPORT.findall(code))
        ):
            broken.append(f"{name} imports or exports in another form")
        if re.search(r"\bimport\(", code):
            broken.append(f"{name} imports while it runs")
        if name.startswith(("state/", "drawing/")) and BROWSER.search(_STRING.sub("", code)):
            broken.append(f"{name} needs a browser")
        broken += [
            f"nobody imports {what} of {name}"
            for what in _EXPORT.findall(source)
            if (name, what) not in used and what not in ENTRY.get(name, ())
        ]
    return sorted(set(broken))


def test_every_script_keeps_to_its_place() -> None:
    assert broken_rules(read()) == []


def test_every_place_is_taken() -> None:
    assert sorted(order()) == list(read())


@pytest.mark.parametrize("name", read())
def test_a_script_is_short(name: str) -> None:
    assert len(read()[name].splitlines()) < MAX_LINES


STORE = "export function createStore() {}\n"


@pytest.mark.parametrize(
    ("sources", "broken"),
    [
        (
            {"main.js": 'import { createStore } from "./state/store.js";'}
            | {"state/store.js": STORE},
            [],
        ),
        (
            {"state/store.js": STORE + 'import { make } from "../nodes.js";'}
            | {"nodes.js": "export const make = 1;"},
            ["nobody imports createStore of state/store.js", "state/store.js imports nodes.js"],
        ),
        (
            {"view.js": 'import { createStore } from "./state/store.js";', "state/store.js": STORE},
            ["view.js knows state/store.js"],
        ),
        ({"state/store.js": "document.body;"}, ["state/store.js needs a browser"]),
        ({"state/store.js": "// not of the document\n'';"}, []),
        ({"state/store.js": "new HTMLElement();"}, ["state/store.js needs a browser"]),
        ({"state/store.js": STORE}, ["nobody imports createStore of state/store.js"]),
        ({"errors.js": 'import "./nodes.js";'}, ["errors.js imports or exports in another form"]),
        ({"errors.js": "export default 1;"}, ["errors.js imports or exports in another form"]),
        ({"errors.js": 'x = await import("./nodes.js");'}, ["errors.js imports while it runs"]),
        ({"main.js": 'import { a } from "./nodes.js";'}, ["nodes.js exports no a"]),
        ({"helpers.js": ""}, ["helpers.js has no place in TIERS"]),
    ],
)
def test_the_rules_find_what_breaks_them(sources: Sources, broken: list[str]) -> None:
    assert broken_rules(sources) == broken
