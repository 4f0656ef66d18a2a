"""The page."""

from sam3_playground.ui.launch import launch_page
from sam3_playground.ui.layout import build_page

__all__ = ["build_page", "launch_page"]
