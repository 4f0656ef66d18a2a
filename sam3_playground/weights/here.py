"""Which weights lie on this machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sam3_playground.errors import InvalidInputError, WeightsUnavailableError
from sam3_playground.model.file_kinds import fault_of
from sam3_playground.weights.bundled_file import BUNDLED_NAME, bundled_path
from sam3_playground.weights.digests import known_sha256
from sam3_playground.weights.hub import cached
from sam3_playground.weights.places import hub_sources_file, weights_folder
from sam3_playground.weights.published import published_by
from sam3_playground.weights.remembered import read_lines
from sam3_playground.weights.sources import (
    GATED_REPOSITORY,
    HUB_FILES,
    HubFile,
    ModelScopeFile,
    is_weights_file,
    parse_source,
)

# In the layout of `transformers`, beside the file that Meta's own code reads.
_ALSO = HubFile(GATED_REPOSITORY, "model.safetensors")
_METAS = (HubFile(GATED_REPOSITORY, HUB_FILES[GATED_REPOSITORY]), _ALSO)
_SHARD = re.compile(r"-\d{5}-of-\d{5}\.")  # a part of a checkpoint in several files
_DEPTH = 4  # "modelscope", owner, name, file


@dataclass(frozen=True)
class Found:
    """A file of weights on this machine.

    Attributes:
        source: What to give as `--weights`, or to `resolve_weights`.
        name: For people.
        path: The file.
        byte_count: Its size.
        bundled: Whether it is the project's own small checkpoint.
        published: Which of Meta's published files it is; None if it is none that is known, or
            was not hashed.
        fault: Why it cannot run, by its first bytes, such as "is empty"; empty where it may.
    """

    source: str
    name: str
    path: Path
    byte_count: int
    bundled: bool
    published: str | None
    fault: str = ""


def weights_here(folder: Path | None) -> tuple[Found, ...]:
    """Everything that lies here, what cannot run too; the bundled checkpoint, then by name.

    Nothing is hashed here: `published` comes from what was remembered of earlier looks.

    Args:
        folder: The folder of one's own (SAM3_WEIGHTS_DIR); None takes the default one.
    """
    others = [*_hubs(), *_own(weights_folder(folder))]
    return (*_bundled(), *sorted(others, key=lambda it: (it.name.lower(), it.name)))


def best_here(found: Sequence[Found]) -> Found | None:
    """Those that run if nobody names any and nothing can be fetched; None if there are none.

    Meta's own file, or the one for `transformers`, from the hub's cache; a file of one's own
    that is known to be Meta's; the bundled checkpoint. Never one with a fault.
    """
    found = [it for it in found if not it.fault]
    by_source = {it.source: it for it in found}
    own = (it for it in found if it.published and not it.bundled)
    bundled = (it for it in found if it.bundled)
    ranked = [*(by_source.get(it.spelling) for it in _METAS), *own, *bundled]
    return next((it for it in ranked if it is not None), None)


def found_at(
    source: str, name: str, path: Path, *, bundled: bool = False, sha256: str | None = None
) -> Found:
    """What is known of a file, from its hash if it is given, or else was remembered.

    Raises:
        WeightsUnavailableError: It has gone.
    """
    try:
        byte_count = path.stat().st_size
    except OSError as error:
        raise WeightsUnavailableError(f"expected weights {name}, got none any more") from error
    sha256 = sha256 or known_sha256(path)
    published = None if sha256 is None else published_by(sha256)
    return Found(
        source,
        name,
        path,
        byte_count,
        bundled,
        published=published.name if published else None,
        fault=fault_of(path),
    )


def own_file(folder: Path, path: Path) -> Found:
    """A file in the folder of one's own, by its name there."""
    name = path.relative_to(folder).as_posix()
    source = _modelscope_source(name)
    if source is None:
        # What stands in the folder that the program runs in goes by the same name, and first.
        source = str(path) if Path(name).exists() else name
    return found_at(source, name, path)


def _hubs() -> Iterator[Found]:
    files = [*_METAS, *(HubFile(*it) for it in HUB_FILES.items())]
    for line in read_lines(hub_sources_file()):
        try:
            file = parse_source(line)
        except InvalidInputError:
            continue
        if isinstance(file, HubFile):
            files.append(file)
    for file in dict.fromkeys(files):
        path = cached(file)
        if path is not None and path.is_file():
            yield found_at(file.spelling, file.spelling, path)


def _own(folder: Path) -> Iterator[Found]:
    for place, folders, names in os.walk(folder):
        if len(Path(place).relative_to(folder).parts) >= _DEPTH - 1:
            folders.clear()
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            runs = is_weights_file(name) and not _SHARD.search(name)
            if runs and not name.startswith(".") and path.is_file():
                with suppress(WeightsUnavailableError):  # gone since
                    yield own_file(folder, path)


def _bundled() -> Iterator[Found]:
    try:
        yield found_at(BUNDLED_NAME, "tiny, bundled", bundled_path(), bundled=True)
    except WeightsUnavailableError:
        return


def _modelscope_source(name: str) -> str | None:
    place, _, rest = name.partition("/")
    parts = rest.split("/", maxsplit=2)
    if place != "modelscope" or len(parts) != 3:
        return None
    return ModelScopeFile("/".join(parts[:2]), parts[2]).spelling
