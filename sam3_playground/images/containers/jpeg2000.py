"""JPEG 2000: all its tiles are there, and what decoding them takes.

OpenJPEG leaves black what it has no tile for, and holds a tile in four bytes a sample, twice.
Source: ITU-T T.800, annex A.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from sam3_playground.images.containers.boxes import Reader, box_in
from sam3_playground.images.containers.words import DAMAGED, FEWER_PIXELS, TOO_EARLY
from sam3_playground.images.faults import BrokenImageError

_SOC, _SIZ, _SOT, _EOC = 0xFF4F, 0xFF51, 0xFF90, 0xFFD9
# Measured with Pillow 12.3 and OpenJPEG 2.5: of each sample of the tile that is decoded, and of
# each pixel of the image; and for the tables of every tile, decoded or not.
_SAMPLE_BYTES, _PIXEL_BYTES = 5.25, 4
_TABLE_BYTES = 4096


@dataclass(frozen=True)
class _Grid:
    """The image on its reference grid, cut into tiles; of all pairs the width first."""

    end: tuple[int, int]
    start: tuple[int, int]
    tile: tuple[int, int]
    tile_start: tuple[int, int]
    samples: int

    @property
    def size(self) -> tuple[int, int]:
        return self.end[0] - self.start[0], self.end[1] - self.start[1]

    @property
    def tiles(self) -> int:
        across, down = (
            -(-(end - start) // step)
            for end, start, step in zip(self.end, self.tile_start, self.tile, strict=True)
        )
        return across * down


def check_tiles(image: Image.Image, data: bytes) -> None:
    """Walk from tile to tile.

    Raises:
        BrokenImageError: One is missing, or the file ends in one.
    """
    reader = _codestream(data)
    grid = _grid(reader)
    if grid.size != image.size:
        raise BrokenImageError(DAMAGED)
    found = set()
    while (marker := reader.number(2)) != _EOC:
        start = reader.at - 2
        length = reader.number(2)
        if marker == _SOT:
            found.add(reader.number(2))
            reader.at = start + (reader.number(4) or reader.end - 2 - start)
        else:
            reader.at += length - 2
        if reader.at <= start:
            raise BrokenImageError(DAMAGED)
    if len(found) < grid.tiles:
        raise BrokenImageError(FEWER_PIXELS)


def peak_bytes(image: Image.Image, data: bytes) -> int:
    """What decoding takes at most."""
    grid = _grid(_codestream(data))
    width, height = (min(pair) for pair in zip(grid.tile, image.size, strict=True))
    samples = width * height * grid.samples
    tables = _TABLE_BYTES * grid.samples * grid.tiles
    return int(_SAMPLE_BYTES * samples) + tables + _PIXEL_BYTES * image.width * image.height


def _codestream(data: bytes) -> Reader:
    if data.startswith(_SOC.to_bytes(2, "big")):
        return Reader(data, 0, len(data))
    return Reader.of(data, box_in(data, b"jp2c"))


def _grid(reader: Reader) -> _Grid:
    """Read from the first marker to the end of the second, which says the sizes."""
    if reader.number(2) != _SOC or reader.number(2) != _SIZ:
        raise BrokenImageError(DAMAGED)
    after = reader.at + reader.number(2)
    reader.number(2)
    end, start, tile, tile_start = ((reader.number(4), reader.number(4)) for _ in range(4))
    grid = _Grid(end, start, tile, tile_start, reader.number(2))
    if not all(tile) or after > reader.end:
        raise BrokenImageError(TOO_EARLY)
    reader.at = after
    return grid
