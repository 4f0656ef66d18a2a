"""The corpus: image files of every format, in every mode and with every fault, made by a script.

`python -m tests.image_corpus FOLDER` writes them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from sam3_playground.images import FORMATS
from tests.image_files import (
    HEIGHT,
    RESIZE,
    WIDTH,
    encoded,
    flat,
    icon,
    picture,
    resized_box,
    tiff_of_one_tile,
)

# What the doors are told to take; what is huge has more.
MAX_PIXELS = 1_000_000
HUGE = (16383, 16383)
SUFFIXES = {"JPEG": "jpg", "TIFF": "tif", "JPEG2000": "jp2", "HEIF": "heic"}
MODES: dict[str, tuple[str, ...]] = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("L", "RGB", "RGBA"),
    "GIF": ("L", "P", "RGB"),
    "BMP": ("1", "L", "P", "RGB", "RGBA"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"),
    "AVIF": ("L", "LA", "RGB", "RGBA"),
    "PPM": ("1", "L", "RGB", "I;16"),
    "JPEG2000": ("L", "LA", "RGB", "RGBA", "I;16"),
    "ICO": ("L", "RGB", "RGBA"),
    "HEIF": ("L", "RGB", "RGBA"),
}
# More ways to write some of them.
VARIANTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("JPEG", "RGB", "progressive", {"progressive": True}),
    ("JPEG", "CMYK", "progressive", {"progressive": True}),
    ("JPEG", "RGB", "whole colours", {"progressive": True, "subsampling": 0}),
    ("WEBP", "RGB", "lossless", {"lossless": True}),
    ("WEBP", "RGBA", "lossless", {"lossless": True}),
    ("TIFF", "RGB", "lzw", {"compression": "tiff_lzw"}),
    ("TIFF", "RGBA", "deflate", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", "F", "deflate", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", "RGB", "one strip", {"compression": "tiff_adobe_deflate", "tiffinfo": {278: 2**16}}),
    ("TIFF", "RGB", "jpeg", {"compression": "jpeg"}),
    ("TIFF", "1", "fax", {"compression": "group4"}),
    ("AVIF", "RGB", "whole colours", {"subsampling": "4:4:4"}),
    ("AVIF", "RGBA", "whole colours", {"subsampling": "4:4:4"}),
    ("JPEG2000", "RGB", "tiles", {"tile_size": (32, 32)}),
    ("JPEG2000", "RGB", "bare", {"no_jp2": True}),
    ("ICO", "RGBA", "bitmap", {"bitmap_format": "bmp"}),
]
ANIMATED = ("PNG", "GIF", "WEBP", "AVIF", "TIFF", "HEIF")
NOTED = ("PNG", "JPEG", "WEBP", "HEIF")


@dataclass(frozen=True)
class CorpusFile:
    """One file, and what it is.

    Attributes:
        name: With a suffix, which need not be right.
        data: Its content.
        size: (height, width) of the image in it; None if it is to be refused.
    """

    name: str
    data: bytes
    size: tuple[int, int] | None = (HEIGHT, WIDTH)


def corpus() -> Iterator[CorpusFile]:
    """All files; none has more than some kilobytes."""
    yield from _whole()
    for kind in FORMATS:
        yield from _faults(kind)
    yield from _hidden()
    yield from _no_images()


def encode(kind: str, mode: str, size: tuple[int, int] = (WIDTH, HEIGHT), **options: Any) -> bytes:
    """The picture in that format and mode."""
    if kind == "ICO":
        options["sizes"] = [size]
    return encoded(picture(mode, size), kind, **options)


def _whole() -> Iterator[CorpusFile]:
    for kind, modes in MODES.items():
        for mode in modes:
            yield CorpusFile(_name(kind, mode), encode(kind, mode))
    for kind, mode, variant, options in VARIANTS:
        yield CorpusFile(_name(kind, mode, variant), encode(kind, mode, **options))
    for kind in ANIMATED:
        later = [picture("L").convert("RGB")]
        data = encode(kind, "RGB", save_all=True, append_images=later)
        yield CorpusFile(_name(kind, "animated"), data)
    palette = picture("P")
    palette.info["transparency"] = 0
    for kind in ("PNG", "GIF"):
        yield CorpusFile(_name(kind, "transparent colour"), encoded(palette, kind))
    for kind in NOTED:
        # HEIF is turned by its own properties, whatever EXIF says.
        size = (HEIGHT, WIDTH) if kind == "HEIF" else (WIDTH, HEIGHT)
        yield CorpusFile(_name(kind, "turned"), encode(kind, "RGB", exif=_exif(6)), size)
        broken = encode(kind, "RGB", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fgarbage")
        yield CorpusFile(_name(kind, "broken EXIF"), broken)
    yield CorpusFile("a PNG.jpg", encode("PNG", "RGB"))
    yield CorpusFile("a JPEG.tif", encode("JPEG", "RGB"))
    yield CorpusFile("a TIFF", encode("TIFF", "RGB"))
    yield CorpusFile("something behind.png", encode("PNG", "RGB") + bytes(5000))
    yield CorpusFile("something behind.jpg", encode("JPEG", "RGB") + bytes(5000))


def _faults(kind: str) -> Iterator[CorpusFile]:
    data = encode(kind, "RGB")
    for percent in (1, 25, 50, 75, 95):
        cut = data[: len(data) * percent // 100]
        yield CorpusFile(_name(kind, f"{percent} percent"), cut, None)
    resize = RESIZE.get(kind)
    if resize is not None:
        for name, size in {
            "too long": (WIDTH, 2 * HEIGHT),
            "lying": (999, 999),
            "huge": HUGE,
        }.items():
            yield CorpusFile(_name(kind, name), resize(data, *size), None)
    garbage = data[: len(data) // 3] + bytes(len(data) // 3) + data[len(data) * 2 // 3 :]
    if kind in {"PNG", "AVIF"}:  # others show what is left, as viewers do
        yield CorpusFile(_name(kind, "zeros inside"), garbage, None)


def _hidden() -> Iterator[CorpusFile]:
    """What says that it is small, and holds much."""
    side = 3000
    yield CorpusFile("huge inside.ico", icon(flat(side, side, "PNG"), 16), None)
    yield CorpusFile("huge inside.tif", tiff_of_one_tile(16, side), None)
    large = flat(side, side, "AVIF", speed=10)
    yield CorpusFile("huge inside.avif", resized_box(large, 16, 16), None)
    yield CorpusFile("truly huge.png", flat(side, side, "PNG"), None)


def _no_images() -> Iterator[CorpusFile]:
    page = b"<!DOCTYPE html><html><body><h1>404 Not Found</h1></body></html>"
    yield CorpusFile("a page.png", page, None)
    yield CorpusFile("nothing.png", b"", None)
    yield CorpusFile("zeros.png", bytes(1000), None)
    yield CorpusFile("text.jpg", b"no image at all", None)
    yield CorpusFile("a drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', None)
    yield CorpusFile("a document.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", None)
    heic_by_brand = b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + b"\0\0\0\x10meta" + bytes(100)
    yield CorpusFile("half a photograph.avif", heic_by_brand, None)


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def _name(kind: str, *words: str) -> str:
    suffix = SUFFIXES.get(kind, kind.lower())
    return f"{kind} {' '.join(words)}.{suffix}".replace(";", " ")


def write(folder: Path) -> None:
    """Write all files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in corpus():
        (folder / file.name).write_bytes(file.data)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
