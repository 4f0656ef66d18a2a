"""A checkpoint in several files, with an index that says which tensor is in which."""

from __future__ import annotations

import json
from pathlib import Path

from sam3_playground.errors import CheckpointError
from sam3_playground.model.file_kinds import kind_of, shown_name

_INDEX_ENDING = ".index.json"
_WEIGHTS_ENDINGS = (".safetensors", ".pt", ".pth", ".bin")
# An index of the published network has 200 kB.
_MAX_INDEX_BYTES = 2**25


def is_index(path: Path) -> bool:
    """Whether a name is an index's, such as `model.safetensors.index.json`."""
    return path.name.lower().endswith(_INDEX_ENDING)


def holds_weights(path: Path) -> bool:
    """Whether it is a folder in which `weight_files` finds some, or would say what is wrong."""
    return path.is_dir() and bool(_candidates(path))


def weight_files(path: Path) -> tuple[Path, ...]:
    """The files that hold a checkpoint's tensors, in the order of their names.

    Args:
        path: The file itself; an index; or a folder that holds an index, or else one file of
            weights.

    Raises:
        CheckpointError: An index that is none or names a file that is missing, or a folder
            without a checkpoint or with several.
    """
    if path.is_dir():
        found = _candidates(path)
        if not found:
            raise CheckpointError(
                f"expected a checkpoint, got the folder {shown_name(path)}, which holds none"
            )
        if len(found) > 1:
            some = ", ".join(shown_name(file) for file in found[:3])
            raise CheckpointError(
                f"expected one checkpoint, got the folder {shown_name(path)}, which holds "
                f"{len(found)}: {some}{', ...' if len(found) > 3 else ''}; name one of them"
            )
        return weight_files(found[0])
    if not is_index(path) or not path.is_file():
        return (path,)
    names = sorted(set(_weight_map(path).values()))
    for name in names:
        if not (path.parent / name).is_file():
            raise CheckpointError(
                f"expected the files that {shown_name(path)} names beside it, got no {name}"
            )
    return tuple(path.parent / name for name in names)


def check_kinds(path: Path) -> None:
    """Look at the beginnings of a checkpoint's files, before anything large is loaded.

    Args:
        path: As `weight_files` has it.

    Raises:
        CheckpointError: One that is no file of weights, in words, or as `weight_files` has it.
    """
    for file in weight_files(path):
        kind_of(file)


def _candidates(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.iterdir() if file.is_file())
    return [file for file in files if is_index(file)] or [
        file for file in files if file.suffix.lower() in _WEIGHTS_ENDINGS
    ]


def _weight_map(path: Path) -> dict[str, str]:
    expected = f"expected an index with the file of each tensor in {shown_name(path)}"
    if path.stat().st_size > _MAX_INDEX_BYTES:
        raise CheckpointError(f"{expected}, got a file too large for one")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{expected}, got something else") from error
    found = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(found, dict) or not found:
        raise CheckpointError(f"{expected}, got no weight_map")
    for name in found.values():
        # A file elsewhere is none of the checkpoint's.
        if not isinstance(name, str) or Path(name).name != name or name == ".." or "\0" in name:
            raise CheckpointError(f"{expected}, got {repr(name)[:60]} in the place of a file")
    return found
