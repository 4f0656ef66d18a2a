"""Names that options of `segment` choose from, which "list" shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.masks import WAYS

if TYPE_CHECKING:
    from sam3_playground.formats.exports import Export
    from sam3_playground.formats.picture import RenderStyle

LIST = "list"


def list_choices(exports: Sequence[str], output_format: str, view: str | None) -> bool:
    """Show what there is to choose from where one of the options says so; whether one does."""
    if output_format == LIST:
        _show({name: way.description for name, way in WAYS.items()})
    elif LIST in _names(exports):
        from sam3_playground.formats.exports import EXPORTS

        _show({name: export.description for name, export in EXPORTS.items()})
    elif view == LIST:
        from sam3_playground.formats.views import VIEWS

        _show({str(name): description for name, description in VIEWS.items()})
    else:
        return False
    return True


def chosen_exports(names: Sequence[str], out: Path | None) -> Mapping[str, Export]:
    """The formats that are asked for, by their names.

    Raises:
        InvalidInputError: A name of none, or no folder to write to.
    """
    if not names:
        return {}
    from sam3_playground.formats.exports import named_exports

    exports = named_exports(_names(names))
    if not exports:
        raise InvalidInputError('expected a format after --export ("list" shows them), got none')
    if out is None:
        raise InvalidInputError("expected --out, a folder for what --export writes, got none")
    return exports


def chosen_style(view: str | None) -> RenderStyle | None:
    """How pictures are drawn; None where nothing is said of it.

    Raises:
        InvalidInputError: A view that there is not.
    """
    if view is None:
        return None
    from sam3_playground.formats.picture import RenderStyle
    from sam3_playground.formats.views import named_view

    return RenderStyle(view=named_view(view))


def _names(exports: Sequence[str]) -> list[str]:
    return [name.strip() for entry in exports for name in entry.split(",") if name.strip()]


def _show(choices: Mapping[str, str]) -> None:
    for name, description in choices.items():
        typer.echo(f"{name}: {description}")
