"""YOLO's segmentation data, as ultralytics trains on it: images, labels and `data.yaml`.

The form has one polygon for an instance and no scores. supervision's writer makes an instance of
each part of one, drops parts of one or two pixels, and writes no more than five decimals.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

import yaml
from PIL import Image

from sam3_playground.core.masks import Mask
from sam3_playground.formats.outlines import joined, part_outlines
from sam3_playground.formats.segmented import File, Segmented, class_places

# What ultralytics opens; others are written anew as PNG.
_OPENED = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

# Into the pixel: readers that round and those that cut off both find it again.
_INTO = 0.25


def yolo_labels(entry: Segmented, classes: Sequence[str]) -> Iterator[File]:
    """`labels/NAME.txt`, a line for each instance, and the image, if its file is known.

    A line is the class's number and the corners (x, y) as shares of the image's sides. Parts and
    holes are joined by seams without area. An image without instances has an empty file.
    """
    places = class_places(classes)
    lines = [f"{places[item.label]} {_corners(item.mask)}\n" for item in entry.shown]
    yield File(f"labels/{entry.name}.txt", ["".join(lines).encode("ascii")])
    suffix = PurePosixPath(entry.source).suffix.lower()
    original = entry.load_original() if entry.load_original and suffix in _OPENED else None
    if original is not None:
        yield File(f"images/{entry.name}{suffix}", [original])
    elif entry.load_image is not None:
        file = io.BytesIO()
        Image.fromarray(entry.image.pixels).save(file, "PNG")
        yield File(f"images/{entry.name}.png", [file.getvalue()])


def _corners(mask: Mask) -> str:
    height, width = mask.image_size
    shares = (joined(part_outlines(mask)) + _INTO) / [width, height]
    return " ".join(f"{value:.7f}" for value in shares.ravel().tolist())


def yolo_data(_: Iterable[Segmented], classes: Sequence[str]) -> Iterator[File]:
    """`data.yaml`: the classes by their numbers, and where images are, for training and checks."""
    values = {
        "path": ".",
        "train": "images",
        "val": "images",
        "nc": len(classes),
        "names": dict(enumerate(classes)),
    }
    text: str = yaml.safe_dump(values, allow_unicode=True, sort_keys=False)
    yield File("data.yaml", [text.encode("utf-8")])
