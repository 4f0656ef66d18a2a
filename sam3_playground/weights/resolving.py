"""Which weights run: those asked for, the gated ones where they can be had, or the bundled ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from sam3_playground.errors import (
    CheckpointError,
    InvalidInputError,
    StorageError,
    WeightsUnavailableError,
)
from sam3_playground.model.shards import check_kinds, holds_weights
from sam3_playground.weights.bundled_file import BUNDLED_NAME, bundled_path
from sam3_playground.weights.digests import known_sha256, sha256_of
from sam3_playground.weights.here import Found, best_here, own_file, weights_here
from sam3_playground.weights.hub import cached, fetch_from_hub, has_token
from sam3_playground.weights.licence import is_accepted
from sam3_playground.weights.places import weights_folder
from sam3_playground.weights.progress import Meter, Progress
from sam3_playground.weights.published import may_be_published
from sam3_playground.weights.sources import (
    GATED_REPOSITORY,
    HUB_FILES,
    MODELSCOPE_PREFIX,
    HubFile,
    ModelScopeFile,
    is_weights_file,
    parse_source,
)

__all__ = [
    "Say",
    "WeightsInfo",
    "bundled_path",
    "bundled_weights",
    "fallback_weights",
    "resolve_weights",
]

Say = Callable[[str], None]


@dataclass(frozen=True)
class WeightsInfo:
    """The weights that run, for people.

    Attributes:
        name: A hub id, a file's name, or "tiny".
        bundled: Whether they are the project's own small checkpoint.
        path: The file.
        note: What happened on the way here and what to do about it; empty if nothing did.
        fallback: Whether they stand in the place of others that failed, as the note says.
        clicks: Whether they answer visual prompts; known once they are loaded.
    """

    name: str
    bundled: bool
    path: Path
    note: str = ""
    fallback: bool = False
    clicks: bool = True

    @property
    def summary(self) -> str:
        """One line that says honestly what runs."""
        if self.bundled:
            return "bundled tiny checkpoint (drawn scenes only, no photographs)"
        return f"SAM 3 weights {self.name}"


def resolve_weights(wanted: str | None, *, say: Say, folder: Path | None = None) -> WeightsInfo:
    """Find the weights to run; from Meta's gate they are fetched where that is possible.

    Args:
        wanted: A file, the index of several, or a folder that holds either, by its path or its
            name in `folder`; a hub id ("facebook/sam3", or "owner/name:file.pt");
            "modelscope:owner/name" once it has been fetched; "tiny"; or None for the best that can
            be had without asking.
        say: Told what is being fetched.
        folder: The folder of one's own (SAM3_WEIGHTS_DIR); None takes the default one.

    Raises:
        WeightsUnavailableError: Weights asked for by name cannot be had.
        StorageError: The disk has too little room for them.
    """
    folder = weights_folder(folder)
    if wanted is None:
        return _best_available(folder, say)
    found = _named(wanted, folder)
    return _from_hub(found, say) if isinstance(found, HubFile) else found


def check_named(wanted: str | None, folder: Path | None) -> None:
    """Refuse what can be refused by a few bytes, before torch is imported or anything is fetched.

    Args:
        wanted: As `resolve_weights` has it; None is never refused.
        folder: As there.

    Raises:
        WeightsUnavailableError: There are no such weights.
        CheckpointError: They are here, and are no file of weights.
    """
    if wanted is None:
        return
    found = _named(wanted, weights_folder(folder))
    path = cached(found) if isinstance(found, HubFile) else found.path
    if path is not None:
        check_kinds(path)


def _named(wanted: str, folder: Path) -> WeightsInfo | HubFile:
    """Weights that are here, or the file of the hub that is meant; nobody is asked."""
    if wanted == BUNDLED_NAME:
        return bundled_weights()
    path = _path(wanted)
    if path.is_file() or (wanted not in HUB_FILES and _holds_weights(path)):
        return WeightsInfo(path.name or path.absolute().name, bundled=False, path=path)
    own = _path(str(folder / wanted))
    is_own = wanted not in {"", "."} and ".." not in PurePath(wanted).parts
    if is_own and (own.is_file() or (wanted not in HUB_FILES and _holds_weights(own))):
        return WeightsInfo(own.name, bundled=False, path=own)
    if "://" in wanted or wanted.startswith(MODELSCOPE_PREFIX):
        return _fetched_earlier(wanted, folder)
    is_folder = path.is_dir() and wanted not in HUB_FILES
    try:
        file = None if is_folder else parse_source(wanted)
    except InvalidInputError:
        file = None
    if not isinstance(file, HubFile) or (is_weights_file(wanted) and ":" not in wanted):
        shown = PurePath(wanted).name or wanted  # pages and answers show this, no folders
        raise WeightsUnavailableError(
            f'expected a checkpoint file, a hub id such as {GATED_REPOSITORY}, or "tiny", '
            f"got {shown[:80]!r}, which is {'a folder' if is_folder else 'none'}; to fetch one, "
            "try `sam3-playground weights get`"
        )
    return file


def _path(wanted: str) -> Path:
    try:
        path = Path(wanted).expanduser()
        path.is_file()
    except (OSError, RuntimeError, ValueError):  # no such user, a name too long, a null in it
        return Path()
    return path


def _holds_weights(path: Path) -> bool:
    return path.is_dir() and holds_weights(path)


def bundled_weights(note: str = "") -> WeightsInfo:
    """The bundled checkpoint, with a note on why it runs.

    Raises:
        WeightsUnavailableError: The checkout lacks it.
    """
    return WeightsInfo(BUNDLED_NAME, bundled=True, path=bundled_path(), note=note)


def fallback_weights(
    failure: WeightsUnavailableError | CheckpointError | StorageError,
) -> WeightsInfo:
    """The bundled checkpoint in place of weights that failed, with a note that says so."""
    reason = str(failure).rstrip(".")
    return replace(
        bundled_weights(
            f"{reason}. Running the bundled tiny checkpoint instead, which knows drawn scenes only."
        ),
        fallback=True,
    )


def _best_available(folder: Path, say: Say) -> WeightsInfo:
    found = _looked_at(folder, say)
    best = best_here(found)
    if best is not None and not best.bundled:
        return WeightsInfo(best.name, bundled=False, path=best.path)
    broken = next((it for it in found if it.fault and it.source in HUB_FILES), None)
    if broken is not None:
        return fallback_weights(
            CheckpointError(
                f"expected the weights {broken.name}, got a file of {broken.byte_count:,} bytes, "
                f"which {broken.fault}"
            )
        )
    if not has_token():
        return bundled_weights(
            f"For photographs, ask for access to {GATED_REPOSITORY} on the Hugging Face hub, log "
            "in with `hf auth login` or set HF_TOKEN, and try `sam3-playground weights get`, "
            "whose --help names other sources too."
        )
    try:
        return _from_hub(HubFile(GATED_REPOSITORY, HUB_FILES[GATED_REPOSITORY]), say)
    except (WeightsUnavailableError, StorageError) as failure:
        return fallback_weights(failure)


def _looked_at(folder: Path, say: Say) -> tuple[Found, ...]:
    """The weights that are here, with files of one's own that may be Meta's told from others."""
    found = weights_here(folder)
    if (best := best_here(found)) is not None and not best.bundled:
        return found
    for it in found:
        if not it.fault and known_sha256(it.path) is None and may_be_published(it.byte_count):
            say(f"looking whether {it.name} is one of Meta's published files")
            sha256_of(it.path)
    return weights_here(folder)


def _fetched_earlier(wanted: str, folder: Path) -> WeightsInfo:
    """What only `weights get` fetches, as nothing comes from a third party by itself."""
    try:
        source = parse_source(wanted)
    except InvalidInputError as error:
        raise WeightsUnavailableError(str(error)) from error
    if isinstance(source, ModelScopeFile) and (folder / source.place).is_file():
        found = own_file(folder, folder / source.place)
        return WeightsInfo(found.source, bundled=False, path=found.path)
    shown = source.spelling if isinstance(source, ModelScopeFile) else "ADDRESS"
    raise WeightsUnavailableError(
        f"expected weights that are here already, got {shown}, which has not been fetched: "
        f"try `sam3-playground weights get {shown}`, and then --weights with the name it tells"
    )


def _from_hub(file: HubFile, say: Say) -> WeightsInfo:
    path = cached(file)
    if path is None:
        if not (file.is_metas or is_accepted()):
            raise WeightsUnavailableError(
                f"expected weights that are here already, got {file.spelling}, which has not been "
                f"fetched: try `sam3-playground weights get {file.spelling}`"
            )
        size = " (sam3.pt: 3.4 GB)" if file.is_metas else ""
        say(f"fetching {file.file_name} of {file.repository} from the Hugging Face hub{size}")
        path = fetch_from_hub(file, meter=Meter(_by_tenths(say)))
    return WeightsInfo(file.spelling, bundled=False, path=path)


def _by_tenths(say: Say) -> Callable[[Progress], None]:
    """Say each tenth of a download that is done."""
    told = 0

    def tell(progress: Progress) -> None:
        nonlocal told
        tenths = progress.done * 10 // progress.total if progress.total else 0
        if told < tenths < 10:
            told = tenths
            say(f"fetched {tenths * 10} %")

    return tell
