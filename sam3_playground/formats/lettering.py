"""Text in pictures, in every script that a font at hand has, from left to right as it is seen.

OpenCV draws what it has letters for and need not join or stack; Pillow draws the rest, with
DejaVu Sans, which comes with matplotlib, and the fonts that are installed. Nothing is drawn as
a question mark or a box that stands for a letter.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import arabic_reshaper
import cv2
import numpy as np
import regex
from bidi import get_display
from matplotlib import ft2font, get_data_path
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FACE = cv2.FONT_HERSHEY_SIMPLEX
WHITE = (255, 255, 255)
# DejaVu Sans at this size has OpenCV's letters' height at a scale of 1.
PIXELS_PER_SCALE = 28
# Bitmap fonts, of emoji above all, come in one size: those of Noto, Apple and others.
BITMAP_SIZES = (109, 136, 128, 160, 96, 64)

_MOST_FONTS = 2000
_CODES = 0x110000
_TURNED_MARKS = regex.compile(r"(\p{Mn}+)([\p{Hebrew}\p{Arabic}])")
_SLANTED_OR_HEAVY = regex.compile("bold|italic|oblique|black|light|thin|medium|mono", regex.I)


@dataclass(frozen=True)
class Run:
    """Letters side by side that are drawn by the same font.

    Attributes:
        text: In the order in which it is seen.
        font: The font's file; None for OpenCV's own letters.
    """

    text: str
    font: str | None


def text_size(text: str, scale: float, thickness: int) -> tuple[int, int]:
    """Width and height in pixels; the height is that above the baseline, for all texts alike."""
    width = sum(_run_width(run, scale, thickness) for run in runs_of(text))
    return width, int(cv2.getTextSize("Tg", FACE, scale, thickness)[0][1])


def write(
    scene: NDArray[np.uint8],
    text: str,
    left: int,
    baseline: int,
    *,
    scale: float,
    thickness: int,
    below: int,
) -> None:
    """Draw white text into an (H, W, 3) uint8 BGR scene; what lies outside is cut off.

    Args:
        scene: Drawn into in place.
        text: On one line.
        left, baseline: Where it starts, in pixels.
        scale, thickness: As OpenCV has them.
        below: How many rows below the baseline pictures and tails of letters may take.
    """
    for run in runs_of(text):
        width = _run_width(run, scale, thickness)
        room = min(width, scene.shape[1] - left)
        if run.font is None:
            place = (left, baseline)
            cv2.putText(scene, run.text, place, FACE, scale, WHITE, thickness, cv2.LINE_AA)
        elif room > 0:
            stamp, ascent = _stamp(run, run.font, scale, room)
            _lay(scene, stamp[: ascent + below], left, baseline - ascent)
        left += width


@lru_cache(maxsize=1024)
def runs_of(text: str) -> tuple[Run, ...]:
    """What is drawn for a text, from left to right: joined, turned and split by font."""
    if text.isascii() and text.isprintable():
        return (Run(text, None),)
    # JSON can hold halves of characters, which no library takes.
    whole = text.encode("utf-8", "ignore").decode()
    seen = _as_seen(unicodedata.normalize("NFC", " ".join(whole.split())))
    pieces = [_piece(cluster) for cluster in regex.findall(r"\X", seen)]
    kept: list[Run] = []
    for piece in pieces:
        # Words without a letter in any font leave one space, not two.
        if piece.text and not (piece.text == " " and (not kept or kept[-1].text == " ")):
            kept.append(piece)
    grouped = groupby(kept, key=lambda piece: piece.font)
    return tuple(Run("".join(piece.text for piece in group), font) for font, group in grouped)


def _as_seen(text: str) -> str:
    """Arabic letters in their joined forms, and what reads from the right turned round."""
    if not any(_reads_from_the_right(char) for char in text):
        return text
    turned = str(get_display(arabic_reshaper.reshape(text)))
    # Points follow their letter also in a line that is turned round.
    return str(_TURNED_MARKS.sub(lambda found: found[2] + found[1][::-1], turned))


def _reads_from_the_right(char: str) -> bool:
    return unicodedata.bidirectional(char) in {"R", "AL"}


def _piece(cluster: str) -> Run:
    """One letter with its marks, in the first font that has it, or what stands for it."""
    if len(cluster) == 1 and _opencv_has(cluster):
        return Run(cluster, None)
    # Joiners and selectors of a form need no letter of their own.
    asked = [char for char in cluster if not _is_invisible(char)]
    if not asked:
        return Run("", None)
    font = _font_with("".join(asked))
    if font is not None:
        return Run(cluster, font)
    if len(cluster) > 1:
        return _piece(asked[0])
    if unicodedata.category(cluster).startswith("S"):
        return Run(f"[{unicodedata.name(cluster, 'symbol').lower()}]", None)
    return Run("", None)


def _is_invisible(char: str) -> bool:
    variation = 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF
    return variation or unicodedata.category(char) in {"Cf", "Cc", "Cs", "Co", "Cn"}


@lru_cache(maxsize=8192)
def _opencv_has(char: str) -> bool:
    """Whether OpenCV draws a character as itself: it draws a question mark for others."""
    if char.isascii():
        return char.isprintable()
    if _is_invisible(char) or unicodedata.category(char).startswith("M"):
        return False
    drawn, missing = _drawn_by_opencv(char), _drawn_by_opencv("?")
    return char.isspace() or (bool(drawn.any()) and not np.array_equal(drawn, missing))


def _drawn_by_opencv(char: str) -> NDArray[np.uint8]:
    scene = np.zeros((48, 64), np.uint8)
    cv2.putText(scene, char, (8, 32), FACE, 1.0, 255, 1, cv2.LINE_AA)
    return scene


def _font_with(chars: str) -> str | None:
    """The file of the font that has all of some characters; None if there is none."""
    files, first = _fonts()
    number = int(first[ord(chars[0])])
    if number < 0:
        return None
    opened = ft2font.FT2Font(files[number])
    return files[number] if all(opened.get_char_index(ord(char)) for char in chars) else None


@lru_cache(maxsize=1)
def _fonts() -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Files of fonts, and for each of Unicode's code points the first that has it, or -1."""
    first = np.full(_CODES, -1, np.int16)
    files: list[str] = []
    for path in _font_files():
        try:
            codes = np.fromiter(ft2font.FT2Font(path).get_charmap(), np.int64)
            if not len(codes) or not _has_ink(path, codes):
                continue
        except (OSError, RuntimeError, ValueError):
            continue  # a broken file, or a kind that can't be drawn
        first[codes[first[codes] < 0]] = len(files)
        files.append(path)
    return tuple(files), first


def _font_files() -> list[str]:
    """Coloured emoji first, then DejaVu Sans, then upright fonts, then others."""
    # It writes a list of fonts into the user's folder when it is imported.
    from matplotlib import font_manager

    bundled = str(Path(get_data_path()) / "fonts/ttf/DejaVuSans.ttf")
    found = sorted(font_manager.findSystemFonts())
    emoji = [path for path in found if "emoji" in Path(path).name.lower()]
    rest = sorted(
        set(found) - set(emoji),
        key=lambda path: (bool(_SLANTED_OR_HEAVY.search(Path(path).name)), path),
    )
    return [*emoji, bundled, *rest][:_MOST_FONTS]


def _has_ink(path: str, codes: NDArray[np.int64]) -> bool:
    """Whether Pillow draws the font: it draws nothing of some newer kinds of emoji."""
    font = _font(path, PIXELS_PER_SCALE, basic=True)
    mode = "RGBA" if font.size in BITMAP_SIZES else "L"
    samples = codes[:: max(1, len(codes) // 8)]
    return any(font.getmask(chr(int(code)), mode).getbbox() is not None for code in samples)


@lru_cache(maxsize=64)
def _font(path: str, size: int, *, basic: bool) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels, or at its only size.

    Raises:
        OSError: A file without a font that Pillow reads.
    """
    opened = (_opened(path, pixels, basic=basic) for pixels in (size, *BITMAP_SIZES))
    font = next((font for font in opened if font is not None), None)
    if font is None:
        raise OSError(f"expected a font, got {path}")
    return font


def _opened(path: str, pixels: int, *, basic: bool) -> ImageFont.FreeTypeFont | None:
    engine = ImageFont.Layout.BASIC if basic else None
    try:
        return ImageFont.truetype(path, pixels, layout_engine=engine)
    except OSError:
        return None


def _font_for(run: Run, path: str, scale: float) -> tuple[ImageFont.FreeTypeFont, float]:
    """The font of a run, and by how much what it draws has to be enlarged."""
    size = max(8, round(PIXELS_PER_SCALE * scale))
    # What is turned round already must not be turned round again.
    font = _font(path, size, basic=any(map(_reads_from_the_right, run.text)))
    return font, size / font.size


def _run_width(run: Run, scale: float, thickness: int) -> int:
    if run.font is None:
        return int(cv2.getTextSize(run.text, FACE, scale, thickness)[0][0])
    font, enlarged = _font_for(run, run.font, scale)
    return max(1, round(font.getlength(run.text) * enlarged))


def _stamp(run: Run, path: str, scale: float, width: int) -> tuple[NDArray[np.uint8], int]:
    """A run on nothing: (h, width, 4) uint8 BGRA, and how many rows are above the baseline."""
    font, enlarged = _font_for(run, path, scale)
    ascent, descent = font.getmetrics()
    height = max(1, round((ascent + descent) * enlarged))
    stamp = Image.new("RGBA", (math.ceil(width / enlarged), ascent + descent), (255, 255, 255, 0))
    ImageDraw.Draw(stamp).text((0, 0), run.text, font=font, fill=WHITE, embedded_color=True)
    if enlarged != 1:
        stamp = stamp.resize((width, height), Image.Resampling.BOX)
    pixels = cv2.cvtColor(np.asarray(stamp), cv2.COLOR_RGBA2BGRA)
    return np.asarray(pixels, np.uint8), round(ascent * enlarged)


def _lay(scene: NDArray[np.uint8], stamp: NDArray[np.uint8], left: int, top: int) -> None:
    """Lay a BGRA stamp over a part of the scene."""
    height, width = scene.shape[:2]
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(width, left + stamp.shape[1]), min(height, top + stamp.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part: Any = scene[y0:y1, x0:x1]
    over = stamp[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32)
    alpha = over[..., 3:] / 255
    part[:] = np.round(over[..., :3] * alpha + part * (1 - alpha)).astype(np.uint8)
