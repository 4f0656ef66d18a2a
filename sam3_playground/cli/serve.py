"""Start the page and the API over one service."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from sam3_playground.cli.heap import bound_heap
from sam3_playground.collector import collecting_nothing, keep_for_good
from sam3_playground.config import Settings, forget_server_variables
from sam3_playground.console import say, show_log
from sam3_playground.errors import PlaygroundError
from sam3_playground.images.uploads import Uploads
from sam3_playground.server.listening import ReservedAddress

if TYPE_CHECKING:
    from sam3_playground.core.segmenter import Segmenter
    from sam3_playground.pipeline.manager import WeightsManager
    from sam3_playground.pipeline.service import Load, SegmenterService
    from sam3_playground.weights.resolving import Say


def build_service(settings: Settings) -> SegmenterService:
    """The service that the settings ask for, not yet started."""
    from sam3_playground.pipeline.service import SegmenterService

    return SegmenterService(
        _loader(settings, settings.weights, settings.click_weights, fall_back=True)
    )


def build_manager(service: SegmenterService, settings: Settings) -> WeightsManager:
    """What changes the service's weights, all else as the settings have it."""
    from sam3_playground.pipeline.manager import WeightsManager
    from sam3_playground.weights.places import weights_folder

    return WeightsManager(
        service,
        lambda source, click_source: _loader(settings, source, click_source, fall_back=False),
        weights_folder(settings.weights_folder),
    )


def _loader(
    settings: Settings, weights: str | None, click_weights: str | None, *, fall_back: bool
) -> Load:
    from sam3_playground.pipeline.loading import load_segmenter

    def load(say: Say) -> Segmenter:
        return load_segmenter(
            weights,
            click_weights=click_weights,
            device=settings.device,
            cache_bytes=settings.cache_bytes,
            cpu_bfloat16=settings.cpu_bfloat16,
            weights_folder=settings.weights_folder,
            zero_gpu=settings.zero_gpu,
            fall_back=fall_back,
            say=say,
        )

    return load


def serve_playground(settings: Settings) -> None:
    """Load the weights in the background and serve until the process is told to end.

    Args:
        settings: What the installation decides.

    Raises:
        InvalidInputError: An address that cannot be listened on, no folder for uploads, or tools
            for models without their package, before anything slow has begun.
    """
    forget_server_variables()
    if settings.mcp:
        from sam3_playground.calls.tools import check_installed

        check_installed()
    with (
        closing(ReservedAddress(settings.host, settings.port)) as address,
        closing(Uploads(max_bytes=settings.max_image_bytes)) as uploads,
    ):
        _serve(settings, address, uploads)


def _serve(settings: Settings, address: ReservedAddress, uploads: Uploads) -> None:
    starting = ExitStack()
    starting.enter_context(collecting_nothing())

    def begun() -> None:
        starting.close()
        keep_for_good()
        say(f"page and REST API: {address.url}{settings.root_path}")
        if settings.mcp:
            say(f"tools for models (MCP): {address.url}{settings.root_path}/mcp")

    with starting:
        _start(settings, address, uploads, begun)


def _start(
    settings: Settings, address: ReservedAddress, uploads: Uploads, begun: Callable[[], None]
) -> None:
    """Serve to the end; `begun` is called once requests are answered."""
    from sam3_playground.api import build_routes, unlocked_paths
    from sam3_playground.images.fetching import ImageFetcher
    from sam3_playground.pipeline.service import State
    from sam3_playground.ui import build_page, launch_page

    bound_heap()
    show_log(settings.log_level)
    service = build_service(settings)
    if settings.zero_gpu:
        service.load()
    else:
        service.start()
    fetcher = ImageFetcher(max_bytes=settings.max_image_bytes, allowed_hosts=settings.allowed_hosts)
    page = build_page(
        service,
        settings,
        fetch_image=fetcher.fetch,
        uploads=uploads,
        manager=build_manager(service, settings),
        host=address.host,
    )
    routes = build_routes(service, settings)
    unlocked = unlocked_paths(settings)
    if settings.mcp:
        from sam3_playground.calls.mcp_route import MCP, mcp_route

        routes.append(mcp_route(page.calls, settings))
        unlocked |= {MCP} if settings.api_keys else set()
    address.close()
    code = 0
    try:
        launch_page(
            page,
            routes,
            settings,
            host=address.host,
            port=address.port,
            unlocked=unlocked,
            on_start=begun,
        )
    except PlaygroundError as error:
        if service.status.state is not State.LOADING:
            raise
        say(f"error: {error}")
        code = error.exit_code
    if service.status.state is State.LOADING:
        # The thread that loads is at work in torch, which would abort a process that ends in
        # Python's orderly way. There is nothing left to do.
        sys.stderr.flush()
        os._exit(code)
