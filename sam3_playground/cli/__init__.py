"""The command line: `sam3-playground segment | serve`."""

from sam3_playground.cli.main import main

__all__ = ["main"]
