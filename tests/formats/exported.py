"""Small drawn results for tests of exports, and files written as an export says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import mask_from_bitmap
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Instance, PromptResult, Result
from sam3_playground.formats.exports import EXPORTS
from sam3_playground.formats.segmented import Segmented

SIZE = (80, 100)
Bitmap = NDArray[np.bool_]


def blank() -> NDArray[np.uint8]:
    return np.zeros(SIZE, np.uint8)


def disc(x: int = 40, y: int = 35, radius: int = 30) -> Bitmap:
    return cv2.circle(blank(), (x, y), radius, 1, -1).astype(bool)


def ring() -> Bitmap:
    return disc() & ~disc(radius=12)


def parts() -> Bitmap:
    """Two parts, one of them a ring with an island in its hole."""
    return (disc(25, 30, 22) & ~disc(25, 30, 14)) | disc(25, 30, 6) | disc(80, 55, 15)


def pixels(*places: tuple[int, int]) -> Bitmap:
    bitmap = blank()
    for x, y in places:
        bitmap[y, x] = 1
    return bitmap.astype(bool)


SHAPES = {
    "disc": disc(),
    "ring": ring(),
    "parts": parts(),
    "at the edges": ~disc(50, 40, 20),
    "one pixel": pixels((7, 9)),
    "the last pixel": pixels((99, 79)),
    "two pixels": pixels((7, 9), (8, 9)),
    "two corners": pixels((7, 9), (8, 10)),
    "a line": pixels(*((x, 11) for x in range(3, 30))),
}
WITHOUT_HOLES = [name for name in SHAPES if name not in {"ring", "parts", "at the edges"}]


def result(found: dict[str, Sequence[Bitmap]], size: tuple[int, int] = SIZE) -> Result:
    """A concept for each word, with its masks; scores fall from 0.9 by hundredths."""
    return Result(
        size,
        tuple(
            PromptResult(
                ConceptPrompt(label),
                tuple(
                    Instance(label, 0.9 - rank / 100, mask_from_bitmap(bitmap), f"{row}:{rank}")
                    for rank, bitmap in enumerate(bitmaps)
                ),
                id=str(row),
                label=label,
            )
            for row, (label, bitmaps) in enumerate(found.items())
        ),
        weights="fake",
    )


def picture(size: tuple[int, int] = SIZE) -> RgbImage:
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    return RgbImage(noise)


def segmented(name: str, found: Result) -> Segmented:
    image = picture(found.image_size)
    return Segmented(name, f"{name}.jpg", found, load_image=lambda: image)


def write(export: str, entries: Sequence[Segmented], folder: Path) -> Path:
    """Every file of an export, in that folder."""
    labels = [one.label for entry in entries for one in entry.result.prompt_results]
    classes = list(dict.fromkeys(labels))
    for name, content in files(export, entries, classes):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists()
        path.write_bytes(content)
    return folder


def files(
    export: str, entries: Sequence[Segmented], classes: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    form = EXPORTS[export]
    for entry in entries:
        yield from ((file.name, b"".join(file.chunks)) for file in form.of_image(entry, classes))
    yield from ((file.name, b"".join(file.chunks)) for file in form.of_all(iter(entries), classes))


def save_pictures(entries: Sequence[Segmented], folder: Path) -> None:
    """The images, under the names that the entries have for them."""
    folder.mkdir()
    for entry in entries:
        Image.fromarray(entry.image.pixels).save(folder / entry.source)


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())
