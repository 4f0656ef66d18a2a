"""The README's table of settings, as `python -m tests.settings_table` prints it."""

from __future__ import annotations

import sys

from sam3_playground.config import SETTINGS

HEAD = "| flag | variable | in a file | meaning | default |\n|---|---|---|---|---|\n"


def table() -> str:
    """A line for each setting, as `config.SETTINGS` describes it."""
    return HEAD + "".join(
        f"| `{it.flag}` | `{it.variable}` | `{it.key}` | {it.meaning} | {it.default} |\n"
        for it in SETTINGS
    )


if __name__ == "__main__":
    sys.stdout.write(table())
