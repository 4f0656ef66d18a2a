"""Start the page and the API over one service."""

from __future__ import annotations

from dataclasses import replace

from sam3_playground.api import build_routes
from sam3_playground.cli.heap import bound_heap
from sam3_playground.config import Settings
from sam3_playground.images.fetching import ImageFetcher
from sam3_playground.model.loading import load_segmenter
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.model.service import SegmenterService
from sam3_playground.model.weights import Say
from sam3_playground.ui import build_page, launch_page


def build_service(settings: Settings) -> SegmenterService:
    """The service that the settings ask for, not yet started."""

    def load(say: Say) -> Segmenter:
        return load_segmenter(
            settings.weights,
            device=settings.device,
            cache_bytes=settings.cache_bytes,
            cpu_bfloat16=settings.cpu_bfloat16,
            fall_back=True,
            say=say,
        )

    return SegmenterService(load)


def serve_playground(
    settings: Settings,
    host: str,
    port: int,
    *,
    weights: str | None = None,
    device: str | None = None,
) -> None:
    """Open the page at once and load the weights behind it; returns when stopped."""
    settings = replace(
        settings, weights=weights or settings.weights, device=device or settings.device
    )
    bound_heap()
    service = build_service(settings)
    service.start()
    fetcher = ImageFetcher(max_bytes=settings.max_image_bytes, allowed_hosts=settings.allowed_hosts)
    page = build_page(service, settings, fetch_image=fetcher.fetch)
    routes = build_routes(service, settings)
    launch_page(page, routes, settings, host=host, port=port)
