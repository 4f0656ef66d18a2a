"""Images to export from, and what an export left."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from PIL import Image
from pycocotools.coco import COCO

from tests.fakes import disc_image

RED = ("--concept", "red")


def contents(folder: str = "out") -> dict[str, bytes]:
    """Every file below the folder that is not hidden, by its name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def coco(path: str = "out/coco/instances.json") -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(path)


def names_in(data: COCO) -> list[str]:
    return [one["file_name"] for one in data.loadImgs(data.getImgIds())]


def five_images() -> list[str]:
    """Five different ones, in `photos` and a folder in it."""
    names = ["a.png", "b.jpg", "c.png", "x/a.png", "x/d.png"]
    for number, name in enumerate(names):
        path = Path("photos") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = disc_image([("red", 30 + 5 * number, 30, 15), ("blue", 100, 60, 12)])
        Image.fromarray(image.pixels).save(path)
    return names
