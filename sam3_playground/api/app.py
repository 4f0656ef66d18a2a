"""The API as an app of its own, and as routes for another app's port."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.routing import BaseRoute, Route

from sam3_playground import __version__
from sam3_playground.api import about, routes
from sam3_playground.api.context import Server
from sam3_playground.api.documentation import DOCUMENTATION_PATHS, STATIC_PATH, add_documentation
from sam3_playground.api.errors import add_error_handlers
from sam3_playground.api.gate import Gate
from sam3_playground.api.image_source import ImageSource
from sam3_playground.api.kept import KeptImages, KeptLogits
from sam3_playground.api.metrics import CountRequests, Metrics
from sam3_playground.config import MEBIBYTE, Settings
from sam3_playground.images.fetching import ImageFetcher
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.server.faults import AnswerFaults
from sam3_playground.server.keys import KeyRing
from sam3_playground.server.marks import MarkAnswers
from sam3_playground.server.middleware import AtRoot, HeadAsGet

_KEYED = (
    "/sam3/concept_segment",
    "/sam3/visual_segment",
    "/sam3/embed_image",
    "/sam3_3d/infer",
    "/model/registry",
    "/metrics",
)
# For whoever watches the server: a load balancer, a container's engine.
_HEALTH = ("/healthz", "/readiness")
PATHS = (*_KEYED, "/info", *_HEALTH)


def build_app(
    service: SegmenterService, settings: Settings, *, fetcher: ImageFetcher | None = None
) -> FastAPI:
    """The REST API over one service.

    Args:
        service: The segmenter, ready or still loading.
        settings: Keys, limits and allowed hosts.
        fetcher: What fetches image URLs; None makes one from the settings.
    """
    # The documentation's scripts come from this process: no request leaves for a CDN.
    app = FastAPIOffline(
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a path is there or not, here as on the page's port
        static_url=STATIC_PATH,
        servers=[{"url": "."}],  # beside the schema, below whatever path a proxy has for it
        title=about.NAME,
        version=__version__,
        description="The requests of Roboflow's hosted SAM 3 API, answered here.",
    )
    metrics = Metrics()
    gate = Gate(
        KeyRing(settings.api_keys),
        max_waiting=settings.max_waiting,
        # Base64 makes four bytes of three; the prompts need little.
        max_body_bytes=settings.max_image_bytes * 4 // 3 + MEBIBYTE,
    )
    metrics.watch("sam3_requests_held", "Requests read, waiting or worked on.", lambda: gate.held)
    fetcher = fetcher or ImageFetcher(
        max_bytes=settings.max_image_bytes, allowed_hosts=settings.allowed_hosts
    )
    app.state.gate = gate
    app.state.server = Server(
        service=service,
        gate=gate,
        source=ImageSource(settings, fetcher, KeptImages()),
        logits=KeptLogits(),
        metrics=metrics,
    )
    app.add_middleware(AnswerFaults)
    app.add_middleware(HeadAsGet)
    app.add_middleware(CountRequests, metrics=metrics, paths=frozenset(PATHS))
    app.add_middleware(MarkAnswers)
    add_documentation(app)
    add_error_handlers(app)
    for router in (about.public, about.gated, routes.gated):
        app.include_router(router)
    return app


def build_routes(service: SegmenterService, settings: Settings) -> list[BaseRoute]:
    """The REST API as routes, for the app that serves the page.

    Each route hands its requests to an app of its own, so that the API's errors, counts and
    documentation work whatever app the routes stand in.
    """
    app = AtRoot(build_app(service, settings))
    return [Route(path, app, include_in_schema=False) for path in (*PATHS, *DOCUMENTATION_PATHS)]


def unlocked_paths(settings: Settings) -> frozenset[str]:
    """Paths of the API that need no login of the page: those that ask for a key, and health."""
    return frozenset({*_HEALTH, *(_KEYED if settings.api_keys else ())})
