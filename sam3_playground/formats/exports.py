"""Formats that results leave in. Another one is another row of `EXPORTS`."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image

from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.coco import coco_polygons, coco_rle
from sam3_playground.formats.labelme import labelme
from sam3_playground.formats.mask_images import cutouts, indexed_masks, mask_images
from sam3_playground.formats.picture import draw_result
from sam3_playground.formats.roboflow import document
from sam3_playground.formats.segmented import File, Segmented, nothing_of_all, nothing_of_image
from sam3_playground.formats.table import instance_table
from sam3_playground.formats.yolo import yolo_data, yolo_labels

OfImage: TypeAlias = Callable[[Segmented, Sequence[str]], Iterator[File]]
OfAll: TypeAlias = Callable[[Iterable[Segmented], Sequence[str]], Iterator[File]]


@dataclass(frozen=True)
class Export:
    """A format.

    Attributes:
        description: For people who choose one.
        of_image: The files of one image, beside the names of all classes.
        of_all: The files about several images, which are taken one by one.
    """

    description: str
    of_image: OfImage = nothing_of_image
    of_all: OfAll = nothing_of_all


def drawn_picture(entry: Segmented, _: Sequence[str]) -> Iterator[File]:
    """`NAME.png`: the image with everything drawn over it."""
    drawn = draw_result(entry.image, entry.result, style=entry.style, slots=entry.slots)
    file = io.BytesIO()
    Image.fromarray(drawn).save(file, "PNG")
    yield File(f"{entry.name}.png", [file.getvalue()])


def roboflow_document(entry: Segmented, _: Sequence[str]) -> Iterator[File]:
    """`NAME.json`: the document of `roboflow.document`."""
    values = document(entry.result, way=entry.way, source=entry.source)
    yield File(f"{entry.name}.json", [f"{json.dumps(values)}\n".encode()])


EXPORTS: Mapping[str, Export] = {
    "coco": Export("COCO instances with RLE masks, holes and scores kept", of_all=coco_rle),
    "coco-polygons": Export(
        "COCO instances with polygons: scores kept, holes filled", of_all=coco_polygons
    ),
    "yolo": Export(
        "YOLO segmentation: images, labels and data.yaml, a polygon an instance, without scores",
        of_image=yolo_labels,
        of_all=yolo_data,
    ),
    "labelme": Export("LabelMe: a JSON file an image, scores as descriptions", of_image=labelme),
    "csv": Export("a table of all instances: box, area and score", of_all=instance_table),
    "masks": Export("a black and white PNG an instance", of_image=mask_images),
    "indexed": Export(
        "a PNG an image whose pixels are instances' numbers, and a legend", of_image=indexed_masks
    ),
    "cutouts": Export("a transparent PNG an instance, cut to its box", of_image=cutouts),
    "picture": Export("the image with results drawn over it", drawn_picture),
    "roboflow": Export(
        "JSON in the form of Roboflow's API, each mask a polygon or RLE", of_image=roboflow_document
    ),
}


def named_exports(names: Iterable[str]) -> dict[str, Export]:
    """The formats of those names, each once, in their order.

    Raises:
        InvalidInputError: There is none of a name; it names those that there are.
    """
    wanted = dict.fromkeys(names)
    for name in wanted:
        if name not in EXPORTS:
            *others, last = EXPORTS
            raise InvalidInputError(
                f"expected exports {', '.join(others)} or {last}, got {name!s:.40}"
            )
    return {name: EXPORTS[name] for name in wanted}
