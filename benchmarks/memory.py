"""What memory a server takes: at start, after many images, after requests of all kinds."""

from __future__ import annotations

import base64
import io
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import psutil
from PIL import Image

from benchmarks.measure import MEBIBYTE, Row, mebibytes
from benchmarks.server import Request, running, send, tally

CACHES_MB = (64, 1024)
MEGAPIXELS = (0.3, 0.8, 2.0, 5.0, 12.0)
WORDS = ("dog", "cat", "star", "red circle", "apple", "bus")
# By then freed memory is given back.
REST_SECONDS = 3.0


def picture(number: int, megapixels: float) -> dict[str, str]:
    """An image of its own as a request carries it, in 4:3."""
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    coarse = np.random.default_rng(number).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((width, width * 3 // 4), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    image.save(file, "JPEG")
    return {"type": "base64", "value": base64.b64encode(file.getvalue()).decode()}


def one_concept(rng: random.Random) -> Request:
    """A word over an image that nobody sent before."""
    image = picture(rng.getrandbits(60), 0.8)
    words = [{"type": "text", "text": rng.choice(WORDS)}]
    return "concept_segment", {"image": image, "prompts": words, "output_prob_thresh": 0.1}


def of_all_kinds(images: Sequence[dict[str, str]]) -> Callable[[random.Random], Request]:
    """Picks requests over some images: up to 16 concepts, clicks, embeddings."""

    def pick(rng: random.Random) -> Request:
        image, kind = rng.choice(images), rng.random()
        if kind < 0.5:
            words = [
                f"{rng.choice(WORDS)} {rng.randrange(50)}" for _ in range(2 ** rng.randrange(5))
            ]
            body: dict[str, Any] = {
                "image": image,
                "prompts": [{"type": "text", "text": word} for word in words],
                "output_prob_thresh": 0.05,
                "format": rng.choice(["rle", "polygon"]),
            }
            return "concept_segment", body
        if kind < 0.85:
            points = [{"x": rng.randrange(600), "y": rng.randrange(400), "positive": True}]
            body = {"image": image, "prompts": [{"points": points}], "format": "rle"}
            return "visual_segment", body | {"save_logits_to_cache": True}
        return "embed_image", {"image": image}

    return pick


@contextmanager
def with_cache(mebibytes_kept: int) -> Iterator[tuple[str, psutil.Process]]:
    """A running server with so much memory for embeddings: its URL and its process."""
    former = os.environ.get("SAM3_CACHE_MB")
    os.environ["SAM3_CACHE_MB"] = str(mebibytes_kept)
    try:
        with running() as server:
            yield server
    finally:
        os.environ.pop("SAM3_CACHE_MB")
        if former is not None:
            os.environ["SAM3_CACHE_MB"] = former


def resident(process: psutil.Process) -> int:
    """Bytes of a server that rests."""
    time.sleep(REST_SECONDS)
    return int(process.memory_info().rss)


def grown(
    cache_mb: int, *, images: int, requests: int, clients: int = 8
) -> tuple[list[int], Counter[int]]:
    """Bytes at start, after images one by one, and after requests of all kinds; statuses."""
    sizes = [MEGAPIXELS[number % len(MEGAPIXELS)] for number in range(40)]
    mixed = of_all_kinds([picture(number, size) for number, size in enumerate(sizes)])
    with with_cache(cache_mb) as (url, process):
        taken = [resident(process)]
        statuses, _, _ = send(url, 1, images, one_concept)
        taken.append(resident(process))
        more, _, _ = send(url, clients, requests, mixed)
        taken.append(resident(process))
    return taken, statuses + more


def rows(
    caches_mb: Sequence[int] = CACHES_MB, *, images: int = 120, requests: int = 300
) -> Iterator[Row]:
    """A server with each size of the cache for embeddings."""
    for cache_mb in caches_mb:
        (start, after, mixed), statuses = grown(cache_mb, images=images, requests=requests)
        yield Row(
            f"memory of a server, bundled weights, `SAM3_CACHE_MB={cache_mb}`",
            mebibytes(mixed),
            note=f"at start {mebibytes(start)}; after {images} images {mebibytes(after)}; then "
            f"{requests} requests of all kinds by 8 clients, images up to 12 MP; "
            f"beside the cache {mebibytes(mixed - start - cache_mb * MEBIBYTE)} more than at "
            f"start; {tally(statuses)}",
        )
