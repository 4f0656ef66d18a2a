"""From mask logits to polygons and RLE: inside each object's box, and at full size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pycocotools import mask as coco

from benchmarks.measure import Row, growth, in_own_process, mebibytes, seconds, timed, times
from sam3_playground.core.masks import mask_from_logits
from sam3_playground.core.polygons import mask_to_polygons
from sam3_playground.core.rle import mask_to_rle

MASK_SIZE = 288
MEGAPIXELS = {1: (816, 1224), 12: (3000, 4000), 50: (6124, 8164)}
INSTANCES = (1, 20, 100, 200)
# Full size at once takes four bytes a pixel and instance; beyond this one after the other,
# and only some of them.
MOST_BYTES = 6 * 2**30
SOME = 10

Logits = NDArray[np.float32]
Size = tuple[int, int]
Encoded = tuple[list[NDArray[np.int32]], str]


def blobs(count: int, *, seed: int = 0) -> Logits:
    """(N, 288, 288) logits of ellipses: the more there are, the smaller."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:MASK_SIZE, :MASK_SIZE].astype(np.float32)
    logits = np.empty((count, MASK_SIZE, MASK_SIZE), np.float32)
    for index in range(count):
        radii = MASK_SIZE * 0.35 / np.sqrt(count) * rng.uniform(0.6, 1.2, 2)
        centre = rng.uniform(radii.max(), MASK_SIZE - radii.max(), 2)
        distance = np.hypot((y - centre[0]) / radii[0], (x - centre[1]) / radii[1])
        wobble = 0.08 * np.sin(rng.uniform(3, 9) * np.arctan2(y - centre[0], x - centre[1]))
        logits[index] = 8 * (1 + wobble - distance)
    return logits


def inside_boxes(logits: Logits, size: Size) -> list[Encoded]:
    """This project's way."""
    masks = [mask_from_logits(one, size) for one in logits]
    return [(mask_to_polygons(mask), mask_to_rle(mask)["counts"]) for mask in masks]


def at_full_size(logits: Logits, size: Size) -> list[Encoded]:
    """The way of Roboflow's server and of Sam3Processor: resize, cut, trace, encode."""
    return [encoded for bitmaps in _full_size(logits, size) for encoded in map(_encode, bitmaps)]


def _full_size(logits: Logits, size: Size) -> Iterator[NDArray[np.bool_]]:
    """(n, H, W) bitmaps, of all instances at once where that is not too much."""
    for part in np.array_split(logits, len(logits) if too_much(len(logits), size) else 1):
        resized = F.interpolate(torch.from_numpy(part)[:, None], size, mode="bilinear")
        yield (resized[:, 0] > 0).numpy()


def too_much(count: int, size: Size) -> bool:
    """Whether so many full-size masks do not fit into memory together."""
    return 4 * count * size[0] * size[1] > MOST_BYTES


def _encode(bitmap: NDArray[np.bool_]) -> Encoded:
    bits = bitmap.astype(np.uint8)
    contours, _ = cv2.findContours(bits, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    counts = coco.encode(np.asfortranarray(bits))["counts"]
    return [np.asarray(contour, np.int32).reshape(-1, 2) for contour in contours], counts.decode()


def rows(
    megapixels: Sequence[int] = tuple(MEGAPIXELS), instances: Sequence[int] = INSTANCES
) -> Iterator[Row]:
    """A line for each size and number of instances."""
    for size, count in ((MEGAPIXELS[m], n) for m in megapixels for n in instances):
        yield row(size, count)


def row(size: Size, count: int) -> Row:
    """Both ways side by side."""
    logits = blobs(count)
    alone = too_much(count, size)
    some = logits[:SOME] if alone else logits
    inside_boxes(logits, size)
    ours, found = timed(lambda: inside_boxes(logits, size))
    other, expected = timed(lambda: at_full_size(some, size))
    other *= count / len(some)
    ours_memory = in_own_process(peak_bytes, inside_boxes, count, size)
    other_memory = in_own_process(peak_bytes, at_full_size, 1 if alone else count, size)
    note = "identical" if same(found[: len(some)], expected) else "NOT identical"
    shown = mebibytes(other_memory)
    ratio = f"{times(ours, other)}, memory {100 * ours_memory / other_memory:.1f} %"
    if alone:
        shown = f"{mebibytes(other_memory)} each"
        ratio = times(ours, other)
        note += f"; full size one by one, from {len(some)} of them"
    return Row(
        f"masks, polygons and RLE: {size[0] * size[1] / 1e6:.0f} MP, {count}",
        f"{seconds(ours)}, {mebibytes(ours_memory)}",
        f"{seconds(other)}, {shown}",
        ratio,
        note,
    )


def peak_bytes(way: Callable[[Logits, Size], list[Encoded]], count: int, size: Size) -> int:
    """What one of the ways takes beside the logits, which both are given."""
    logits = blobs(count)
    return growth(lambda: way(logits, size))[1]


def same(ours: list[Encoded], other: list[Encoded]) -> bool:
    """Whether both ways gave the same RLE and the same polygons."""
    return all(
        mine == theirs and [p.tolist() for p in polygons] == [p.tolist() for p in traced]
        for (polygons, mine), (traced, theirs) in zip(ours, other, strict=True)
    )
