"""Which paths the page is made of: its own, and the few of Gradio's that it and calls need."""

from __future__ import annotations

IMAGES = "/page/images"
FETCH = "/page/fetch"
WEIGHTS = "/page/weights"
SAVE = "/page/save"
CODE = "/page/code"
COUNTS = "/page/counts"
EXAMPLES = "/page/examples"
SCRIPTS = "/page/scripts"
JOIN = "/gradio_api/queue/join"
CLIENT_UPLOAD = "/gradio_api/upload"

_ANSWERS = "/gradio_api/queue/data"
_INFO = "/gradio_api/info"
_READ = {"GET", "HEAD"}
# Files that come with Gradio or the page, by name below a folder of its own.
_FOLDERS = ("/assets/", "/static/", "/svelte/", EXAMPLES + "/", SCRIPTS + "/")
_FILES = {
    "/",
    "/config",
    "/theme.css",
    "/gradio_api/theme.css",
    _ANSWERS,
    _INFO,
}
# Asked for by Gradio itself as it starts, and by browsers without the login that they have.
_UNLOCKED = {"/gradio_api/startup-events", "/favicon.ico", "/manifest.json", "/robots.txt"}
_POSTS = {IMAGES, FETCH, WEIGHTS, COUNTS, SAVE, CODE, JOIN, CLIENT_UPLOAD}
_HEARTBEAT = "/gradio_api/heartbeat/"
# What `gradio_client` asks: a key opens it in a login's place, as it opens the REST API.
_CALLED = {"/config", JOIN, CLIENT_UPLOAD, _ANSWERS, _INFO}


def is_page_path(method: str, path: str) -> bool:
    """Whether the page needs to be answered there."""
    if method == "POST":
        return path in _POSTS
    return method in _READ and (
        path in _FILES | _UNLOCKED or path.startswith((*_FOLDERS, _HEARTBEAT))
    )


def is_unlocked(path: str) -> bool:
    """Whether one needs no login there: nothing of a visitor's or of the page is told."""
    return path in _UNLOCKED


def is_for_programs(path: str) -> bool:
    """Whether a program that calls by name has to ask there."""
    return path in _CALLED or path.startswith(_HEARTBEAT)


def is_endless(path: str) -> bool:
    """Whether an answer from there lasts as long as the visitor stays."""
    return path.startswith(_HEARTBEAT)


def asks(path: str) -> bool:
    """Whether a visitor's asks go there, to be answered elsewhere."""
    return path == JOIN


def brings_answers(path: str) -> bool:
    """Whether what a visitor asked for before comes from there."""
    return path == _ANSWERS
