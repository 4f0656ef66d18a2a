"""How each figure went over a run, measured on the weights that it kept on its way.

They are as they were trained, their presence not fitted, so that words that are absent are
answered more often than with published weights.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sam3_playground.errors import CheckpointError
from sam3_playground.outputs import whole_file
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.weights.digests import sha256_of
from training.exclusions import PROMPTS, evaluate_exclusions
from training.habits import evaluate_habits
from training.loop import KEPT

Row = dict[str, Any]

# Columns of the table, and where each stands in a row.
_BOX = [("by_prompt", name) for name in PROMPTS] + [("by_look_alike", "same look")]
_HABITS = (
    ("words", "words_f1"),
    ("shapes", "shapes_f1"),
    ("absent shapes answered", "other_shape_answered"),
    ("click", "click_anywhere_iou"),
    ("twins", "twins"),
)


def measure_history(
    folder: Path, *, scenes: int, device: str | None, say: Callable[[str], None]
) -> list[Row]:
    """A row for each file of weights that the run in `folder` kept, in the order of training.

    Rows are written to `history.json` there as they come, and read from it where the same weights
    were measured on as many scenes before.

    Returns:
        Rows of `weights`, the file's name; `sha256`, its digest; `scenes`; `exclusions` and
        `habits`, as `evaluate_exclusions` and `evaluate_habits` have them.

    Raises:
        CheckpointError: There are no such files.
    """
    files = sorted((folder / KEPT).glob("*.safetensors"))
    if not files:
        raise CheckpointError(
            f"expected weights that a run kept in {folder / KEPT}, got none: "
            "train with --keep-every"
        )
    known = _read(folder / "history.json")
    rows: list[Row] = []
    for path in files:
        asked = {"weights": path.name, "sha256": sha256_of(path), "scenes": scenes}
        row = known.get(path.name, {})
        if not asked.items() <= row.items():
            say(f"measuring {path.name}")
            segmenter = load_segmenter(str(path), device=device, say=lambda _: None)
            row = {
                **asked,
                "exclusions": evaluate_exclusions(segmenter, scenes=scenes),
                "habits": evaluate_habits(segmenter, scenes=scenes),
            }
            known[path.name] = row
            with whole_file(folder / "history.json", overwrite=True) as partial:
                partial.write_text(json.dumps(list(known.values()), indent=1) + "\n", "utf-8")
        rows.append(row)
    return rows


def history_table(rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown.

    What became of exclusions on the project's own scenes, then habits on them / other scenes.
    """
    titles = ["weights"]
    titles += [f"{name}: gone / control / kept" for _, name in _BOX]
    titles += [title for title, _ in _HABITS] + ["photographs"]
    return "\n".join(map(_line, [titles, ["---"] * len(titles), *map(_cells, rows)]))


def _cells(row: Row) -> list[str]:
    habits = row["habits"]
    cells = [row["weights"].removesuffix(".safetensors")]
    for sort, name in _BOX:
        shares = row["exclusions"]["own_scenes"][sort][name]
        cells.append(_shown(shares, "gone", "gone_with_the_box_elsewhere", "kept"))
    for _, name in _HABITS:
        cells.append(f"{habits['own_scenes'][name]:g} / {habits['other_scenes'][name]:g}")
    return [*cells, f"{habits['photographs']['answered']:g}"]


def _shown(shares: dict[str, float | None], *names: str) -> str:
    return " / ".join("-" if (share := shares[name]) is None else f"{share:g}" for name in names)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _read(path: Path) -> dict[str, Row]:
    if not path.exists():
        return {}
    return {row["weights"]: row for row in json.loads(path.read_text("utf-8"))}
