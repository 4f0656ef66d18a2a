"""What the page is told of the weights."""

from __future__ import annotations

from typing import Any

from sam3_playground.pipeline.service import ServiceStatus


def status_of(status: ServiceStatus) -> dict[str, Any]:
    """What runs, or how far loading is, as the canvas shows it."""
    return {
        "state": status.state.value,
        "message": status.message,
        "note": status.note,
        "bundled": status.bundled,
        "fallback": status.fallback,
        "clicks": status.clicks,
        "network": status.network,
    }
