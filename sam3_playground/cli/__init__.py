"""The command line: `sam3-playground segment | serve | train | evaluate`."""

from sam3_playground.cli.main import main

__all__ = ["main"]
