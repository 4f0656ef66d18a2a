"""Masks and what they cut out as PNG."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageColor

from sam3_playground.core.masks import Mask
from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.picture import COLOURS
from sam3_playground.formats.segmented import File, Segmented

# As many as a palette has, beside the background.
_PALETTE = 255
_DEEP = 65535


def mask_images(entry: Segmented, _: Sequence[str]) -> Iterator[File]:
    """`NAME/001-CONCEPT.png` for each instance: black and white, as large as the image."""
    height, width = entry.result.image_size
    for name, item in zip(entry.instance_names, entry.shown, strict=True):
        picture = Image.new("1", (width, height))
        _paste(picture, item.mask, 1)
        yield File(f"{entry.name}/{name}.png", [_png(picture)])


def indexed_masks(entry: Segmented, _: Sequence[str]) -> Iterator[File]:
    """`NAME.png`, where each pixel is the number of an instance, and `NAME.json`, the legend.

    0 is background. Where instances overlap, the smaller one is seen. Of more than 255 the
    picture has 16 bits of grey instead of a palette.

    Raises:
        InvalidInputError: More than 65,535 instances.
    """
    height, width = entry.result.image_size
    shown = entry.shown
    if len(shown) > _DEEP:
        raise InvalidInputError(f"expected at most {_DEEP:,} instances, got {len(shown):,}")
    picture = Image.new("P" if len(shown) <= _PALETTE else "I;16", (width, height))
    if picture.mode == "P":
        colours = [COLOURS[place % len(COLOURS)] for place in range(len(shown))]
        picture.putpalette(
            [0, 0, 0] + [band for colour in colours for band in ImageColor.getrgb(colour)[:3]]
        )
    numbered = sorted(enumerate(shown, start=1), key=lambda pair: -pair[1].mask.area)
    for number, item in numbered:
        _paste(picture, item.mask, number)
    legend = [
        {"index": number, "concept": item.label, "score": item.score, "area": item.mask.area}
        for number, item in enumerate(shown, start=1)
    ]
    yield File(f"{entry.name}.png", [_png(picture)])
    text = json.dumps({"background": 0, "instances": legend}, ensure_ascii=False, indent=2)
    yield File(f"{entry.name}.json", [f"{text}\n".encode("utf-8", errors="replace")])


def cutouts(entry: Segmented, _: Sequence[str]) -> Iterator[File]:
    """`NAME/001-CONCEPT.png` for each instance: its pixels within its box, the rest transparent.

    Raises:
        InvalidInputError: Nobody has the image.
    """
    image = entry.image.pixels
    for name, item in zip(entry.instance_names, entry.shown, strict=True):
        (y, x), (height, width) = item.mask.offset, item.mask.bits.shape
        pixels = np.zeros((height, width, 4), np.uint8)
        pixels[..., :3] = image[y : y + height, x : x + width]
        pixels[..., 3] = 255
        pixels[~item.mask.bits] = 0
        yield File(f"{entry.name}/{name}.png", [_png(Image.fromarray(pixels))])


def _paste(picture: Image.Image, mask: Mask, value: int) -> None:
    """Set the mask's pixels, without a bitmap of the whole image."""
    y, x = mask.offset
    height, width = mask.bits.shape
    stencil = Image.fromarray(mask.bits.view(np.uint8) * np.uint8(255))
    picture.paste(value, (x, y, x + width, y + height), stencil)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
