"""Every endpoint that Gradio's app has, and what was decided about each.

Where a new version of Gradio brings one more, the test that compares fails until somebody has
looked at it and has put it into one of these tables.
"""

from __future__ import annotations

# What the page needs, by method and path.
OPEN = {
    ("GET", "/"),
    ("HEAD", "/"),
    ("GET", "/assets/{path:path}"),
    ("GET", "/config"),
    ("GET", "/favicon.ico"),
    ("GET", "/gradio_api/heartbeat/{session_hash}"),
    ("GET", "/gradio_api/info"),  # of calls by name
    ("GET", "/gradio_api/queue/data"),
    ("GET", "/gradio_api/startup-events"),
    ("GET", "/gradio_api/theme.css"),
    ("GET", "/manifest.json"),
    ("GET", "/openapi.json"),  # the API's own stands in the place of Gradio's
    ("GET", "/page/examples/{name}"),
    ("GET", "/page/scripts/{version}/{name:path}"),
    ("GET", "/robots.txt"),
    ("GET", "/static/{path:path}"),
    ("GET", "/svelte/{path:path}"),
    ("GET", "/theme.css"),
    ("HEAD", "/openapi.json"),
    ("HEAD", "/page/examples/{name}"),
    ("HEAD", "/page/scripts/{version}/{name:path}"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/upload"),  # the project's own stands in the place of Gradio's
    ("POST", "/page/code"),
    ("POST", "/page/counts"),
    ("POST", "/page/save"),
    ("GET", "/page/examples/{name}/thumbnail"),
    ("HEAD", "/page/examples/{name}/thumbnail"),
    ("POST", "/page/fetch"),
    ("POST", "/page/images"),
}

# What nobody needs here; the words in braces are filled in by FORGED.
CLOSED = {
    ("GET", "/config/"),
    ("GET", "/gradio_api/app_id"),
    ("GET", "/gradio_api/app_id/"),
    ("GET", "/gradio_api/call/v2/{api_name}/{event_id}"),
    ("GET", "/gradio_api/call/{api_name}/{event_id}"),
    ("GET", "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}"),
    ("GET", "/gradio_api/deep_link"),
    ("GET", "/gradio_api/dev/reload"),
    ("GET", "/gradio_api/file/{path:path}"),
    ("GET", "/gradio_api/file={path_or_url:path}"),
    ("GET", "/gradio_api/info/"),
    ("GET", "/gradio_api/login_check"),
    ("GET", "/gradio_api/login_check/"),
    ("GET", "/gradio_api/openapi.json"),
    ("GET", "/gradio_api/proxy={url_path:path}"),
    ("GET", "/gradio_api/queue/status"),
    ("GET", "/gradio_api/run-history/buckets"),
    ("GET", "/gradio_api/run-history/records"),
    ("GET", "/gradio_api/run-history/records/{endpoint}/{record_id}/assets/{asset_id}"),
    ("GET", "/gradio_api/runs"),
    ("GET", "/gradio_api/runs/"),
    ("GET", "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file"),
    ("GET", "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8"),
    ("GET", "/gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}"),
    ("GET", "/gradio_api/token"),
    ("GET", "/gradio_api/token/"),
    ("GET", "/gradio_api/upload_progress"),
    ("GET", "/gradio_api/user"),
    ("GET", "/gradio_api/user/"),
    ("GET", "/gradio_api/vibe-code"),
    ("GET", "/gradio_api/vibe-code/"),
    ("GET", "/logout"),
    ("GET", "/monitoring"),
    ("GET", "/monitoring/summary"),
    ("GET", "/monitoring/{key}"),
    ("GET", "/pwa_icon"),
    ("GET", "/pwa_icon/{size}"),
    ("HEAD", "/gradio_api/file={path_or_url:path}"),
    ("HEAD", "/gradio_api/proxy={url_path:path}"),
    ("POST", "/gradio_api/api/{api_name}"),
    ("POST", "/gradio_api/api/{api_name}/"),
    ("POST", "/gradio_api/call/v2/{api_name}"),
    ("POST", "/gradio_api/call/v2/{api_name}/"),
    ("POST", "/gradio_api/call/{api_name}"),
    ("POST", "/gradio_api/call/{api_name}/"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/component_server"),
    ("POST", "/gradio_api/component_server/"),
    ("POST", "/gradio_api/process_recording"),
    ("POST", "/gradio_api/reset"),
    ("POST", "/gradio_api/reset/"),
    ("POST", "/gradio_api/run-history/connect"),
    ("POST", "/gradio_api/run/{api_name}"),
    ("POST", "/gradio_api/run/{api_name}/"),
    ("POST", "/gradio_api/stream/{event_id}"),
    ("POST", "/gradio_api/stream/{event_id}/close"),
    ("POST", "/gradio_api/undo-vibe-edit"),
    ("POST", "/gradio_api/undo-vibe-edit/"),
    ("POST", "/gradio_api/vibe-code"),
    ("POST", "/gradio_api/vibe-code/"),
    ("POST", "/gradio_api/vibe-edit"),
    ("POST", "/gradio_api/vibe-edit/"),
    ("POST", "/gradio_api/vibe-starter-queries"),
    ("POST", "/gradio_api/vibe-starter-queries/"),
    ("POST", "/login"),
    ("POST", "/login/"),
}

# What a forger puts into a path; {url} is a server of theirs, {file} a file of this server.
FORGED = {
    "path_or_url:path": ("{url}", "{file}", "..{file}", "file://{file}"),
    "url_path:path": ("{url}", "https://hf.space/../{url}"),
    "path:path": ("{file}", "../../../../../..{file}"),
    "api_name": ("answer", "predict", "0"),
    "type": ("component", "example"),
    "environment": ("server", "client"),
    "file_name": ("index.js", "..%2f..%2f..%2f..{file}"),
}

# Prints the app's endpoints, by method and path. Gradio includes its own router as a whole.
LISTING = """
from gradio.routes import App

from sam3_playground.config import Settings
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui import build_page
from tests.fakes import FakeSegmenter


def walk(routes, prefix=""):
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from walk(included.routes)
        elif hasattr(route, "routes"):
            yield from walk(route.routes, prefix + route.path)
        else:
            for method in getattr(route, "methods", None) or ("?",):
                yield method, prefix + route.path


page = build_page(SegmenterService.of(FakeSegmenter()), Settings())
app = App.create_app(page.blocks, app_kwargs={"routes": list(page.routes)})
for method, path in walk(app.routes):
    print("endpoint", method, path)
page.uploads.close()
"""
