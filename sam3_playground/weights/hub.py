"""Files of the Hugging Face hub, in its own cache, where other programs find them too.

`huggingface_hub` asks the hub and keeps the cache; what it does not do is to go on with a
download that an earlier run began, or to be stopped. So a file is fetched here to where its
cache keeps contents, `blobs/ETAG`, and is then linked by `huggingface_hub` itself. Source:
https://huggingface.co/docs/huggingface_hub/guides/manage-cache
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from huggingface_hub import (
    constants,
    get_hf_file_metadata,
    get_token,
    hf_hub_download,
    hf_hub_url,
    try_to_load_from_cache,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)
from huggingface_hub.file_download import repo_folder_name

from sam3_playground.errors import InvalidInputError, StorageError, WeightsUnavailableError
from sam3_playground.weights.addresses import redirected
from sam3_playground.weights.digests import sha256_of
from sam3_playground.weights.download import Order, download
from sam3_playground.weights.progress import Meter
from sam3_playground.weights.sources import HubFile

_ETAG = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TOKEN = re.compile(r"[!-~]{1,500}")
_NO_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
_OTHERS = "`sam3-playground weights get --help` names other sources"


def cached(file: HubFile) -> Path | None:
    """Where the hub's cache has a file; None where it has not. Asks nobody."""
    try:
        found = try_to_load_from_cache(file.repository, file.file_name)
    except HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None


def blob_folders() -> tuple[Path, ...]:
    """Where its cache keeps contents, a folder for each repository."""
    return tuple(Path(constants.HF_HUB_CACHE).glob("models--*/blobs"))


def has_token() -> bool:
    """Whether the hub's own way (HF_TOKEN, `hf auth login`) has a token for it."""
    return get_token() is not None


def fetch_from_hub(
    file: HubFile,
    *,
    token: str | None = None,
    meter: Meter,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Fetch a file into the hub's cache.

    Args:
        file: Which one.
        token: For the hub's host alone; None takes HF_TOKEN or the one of `hf auth login`.
        meter: Told how far it is.
        cancelled: Asked between pieces; true stops.

    Raises:
        InvalidInputError: A token that cannot be one.
        WeightsUnavailableError: Gated, not there, offline, or damaged on the way.
        StorageError: The disk has too little room.
        FetchCancelledError: `cancelled` said so.
    """
    secret = checked_token(token) or _own_token()
    with _in_words(file):
        url = hf_hub_url(file.repository, file.file_name)
        found = get_hf_file_metadata(url, token=secret or False)
    if found.etag is None or _ETAG.fullmatch(found.etag) is None or found.commit_hash is None:
        raise WeightsUnavailableError(
            "expected the Hugging Face hub to answer, got somebody else: look at HF_ENDPOINT"
        )
    folder = repo_folder_name(repo_id=file.repository, repo_type="model")
    blob = Path(constants.HF_HUB_CACHE) / folder / "blobs" / found.etag
    if not blob.exists():
        order = Order(
            url=redirected(httpx.URL(url), found.location),
            destination=blob,
            what=f"{file.file_name} of {file.repository}",
            key=f"{file.repository}/{file.file_name}@{found.etag}",
            source=file.spelling,
            byte_count=found.size,
            secret=secret,
            secret_for=httpx.URL(constants.ENDPOINT),
        )
        download(order, meter, cancelled)
    # A file in LFS is called by its SHA-256, others by git's hash.
    if len(found.etag) == 64 and sha256_of(blob, cancelled=cancelled) != found.etag:
        blob.unlink(missing_ok=True)
        raise WeightsUnavailableError(
            f"{file.file_name} of {file.repository} was damaged on the way: start again"
        )
    with _in_words(file):
        return Path(hf_hub_download(file.repository, file.file_name, token=secret or False))


def checked_token(token: str | None) -> str | None:
    """A token that can be sent; None for none. What is wrong with it is not shown.

    Raises:
        InvalidInputError: It has spaces or other characters that no token has.
    """
    if token is None or not token.strip():
        return None
    if _TOKEN.fullmatch(token.strip()) is None:
        raise InvalidInputError(
            "expected a token of letters, digits and signs, got one with other characters in it"
        )
    return token.strip()


def _own_token() -> str | None:
    try:
        return checked_token(get_token())
    except InvalidInputError as error:
        raise WeightsUnavailableError(f"HF_TOKEN or `hf auth login`: {error}") from error


@contextmanager
def _in_words(file: HubFile) -> Iterator[None]:
    """What the hub's library raises, in a user's words."""
    repository = file.repository
    try:
        yield
    except HFValidationError as error:
        raise InvalidInputError(f"expected a hub id, got {repository!r}") from error
    except GatedRepoError as error:
        raise WeightsUnavailableError(
            f"The hub refused {repository}: its access is granted by its owners. Ask for it on "
            "the repository's page, log in with an approved token (HF_TOKEN), and try "
            f"`sam3-playground weights get {file.spelling}`; {_OTHERS}."
        ) from error
    except RepositoryNotFoundError as error:
        raise WeightsUnavailableError(
            f"The hub knows no {repository}, or this token may not see it; {_OTHERS}."
        ) from error
    except LocalEntryNotFoundError as error:
        raise _offline(file) from error
    except EntryNotFoundError as error:
        raise WeightsUnavailableError(
            f"The hub's {repository} holds no file {file.file_name}."
        ) from error
    except HfHubHTTPError as error:
        if error.response.status_code in {401, 403}:
            raise WeightsUnavailableError(
                f"The hub refused the token for {repository}: it is not valid, or may not read "
                "gated repositories. Make a new one on the hub and set HF_TOKEN."
            ) from error
        raise WeightsUnavailableError(
            f"The hub answered with an error for {repository}. Try again later."
        ) from error
    except (OSError, httpx.HTTPError) as error:
        if isinstance(error, OSError) and error.errno in _NO_WRITING:
            raise StorageError(
                f"expected to write to the hub's cache, got: {(error.strerror or '').lower()}"
            ) from error
        raise _offline(file) from error


def _offline(file: HubFile) -> WeightsUnavailableError:
    return WeightsUnavailableError(
        f"The hub could not be reached, and {file.repository} is not in the local cache. Go "
        f"online and try `sam3-playground weights get {file.spelling}`."
    )
