"""Serve the page and the API on one port, guarded, until the process is told to end."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match

from sam3_playground.collector import leave_at_once
from sam3_playground.config import Settings, forget_server_variables
from sam3_playground.errors import InvalidInputError
from sam3_playground.server.below import BelowPath, check_root
from sam3_playground.server.draining import CountInFlight
from sam3_playground.server.faults import AnswerFaults
from sam3_playground.server.hosts import TrustedHosts
from sam3_playground.server.keys import KeyRing
from sam3_playground.server.listening import bracketed
from sam3_playground.server.login import CheckLogin, Logins
from sam3_playground.server.marks import MarkAnswers
from sam3_playground.server.middleware import (
    AddHeaders,
    CheckHost,
    LogAccess,
    OnlyKnownPaths,
    access_log,
)
from sam3_playground.server.proxies import BelieveProxies, TrustedProxies
from sam3_playground.ui.guard import CheckAsks
from sam3_playground.ui.layout import CONCURRENT_ANSWERS, Page
from sam3_playground.ui.paths import (
    asks,
    brings_answers,
    is_endless,
    is_for_programs,
    is_page_path,
    is_unlocked,
)
from sam3_playground.ui.sharing import share_behind

# How long what was begun may take once the process is told to end.
GRACE_SECONDS = 20.0
SWEEP_SECONDS = 600.0
# Visitors of whom Gradio keeps the last answer, 10,000 by default; no page asks for it again.
KEPT_ANSWERS = 64

# Asks that Gradio hands on beyond those that `Turns` lets wait; it sends the surplus away.
SPARE_JOBS = 64

_PAGE_CSS = """
.gradio-container { padding: 0 !important; max-width: none !important; }
.gradio-container > .main, .gradio-container .main .wrap { padding: 0 !important; gap: 0; }
.html-container { padding: 0 !important; }
:is(.block, .wrap, .gradio-container):has(.bench) { overflow: visible !important; }
footer { margin: 0.25rem !important; }
footer button { color: var(--body-text-color) !important; }
@media (pointer: coarse) { footer button { min-height: 44px; } }
"""

# Gradio's page holds scripts in itself and makes functions of text; a Space shows the page in
# a frame of the hub's. Nothing else comes from elsewhere.
_POLICIES = (
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self' https://huggingface.co https://*.hf.space",
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "; ".join(_POLICIES),
}


@dataclass(frozen=True)
class Guards:
    """What stands before page and API.

    Attributes:
        hosts: Names under which the server may be asked.
        middleware: What every request passes, the outermost first.
    """

    hosts: TrustedHosts
    middleware: list[Middleware]


def guards_for(
    page: Page,
    routes: Sequence[BaseRoute],
    settings: Settings,
    host: str,
    unlocked: Collection[str] = (),
) -> Guards:
    """What every request passes.

    Args:
        page: The page.
        routes: What is served beside it.
        settings: Trusted hosts and proxies, logins, the root path, and whether to note requests.
        host: The address that is listened on.
        unlocked: Paths, besides the page's own, that need no login.

    Raises:
        InvalidInputError: The root path is one of the server's own.
    """

    def is_open(method: str, path: str) -> bool:
        scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
        beside = any(route.matches(scope)[0] is not Match.NONE for route in routes)
        return beside or is_page_path(method, path)

    check_root(settings.root_path, is_open)
    hosts = TrustedHosts(settings.trusted_hosts, bound_to=host)
    log = [Middleware(LogAccess)] if settings.access_log else []
    return Guards(
        hosts,
        [
            Middleware(
                BelieveProxies,
                proxies=TrustedProxies(settings.trusted_proxies),
                trusts_host=hosts.trusts,
            ),
            Middleware(MarkAnswers),
            Middleware(AddHeaders, headers=HEADERS),
            Middleware(BelowPath, root=settings.root_path, is_open=is_open),
            *log,
            Middleware(CheckHost, hosts=hosts),
            Middleware(OnlyKnownPaths, is_open=is_open),
            Middleware(
                CheckLogin,
                logins=Logins(settings.auth),
                is_unlocked=lambda path: path in unlocked or is_unlocked(path),
                keys=KeyRing(settings.api_keys),
                is_for_programs=is_for_programs,
            ),
            Middleware(AnswerFaults),
            Middleware(
                CountInFlight,
                in_flight=page.in_flight,
                is_endless=is_endless,
                asks=asks,
                brings_answers=brings_answers,
            ),
            Middleware(CheckAsks, events=page.events, calls=page.calls_by_name),
        ],
    )


def start_page(
    page: Page,
    routes: Sequence[BaseRoute],
    settings: Settings,
    *,
    host: str,
    port: int,
    unlocked: Collection[str] = (),
) -> TrustedHosts:
    """Serve the page, and the routes beside it, from threads; returns once it is served.

    Returns:
        The names under which the server may be asked.

    Raises:
        InvalidInputError: Another program took the port, or a root path that cannot be.
    """
    guards = guards_for(page, routes, settings, host, unlocked)
    if settings.access_log:
        show_access_log()
    forget_server_variables()
    try:
        page.blocks.launch(
            server_name=bracketed(host),
            server_port=port,
            ssr_mode=False,
            share=False,
            run_history=False,
            footer_links=["api"],
            state_session_capacity=KEPT_ANSWERS,
            # Else asks queue in Gradio, first come first served, before `Turns` sees them.
            max_threads=settings.max_waiting + CONCURRENT_ANSWERS + SPARE_JOBS,
            css=_PAGE_CSS,
            prevent_thread_lock=True,
            quiet=True,
            root_path=settings.root_path,
            app_kwargs={
                "routes": [*page.routes, *routes],
                "middleware": guards.middleware,
            },
        )
    except OSError as error:
        raise InvalidInputError(
            f"expected to listen on port {port}, got none: another program was quicker"
        ) from error
    return guards.hosts


def launch_page(
    page: Page,
    routes: Sequence[BaseRoute],
    settings: Settings,
    *,
    host: str,
    port: int,
    unlocked: Collection[str] = (),
    on_start: Callable[[], None] = lambda: None,
) -> None:
    """Serve the page, and the routes beside it, until SIGTERM or SIGINT.

    What was begun is finished within `GRACE_SECONDS`; then the visitors' files are deleted.

    Args:
        page: The page.
        routes: What is served beside it.
        settings: What the installation decides.
        host: The address to listen on.
        port: The port.
        unlocked: Paths beside the page that need no login.
        on_start: Called once requests are answered.
    """
    leave_at_once()
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ends(ending))
    try:
        hosts = start_page(page, routes, settings, host=host, port=port, unlocked=unlocked)
        on_start()
        if settings.share:
            share_behind(hosts, settings, host=host, port=port)
        while not ending.wait(SWEEP_SECONDS):
            page.uploads.sweep()
        page.in_flight.drain(GRACE_SECONDS)
        page.blocks.close(verbose=False)
    finally:
        page.uploads.close()


def show_access_log() -> None:
    """One line a request, on standard error."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    access_log.handlers[:] = [lines]
    access_log.setLevel(logging.INFO)
    access_log.propagate = False


def _ends(ending: threading.Event) -> Any:
    def end(number: int, _frame: object) -> None:
        if ending.is_set():  # who asks twice does not want to wait
            os._exit(128 + number)
        ending.set()

    return end
