"""The REST API under clients at once, with the bundled weights."""

from __future__ import annotations

import base64
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import psutil

from benchmarks.measure import Row, mebibytes, seconds
from tests.servers import ROOT, serving

CLIENTS = (1, 4, 16)
FILES = ("rockets.jpg", "picnic.jpg", "village.jpg")
IMAGES = [
    {
        "type": "base64",
        "value": base64.b64encode((ROOT / "assets/examples" / name).read_bytes()).decode(),
    }
    for name in FILES
]
Request = tuple[str, dict[str, Any]]


@contextmanager
def running() -> Iterator[tuple[str, psutil.Process]]:
    """`python app.py`, ready: its URL and its process."""
    with serving("app.py", "--weights", "tiny", "--port") as url:
        while httpx.get(url + "/healthz", trust_env=False).status_code != 200:
            time.sleep(0.2)
        (process,) = (p for p in psutil.Process().children() if "app.py" in p.cmdline())
        yield url, process


def good(rng: random.Random) -> Request:
    """A request of any kind that the API answers."""
    image = rng.choice(IMAGES)
    words = [{"type": "text", "text": word} for word in rng.sample(["dog", "cat", "star"], 2)]
    click = {"points": [{"x": rng.randrange(900), "y": rng.randrange(640), "positive": True}]}
    requests: list[Request] = [
        ("concept_segment", {"image": image, "prompts": words}),
        ("concept_segment", {"image": image, "prompts": words[:1], "format": "rle"}),
        ("visual_segment", {"image": image, "prompts": [click]}),
        ("embed_image", {"image": image}),
    ]
    return rng.choice(requests)


def mixed(rng: random.Random) -> Request:
    """One in five is wrong, each in its own way."""
    if rng.random() < 0.8:
        return good(rng)
    broken = {"type": "base64", "value": IMAGES[0]["value"][:5000]}
    requests: list[Request] = [
        ("concept_segment", {"image": IMAGES[0], "prompts": []}),
        ("concept_segment", {"image": broken, "prompts": [{"type": "text", "text": "dog"}]}),
        ("visual_segment", {"image": IMAGES[0], "prompts": [{"points": "none"}]}),
        ("embed_image", {"image": {"type": "url", "value": "http://127.0.0.1/secret"}}),
    ]
    return rng.choice(requests)


def send(
    url: str, clients: int, requests: int, pick: Callable[[random.Random], Request]
) -> tuple[Counter[int], list[float], float]:
    """Statuses, seconds of each request, and seconds in all."""
    rng = random.Random(0)  # noqa: S311
    bodies = [pick(rng) for _ in range(requests)]
    with httpx.Client(base_url=url, trust_env=False, timeout=120) as http:

        def one(request: Request) -> tuple[int, float]:
            start = time.perf_counter()
            answer = http.post(f"/sam3/{request[0]}", json=request[1])
            return answer.status_code, time.perf_counter() - start

        start = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            answers = list(pool.map(one, bodies))
        spent = time.perf_counter() - start
    return Counter(status for status, _ in answers), [t for _, t in answers], spent


def throughput_rows(clients: Sequence[int] = CLIENTS, *, requests: int = 120) -> Iterator[Row]:
    """Requests a second."""
    with running() as (url, _):
        send(url, 1, 10, good)
        for number in clients:
            statuses, waits, spent = send(url, number, requests, good)
            yield Row(
                f"REST requests, bundled weights, clients at once: {number}",
                f"{requests / spent:.1f} a second",
                note=f"median {seconds(statistics.median(waits))}; {tally(statuses)}",
            )


def load_rows(*, clients: int = 8, requests: int = 1000) -> Iterator[Row]:
    """Mixed requests, some of them wrong: what became of them, and of the server."""
    with running() as (url, process):
        send(url, clients, 50, mixed)
        before = process.memory_info().rss
        statuses, waits, spent = send(url, clients, requests, mixed)
        after = process.memory_info().rss
        restarted = "never restarted" if process.is_running() else "NOT running any more"
        p99 = statistics.quantiles(waits, n=100)[98]
        yield Row(
            f"load: {requests} mixed requests by {clients} clients",
            f"{requests / spent:.1f} a second",
            note=f"{tally(statuses)}; median {seconds(statistics.median(waits))}, "
            f"p99 {seconds(p99)}; memory {mebibytes(before)} before, {mebibytes(after)} after; "
            f"{restarted}",
        )


def tally(statuses: Counter[int]) -> str:
    """Answered, refused and failed requests."""
    answered = statuses[200]
    failed = sum(number for status, number in statuses.items() if status >= 500 and status != 503)
    refused = statuses.total() - answered - failed
    return f"{answered} answered, {refused} refused, {failed} failed"
