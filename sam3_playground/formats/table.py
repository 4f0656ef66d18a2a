"""A table of all instances as CSV, for spreadsheets and statistics."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from sam3_playground.formats.segmented import File, Segmented

COLUMNS = (
    *("image", "width", "height", "instance", "concept", "score"),
    *("x0", "y0", "x1", "y1", "area"),
)


def instance_table(segmented: Iterable[Segmented], _: Sequence[str]) -> Iterator[File]:
    """`instances.csv`: a line for each instance that has a pixel, below the columns' names.

    Instances are counted from 1 in each image; boxes run along the edges of pixels, areas count
    pixels. UTF-8, as RFC 4180 has it.
    """
    return iter([File("instances.csv", _chunks(segmented))])


def _chunks(segmented: Iterable[Segmented]) -> Iterator[bytes]:
    yield _lines([COLUMNS])
    for entry in segmented:
        height, width = entry.result.image_size
        yield _lines(
            (
                *(entry.source, width, height, number, item.label, item.score),
                *(round(edge) for edge in item.mask.box_xyxy),
                item.mask.area,
            )
            for number, item in enumerate(entry.shown, start=1)
        )


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", errors="replace")
