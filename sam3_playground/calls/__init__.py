"""What programs and models call by name, whichever protocol brings the call."""

from sam3_playground.calls.calls import Calls

__all__ = ["Calls"]
