"""From what somebody wrote to a setting's value, or a sentence that names the setting.

Each reader is given the setting's name, as whoever wrote it knows it, and the text; those of
settings with several entries a list of texts. No message repeats what is secret.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from sam3_playground.errors import InvalidInputError

MEBIBYTE = 2**20
LOG_LEVELS = ("debug", "info", "warning", "error")
EVERYBODY = "*"
NOBODY = "none"

MAX_PORT = 65535
_MAX_SECRETS_BYTES = MEBIBYTE
# What a path in a URL holds without quoting, and no two slashes together.
_OF_A_PATH = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def text(_name: str, given: str) -> str:
    """The text itself."""
    return given


def text_if_any(_name: str, given: str) -> str | None:
    """The text, None where it is empty."""
    return given or None


def folder(name: str, given: str) -> Path:
    """A folder, `~` being the user's own."""
    try:
        return Path(given).expanduser()
    except RuntimeError as error:  # a user whom the machine does not know
        raise InvalidInputError(f"expected {name} to be a folder, got {given!r}") from error


def whole_number(least: int) -> Callable[[str, str], int]:
    """A reader of whole numbers from `least` on."""

    def read(name: str, given: str) -> int:
        try:
            number = int(given)
        except ValueError:
            number = least - 1
        if number < least:
            message = f"expected {name} to be a whole number of at least {least}, got {given!r}"
            raise InvalidInputError(message)
        return number

    return read


def mebibytes(least: int) -> Callable[[str, str], int]:
    """A reader of sizes in MiB; what it gives are bytes."""
    read = whole_number(least)
    return lambda name, given: read(name, given) * MEBIBYTE


def switch(name: str, given: str) -> bool:
    """0 or 1."""
    if given not in {"0", "1"}:
        raise InvalidInputError(f"expected {name} to be 0 or 1, got {given!r}")
    return given == "1"


def switch_or_auto(name: str, given: str) -> bool | None:
    """0, 1, or `auto` for None."""
    if given not in {"auto", "0", "1"}:
        raise InvalidInputError(f"expected {name} to be auto, 0 or 1, got {given!r}")
    return None if given == "auto" else given == "1"


def port(_name: str, given: str) -> int:
    """A port; 0 stands for a free one."""
    try:
        number = int(given)
    except ValueError as error:
        raise InvalidInputError(
            f"expected a port from 0 to {MAX_PORT}, got {given[:40]!r}"
        ) from error
    if not 0 <= number <= MAX_PORT:
        raise InvalidInputError(f"expected a port from 0 to {MAX_PORT}, got {number}")
    return number


def log_level(name: str, given: str) -> str:
    """One of `LOG_LEVELS`, in any case of letters."""
    if given.lower() not in LOG_LEVELS:
        raise InvalidInputError(
            f"expected {name} to be {', '.join(LOG_LEVELS[:-1])} or {LOG_LEVELS[-1]}, got {given!r}"
        )
    return given.lower()


def root_path(name: str, given: str) -> str:
    """A path such as /sam3, without a slash at its end; "" for the root.

    Of a whole URL the path is taken: which host is asked, each request says itself.
    """
    path = urlsplit(given).path if "://" in given else given
    path = path.rstrip("/")
    wrong = not path.startswith("/") or "//" in path or not _OF_A_PATH.issuperset(path)
    if path and (wrong or {".", ".."} & {*path.split("/")}):
        raise InvalidInputError(f"expected {name} to be a path such as /sam3, got {given[:80]!r}")
    return path


def names(_name: str, given: Sequence[str]) -> frozenset[str]:
    """Names as they are."""
    return frozenset(given)


def lower_names(_name: str, given: Sequence[str]) -> frozenset[str]:
    """Names in lower case."""
    return frozenset(entry.lower() for entry in given)


def networks(name: str, given: Sequence[str]) -> frozenset[str]:
    """Addresses and networks; `*` for all there are, `none` for nobody."""
    if list(given) == [NOBODY]:
        return frozenset()
    if EVERYBODY in given:
        return frozenset({EVERYBODY})
    try:
        return frozenset(str(ipaddress.ip_network(entry, strict=False)) for entry in given)
    except ValueError as error:
        raise InvalidInputError(
            f"expected {name} to be addresses or networks such as 10.0.0.0/8, * or none, "
            f"got {', '.join(given)[:80]!r}"
        ) from error


def secrets(name: str, given: Sequence[str]) -> frozenset[str]:
    """What nobody else may read; `@FILE` stands for the lines of a file."""
    return frozenset(_secrets(name, given))


def logins(name: str, given: Sequence[str]) -> frozenset[str]:
    """Secrets of the form USER:PASSWORD."""
    found = frozenset(_secrets(name, given))
    if not all(user and password for user, _, password in (it.partition(":") for it in found)):
        raise InvalidInputError(
            f"expected {name} to be USER:PASSWORD or @FILE with such lines, got another form"
        )
    return found


def _secrets(name: str, given: Sequence[str]) -> Iterable[str]:
    if not given:  # a shell's variable that was not set must not open what was to be closed
        raise InvalidInputError(f"expected {name} with a value, got none")
    for entry in given:
        if entry.startswith("@"):
            yield from _lines(name, Path(entry[1:]))
        else:
            yield entry


def _lines(name: str, path: Path) -> list[str]:
    try:
        with path.expanduser().open(encoding="utf-8") as file:
            content = file.read(_MAX_SECRETS_BYTES)
    except (OSError, UnicodeDecodeError, RuntimeError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it cannot be read").lower()
        raise InvalidInputError(f"expected the file of {name}, got {path}: {reason}") from error
    found = [line.strip() for line in content.splitlines() if line.strip()]
    if not found:
        raise InvalidInputError(f"expected lines in the file of {name}, got none in {path}")
    return found
