"""Settings in a file of TOML: a line for each, `cache_mb = 512`."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sam3_playground.config.described import SETTINGS, Setting
from sam3_playground.config.readers import MEBIBYTE
from sam3_playground.errors import InvalidInputError

_MAX_BYTES = MEBIBYTE

# What somebody wrote: a text, or the texts of a setting with several entries.
Given = str | list[str]


def read_file(path: Path) -> dict[str, Given]:
    """The settings in a file, as texts by their keys.

    Raises:
        InvalidInputError: No file of TOML, a key that is none, or a value of another kind.
    """
    known = {setting.key: setting for setting in SETTINGS}
    found: dict[str, Given] = {}
    for key, value in _parsed(path).items():
        if key not in known:
            raise InvalidInputError(f"expected settings in {path}, got {key!r}{_nearest(key)}")
        found[key] = _given(known[key], value, path)
    return found


def _parsed(path: Path) -> Mapping[str, Any]:
    # Slow to import, and few have such a file.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        with path.expanduser().open(encoding="utf-8") as file:
            text = file.read(_MAX_BYTES + 1)
    except (OSError, UnicodeDecodeError, RuntimeError) as error:
        reason = (getattr(error, "strerror", None) or "it cannot be read").lower()
        raise InvalidInputError(f"expected a file of settings, got {path}: {reason}") from error
    if len(text) > _MAX_BYTES:
        raise InvalidInputError(f"expected settings in {path}, got more than {_MAX_BYTES:,} bytes")
    try:
        return tomlkit.parse(text).unwrap()
    except (TOMLKitError, ValueError, RecursionError) as error:
        line = getattr(error, "line", None)
        where = f" in line {line}" if line else ""
        raise InvalidInputError(
            f'expected lines of TOML in {path} such as device = "cpu", got others{where}'
        ) from error


def _nearest(key: str) -> str:
    keys = [setting.key for setting in SETTINGS]
    near = get_close_matches(key.lower().replace("-", "_").removeprefix("sam3_"), keys, 1)
    return f"; the nearest is {near[0]}" if near else f"; there are {', '.join(keys)}"


def _given(setting: Setting, value: Any, path: Path) -> Given:
    if setting.many and isinstance(value, list) and all(isinstance(it, str) for it in value):
        return value
    if isinstance(value, bool):
        if setting.switch or setting.key == "cpu_bfloat16":
            return str(int(value))
    elif isinstance(value, str | int):
        return str(value)
    wanted = "a text or a list of texts" if setting.many else "a text or a number"
    if setting.switch:
        wanted = "true or false"
    raise InvalidInputError(f"expected {setting.key} in {path} to be {wanted}, got something else")
