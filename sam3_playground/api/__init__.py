"""The REST API: Roboflow's hosted SAM 3 requests over the local pipeline."""

from sam3_playground.api.app import build_app, build_routes, unlocked_paths

__all__ = ["build_app", "build_routes", "unlocked_paths"]
