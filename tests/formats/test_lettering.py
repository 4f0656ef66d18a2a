"""Letters are drawn in the order in which they are read, by a font that has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib import font_manager
from PIL import Image, ImageFont

from sam3_playground.formats import lettering
from sam3_playground.formats.lettering import runs_of, text_size, write


def forget() -> None:
    lettering._fonts.cache_clear()
    lettering.runs_of.cache_clear()


@pytest.fixture
def bundled_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine without a font."""
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    forget()
    yield
    forget()


def seen(text: str) -> str:
    return "".join(run.text for run in runs_of(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("red cat 0.87", "red cat 0.87"),
        ("猫が 고양이", "猫が 고양이"),
        ("قطة", "\ufe94\ufec4\ufed7"),  # final, medial and initial form, the first on the right
        ("قطة 0.87", "0.87 \ufe94\ufec4\ufed7"),
        ("חתול", "לותח"),
        ("שָׁלוֹם", "םוֹלשָׁ"),  # points stay behind their letters
        ("cat חתול \u200e0.87", "cat לותח 0.87"),
        ("x\u0302 e\u0301", "x\u0302 é"),
        ("a\u200bb\n c\ue000", "ab c"),
        ("what?", "what?"),
        ("\ud800 קטן", "ןטק"),
        ("", ""),
    ],
)
def test_texts_as_they_are_seen(text: str, expected: str) -> None:
    assert seen(text) == expected


@pytest.mark.usefixtures("bundled_fonts")
def test_what_no_font_has_is_named_or_left_out() -> None:
    assert seen("a 🦊 0.87") == "a [fox face] 0.87"
    assert seen("ไทย 0.87") == "0.87"
    assert seen("a ไทย b") == "a b"
    assert seen("🐱 🦊\u200d🦊") == "🐱 [fox face]"  # DejaVu Sans has the cat


@pytest.mark.parametrize(
    "text",
    ["🐱 cat", "قطة سوداء", "ไทย 🦊 बिल्ली", "☃★✓ \U0001d4d0 \u1200", "👨\u200d👩\u200d👧 🇩🇪"],
)
def test_no_letter_is_drawn_as_a_question_mark_or_a_box(text: str) -> None:
    question = lettering._drawn_by_opencv("?")
    for run in runs_of(text):
        for char in run.text:
            if run.font is None:
                assert not np.array_equal(lettering._drawn_by_opencv(char), question), char
            elif not lettering._is_invisible(char):
                # A font draws the same for all that it lacks, U+FFFF for certain.
                size = lettering._font(run.font, 28, basic=True).size
                font = ImageFont.truetype(run.font, size)
                drawn, box = (bytes(font.getmask(it)) for it in (char, "\uffff"))
                assert drawn != box, char


def test_the_size_is_what_is_drawn() -> None:
    for text in ("🐱 cat", "قطة سوداء", "red", "猫 🐱"):
        scene = np.zeros((120, 600, 3), np.uint8)
        write(scene, text, 20, 80, scale=1.5, thickness=1, below=20)
        width, height = text_size(text, 1.5, 1)
        box = Image.fromarray(scene).getbbox()
        assert box is not None
        assert 15 <= box[0] <= 30, text
        assert width - 10 <= box[2] - 20 <= width + 4, text
        assert 80 - height - 8 <= box[1], text


def test_texts_beyond_the_edges_are_cut_off() -> None:
    for left, baseline in ((-30, 20), (90, 20), (10, 0), (10, 70), (-900, 20), (900, 900)):
        scene = np.zeros((60, 100, 3), np.uint8)
        write(scene, "🐱 قطة 猫", left, baseline, scale=1.0, thickness=1, below=10)
        assert scene.any() == (abs(left) < 100), (left, baseline)


def test_fonts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def find() -> list[str]:
        asked.append(1)
        return []

    monkeypatch.setattr(font_manager, "findSystemFonts", find)
    forget()
    for text in ("🐱", "قطة", "ไทย", "🦊"):
        text_size(text, 1.0, 1)
    forget()
    assert len(asked) == 1


def test_plain_texts_need_no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> list[str]:
        raise AssertionError("expected no search for fonts")

    monkeypatch.setattr(font_manager, "findSystemFonts", never)
    forget()
    assert [run.font for run in runs_of("red cat, 猫, кот")] == [None]
    with pytest.raises(AssertionError):
        runs_of("🐱")
    forget()


def test_a_broken_font_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = [tmp_path / "NotoColorEmoji.ttf", tmp_path / "missing emoji.ttf"]
    broken[0].write_bytes(b"\0\1\0\0 no font")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(path) for path in broken])
    forget()
    fonts = [run.font for run in runs_of("🐱")]
    forget()
    assert len(fonts) == 1
    assert str(fonts[0]).endswith("DejaVuSans.ttf")
