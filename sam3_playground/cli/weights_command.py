"""`sam3-playground weights`: what is on this machine, what a file is, and how to get more."""

from __future__ import annotations

import dataclasses
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from tqdm import tqdm

from sam3_playground.config import Settings
from sam3_playground.console import command_line, say
from sam3_playground.errors import CheckpointError, LicenceError

if TYPE_CHECKING:
    from sam3_playground.weights.here import Found
    from sam3_playground.weights.progress import Progress

weights = command_line("Get weights, list those on this machine, or look into a file of them.")

_SHOWN = 6  # names of parameters, which are long
_INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@weights.command()
def get(
    source: Annotated[
        Optional[str],  # noqa: UP045 (typer reads the annotation at run time, on Python 3.10 too)
        typer.Argument(
            metavar="[SOURCE]",
            help="facebook/sam3 or facebook/sam3.1 from Meta, with an approved token (HF_TOKEN, or "
            "`hf auth login`); owner/name:file of the Hugging Face hub; "
            "modelscope:facebook/sam3, the copy on ModelScope; or an https address.",
        ),
    ] = None,
    accept_license: Annotated[  # noqa: FBT002 (typer's way to say a flag)
        bool,
        typer.Option(
            "--accept-license",
            help="Accept the SAM License without being asked. It applies to all of these weights; "
            "Meta's own repositories ask for it themselves.",
        ),
    ] = False,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Fetch weights, facebook/sam3 unless told otherwise. A download that broke off goes on."""
    from sam3_playground.weights.getting import get_weights, needs_licence
    from sam3_playground.weights.places import weights_folder
    from sam3_playground.weights.published import identity_of

    folder = weights_folder(Settings.from_environment().weights_folder)
    accepted = accept_license
    if not accepted and needs_licence(source, folder):
        accepted = _asked()
    with closing(_Bar()) as bar:
        try:
            found = get_weights(source, folder=folder, licence_accepted=accepted, progress=bar.show)
        except KeyboardInterrupt as error:
            say("stopped; what came so far is kept")
            raise typer.Exit(_INTERRUPTED) from error
    say(f"{found.path}: {identity_of(found.published)}")
    say(f"run it with --weights {found.source}")
    if as_json:
        print(json.dumps(_document(found)))  # noqa: T201


@weights.command(name="list")
def list_weights(as_json: Json = False) -> None:  # noqa: FBT002
    """Show the weights on this machine, and which of them run if nobody names any."""
    from sam3_playground.weights.here import best_here, weights_here
    from sam3_playground.weights.unfinished import unfinished_here

    folder = Settings.from_environment().weights_folder
    here = weights_here(folder)
    best = best_here(here)
    if as_json:
        print(json.dumps([_document(it) | {"default": it == best} for it in here]))  # noqa: T201
        return
    for it in here:
        notes = [
            it.fault or f"{it.byte_count / 1e6:,.0f} MB",
            it.published,
            "the default" if it == best else "",
        ]
        print(f"{it.source}  ({', '.join(filter(None, notes))})\n    {it.path}")  # noqa: T201
    for part in unfinished_here(folder):
        whole = "" if part.total is None else f" of {_size(part.total)}"
        print(  # noqa: T201
            f"{part.name}, {_size(part.byte_count)}{whole} came: `sam3-playground weights get "
            f"{part.source or 'ADDRESS'}` goes on"
        )


@weights.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of weights.")],
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Look into a file of weights: what it holds, what it can do, whether Meta published it."""
    from sam3_playground.weights.checking import check_weights
    from sam3_playground.weights.published import identity_of

    checked = check_weights(file)
    report = checked.report
    if as_json:
        print(json.dumps(dataclasses.asdict(checked)))  # noqa: T201
    else:
        can = {True: "yes", False: "no"}
        lines = [
            f"{checked.name}: {checked.byte_count / 1e6:,.0f} MB, {identity_of(checked.published)}",
            f"layout: {report.layout}, {report.precision}, {report.parameter_count:,} parameters",
            f"concepts (PCS): {can[report.concepts]}",
            f"one object by clicks or a box (PVS): {can[report.clicks]}",
            f"missing: {_some(report.missing)}",
            f"not used: {_some(report.unused)}",
        ]
        print("\n".join(lines))  # noqa: T201
    if report.missing:
        raise CheckpointError(
            f"expected weights that can run, got {checked.name}, which lacks "
            f"{len(report.missing):,} of the network's parameters"
        )


def _size(byte_count: int) -> str:
    large = byte_count >= 10**9
    return f"{byte_count / 1e9:.1f} GB" if large else f"{byte_count / 1e6:.1f} MB"


def _asked() -> bool:
    """Show the licence to somebody at a terminal and ask.

    Raises:
        LicenceError: Nobody is there, or the answer is no.
    """
    from sam3_playground.weights.licence import licence_text

    expected = "expected the SAM License to be accepted before weights come from there"
    if not sys.stdin.isatty():
        raise LicenceError(
            f"{expected}, got no terminal to ask at: read licences/SAM_LICENSE, and accept it by "
            "the same command with --accept-license"
        )
    say(licence_text())
    if not typer.confirm("Do you accept this licence?", err=True):
        raise LicenceError(f"{expected}, got no: nothing was fetched")
    return True


def _some(names: tuple[str, ...]) -> str:
    """The first few of them and how many there are."""
    if not names:
        return "nothing"
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN:,} more"


def _document(found: Found) -> dict[str, object]:
    return dataclasses.asdict(found) | {"path": str(found.path)}


class _Bar:
    """A line with what came, how fast, and the time left; nothing if nobody looks at it."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None

    def close(self) -> None:
        """Leave the line as it is."""
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Draw it anew."""
        if self._bar is None:
            self._bar = tqdm(
                total=progress.total,
                initial=progress.done,
                unit="B",
                unit_scale=True,
                file=sys.stderr,
                disable=None,
            )
        self._bar.total = progress.total
        self._bar.update(progress.done - self._bar.n)
