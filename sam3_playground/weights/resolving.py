"""Which weights run: those asked for, the gated ones where they can be had, or the bundled ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import httpx
from huggingface_hub import get_token, hf_hub_download, try_to_load_from_cache
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)

from sam3_playground.bundled import bundled_folder
from sam3_playground.errors import CheckpointError, WeightsUnavailableError

GATED_REPOSITORY = "facebook/sam3"
HUB_FILES = {GATED_REPOSITORY: "sam3.pt", "facebook/sam3.1": "sam3.1_multiplex.pt"}
BUNDLED_NAME = "tiny"
BUNDLED_FILE = "sam3-tiny.safetensors"
_HUB_ID = re.compile(r"[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95}", re.ASCII)

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


def bundled_path() -> Path:
    """The file of the bundled checkpoint.

    Raises:
        WeightsUnavailableError: There is none.
    """
    folder = bundled_folder("tiny")
    if folder is None or not (folder / BUNDLED_FILE).is_file():
        raise WeightsUnavailableError(
            f"expected the bundled checkpoint assets/tiny/{BUNDLED_FILE}, got none: "
            "is the checkout complete?"
        )
    return folder / BUNDLED_FILE


def resolve_weights(wanted: str | None, *, say: Say) -> WeightsInfo:
    """Find the weights to run, fetching them where that is possible.

    Args:
        wanted: A file, the index of several, or a folder that holds either; a hub id
            ("facebook/sam3", or "owner/name:file.pt"), "tiny", or None for the gated weights
            if they can be had without asking, else the bundled ones.
        say: Told what is being fetched.

    Raises:
        WeightsUnavailableError: Weights asked for by name cannot be had.
    """
    if wanted is None:
        return _best_available(say)
    if wanted == BUNDLED_NAME:
        return bundled_weights()
    path = _path(wanted)
    if path.is_file() or (wanted not in HUB_FILES and _holds_weights(path)):
        return WeightsInfo(path.name or path.absolute().name, bundled=False, path=path)
    repository, _, file_name = wanted.partition(":")
    is_folder = path.is_dir() and wanted not in HUB_FILES
    if is_folder or not _HUB_ID.fullmatch(repository) or (_is_file_name(path) and not file_name):
        shown = PurePath(wanted).name or wanted  # pages and answers show this, no folders
        raise WeightsUnavailableError(
            f'expected a checkpoint file, a hub id such as {GATED_REPOSITORY}, or "tiny", '
            f"got {shown[:80]!r}, which is {'a folder' if is_folder else 'none'}"
        )
    return _fetched(repository, file_name or HUB_FILES.get(repository, "sam3.pt"), say)


def _path(wanted: str) -> Path:
    try:
        path = Path(wanted).expanduser()
        path.is_file()
    except (OSError, RuntimeError, ValueError):  # no such user, a name too long, a null in it
        return Path()
    return path


def _holds_weights(path: Path) -> bool:
    if not path.is_dir():
        return False
    from sam3_playground.model.shards import holds_weights

    return holds_weights(path)


def _is_file_name(path: Path) -> bool:
    return path.suffix in {".pt", ".pth", ".safetensors"}


def bundled_weights(note: str = "") -> WeightsInfo:
    """The bundled checkpoint, with a note on why it runs.

    Raises:
        WeightsUnavailableError: The checkout lacks it.
    """
    return WeightsInfo(BUNDLED_NAME, bundled=True, path=bundled_path(), note=note)


def fallback_weights(failure: WeightsUnavailableError | CheckpointError) -> WeightsInfo:
    """The bundled checkpoint in place of weights that failed, with a note that says so."""
    reason = str(failure).rstrip(".")
    return replace(
        bundled_weights(
            f"{reason}. Running the bundled tiny checkpoint instead, which knows drawn scenes only."
        ),
        fallback=True,
    )


def _best_available(say: Say) -> WeightsInfo:
    file_name = HUB_FILES[GATED_REPOSITORY]
    cached = try_to_load_from_cache(GATED_REPOSITORY, file_name)
    if isinstance(cached, str):
        return WeightsInfo(GATED_REPOSITORY, bundled=False, path=Path(cached))
    if get_token() is None:
        return bundled_weights(
            f"For photographs, ask for access to {GATED_REPOSITORY} on the Hugging Face hub, "
            "then log in with `hf auth login` or set HF_TOKEN, and start again."
        )
    try:
        return _fetched(GATED_REPOSITORY, file_name, say)
    except WeightsUnavailableError as failure:
        return fallback_weights(failure)


def _fetched(repository: str, file_name: str, say: Say) -> WeightsInfo:
    try:
        cached = try_to_load_from_cache(repository, file_name)
    except HFValidationError as error:
        raise WeightsUnavailableError(f"expected a hub id, got {repository!r}") from error
    if isinstance(cached, str):
        return WeightsInfo(repository, bundled=False, path=Path(cached))
    say(f"fetching {file_name} of {repository} from the Hugging Face hub (sam3.pt: 3.4 GB)")
    try:
        path = hf_hub_download(repository, file_name)
    except GatedRepoError as error:
        raise WeightsUnavailableError(
            f"The hub refused {repository}: its access is granted by its owners. Ask for it on "
            "the repository's page and log in with an approved token (HF_TOKEN)."
        ) from error
    except RepositoryNotFoundError as error:
        raise WeightsUnavailableError(
            f"The hub knows no {repository}, or this token may not see it."
        ) from error
    except LocalEntryNotFoundError as error:
        raise WeightsUnavailableError(
            f"The hub could not be reached, and {repository} is not in the local cache. "
            "Go online once to fetch it."
        ) from error
    except EntryNotFoundError as error:
        raise WeightsUnavailableError(
            f"The hub's {repository} holds no file {file_name}."
        ) from error
    except HfHubHTTPError as error:
        raise WeightsUnavailableError(
            f"The hub answered with an error for {repository}. Try again later."
        ) from error
    except (OSError, httpx.HTTPError) as error:
        raise WeightsUnavailableError(
            f"Fetching {repository} broke off. Start again to go on; what came so far is kept."
        ) from error
    return WeightsInfo(repository, bundled=False, path=Path(path))
