"""`sam3-playground info`: what a fault report needs to say."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def info(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show versions, devices, weights and settings, for a fault report. Secrets are not shown."""
    from sam3_playground.cli.info import lines, report

    found = report()
    print(json.dumps(found) if as_json else "\n".join(lines(found)))  # noqa: T201
