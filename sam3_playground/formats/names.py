"""Names of files that every file system takes, and that stay apart on each of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePath

# Of 255 that file systems take; a suffix and a number follow.
MAX_NAME_BYTES = 120

# What Windows keeps for itself, with any suffix too (learn.microsoft.com, "Naming Files, Paths,
# and Namespaces").
_RESERVED = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)
_FORBIDDEN = frozenset('<>:"/\\|?*')
# Marks of direction show a name as another one; joiners, which emoji and some scripts need, stay.
_DIRECTIONS = frozenset(map(chr, [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F)])) | frozenset(
    map(chr, range(0x2066, 0x206A))
)
# Control characters, halves of pairs, ends of lines and of paragraphs.
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


def safe_name(text: str, *, otherwise: str = "unnamed") -> str:
    """The text as a file's or folder's name without its suffix, in any script.

    Separators and what Windows forbids become underscores, and so do control characters. Dots
    and spaces around it go, and so does what is beyond MAX_NAME_BYTES of UTF-8.

    Args:
        text: Anything.
        otherwise: What it is called where nothing is left.
    """
    text = unicodedata.normalize("NFC", text)
    text = "".join("_" if _is_unsafe(letter) else letter for letter in text)
    encoded = text.strip(". ").encode("utf-8")[:MAX_NAME_BYTES]
    text = encoded.decode("utf-8", errors="ignore").strip(". ")
    if _RESERVED.fullmatch(text):
        text = f"_{text}"
    return text or otherwise


def _is_unsafe(letter: str) -> bool:
    return letter in _FORBIDDEN or letter in _DIRECTIONS or unicodedata.category(letter) in _UNSEEN


def safe_names(texts: Iterable[str]) -> list[str]:
    """A safe name for each text, in order, equal ones with a number behind."""
    return distinct([("", safe_name(text)) for text in texts])


def safe_places(paths: Sequence[PurePath]) -> list[str]:
    """For each file a place without its suffix, in folders like its own; all are different.

    Args:
        paths: Relative ones; what leads upwards becomes a name like others.
    """
    return distinct(
        [
            ("".join(f"{safe_name(part)}/" for part in path.parts[:-1]), safe_name(path.stem))
            for path in paths
        ]
    )


def distinct(names: Sequence[tuple[str, str]]) -> list[str]:
    """Folder and name put together, equal ones with a number behind: `a`, `a-2`.

    They are equal too where only some file systems tell them apart: by the case of their
    letters, or by how accents are composed.
    """
    taken: set[str] = set()
    found = []
    for folder, name in names:
        place, number = folder + name, 1
        while folded(place) in taken:
            number += 1
            place = f"{folder}{name}-{number}"
        taken.add(folded(place))
        found.append(place)
    return found


def folded(name: str) -> str:
    """What file systems that ignore case and composition compare."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
