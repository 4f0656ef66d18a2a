"""`sam3-playground serve`: an option for each setting, as `config.SETTINGS` describes them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from sam3_playground.config import (
    SETTINGS,
    Setting,
    Settings,
    unknown_variables,
    use_persistent_disk,
)
from sam3_playground.console import say

_FILE = typer.Option(
    metavar="FILE", help="Settings in TOML, by the names of these options. SAM3_CONFIG."
)


def serve(config: Path | None, **flags: Any) -> None:
    """Open the page and the REST API on one port.

    Options count more than variables of the environment, these more than the file.
    """
    from sam3_playground.cli.serve import serve_playground

    given = {key: _text(value) for key, value in flags.items() if _is_given(value)}
    settings = Settings.read(given, file=config)
    for line in unknown_variables():
        say(f"warning: {line}")
    use_persistent_disk()
    serve_playground(settings)


def _is_given(value: Any) -> bool:
    return value is not None and value not in ([], ())


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(int(value))
    return list(value) if isinstance(value, list | tuple) else value


def _parameter(setting: Setting) -> inspect.Parameter:
    """The setting as typer reads it from a command's signature."""
    plain = re.sub(r"\*(\w+)\*", r"\1", setting.meaning.replace("`", ""))
    if setting.switch:
        plain = plain.removeprefix("1: ")
    shown = f"{plain[0].upper()}{plain[1:]}. {', '.join(setting.all_variables)}"
    no = f"/--no-{setting.flag[2:]}" if setting.switch else ""
    option = typer.Option(setting.flag + no, help=shown, show_default=False)
    kind: Any = list[str] if setting.many else bool if setting.switch else str
    return inspect.Parameter(
        setting.key,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[Optional[kind], option],  # noqa: UP045 (typer reads it at run time)
    )


_parameters = [
    inspect.Parameter(
        "config",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[Optional[Path], _FILE],  # noqa: UP045
    ),
    *map(_parameter, SETTINGS),
]
serve.__signature__ = inspect.Signature(_parameters)  # type: ignore[attr-defined]
serve.__annotations__ = {it.name: it.annotation for it in _parameters}
