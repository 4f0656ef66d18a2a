"""`make bench`: everything side by side in one run, as one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from benchmarks import last_step, memory, network, page, published, server
from benchmarks.measure import Row, machine, table

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "masks": last_step.rows,
    "concepts": network.concept_rows,
    "reuse": network.reuse_rows,
    "slider": page.slider_rows,
    "click": page.click_rows,
    "server": server.throughput_rows,
    "load": server.load_rows,
    "memory": memory.rows,
    "published": published.rows,
}


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"Some of {', '.join(PARTS)}.")] = None,
) -> None:
    """Measure, and print a table in Markdown."""
    unknown = sorted(set(only or ()) - set(PARTS))
    if unknown:
        raise typer.BadParameter(f"expected some of {', '.join(PARTS)}, got {unknown}")
    rows = []
    for name in only or PARTS:
        for row in PARTS[name]():
            typer.echo(f"{row.what}: {row.ours}", err=True)
            rows.append(row)
    typer.echo(f"{machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    typer.run(main)
