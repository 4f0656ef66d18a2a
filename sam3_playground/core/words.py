"""The words of concepts: where one ends and the next begins, and what is read of each."""

from __future__ import annotations

import re
import unicodedata

# Commas and semicolons as keyboards of several scripts type them, and the ends of lines.
SEPARATORS = ",;\n\r，；、､،؛"

_TO_COMMAS = str.maketrans(dict.fromkeys(SEPARATORS, ","))

# Seen by nobody, and for the network letters of their own: soft hyphen, spaces of no width,
# marks of direction. Joiners stay, which some scripts and emoji need.
_INVISIBLE = str.maketrans(
    dict.fromkeys(map(chr, [0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, 0xFEFF]))
)
# The full width forms of these are plain ones by then.
_AT_THE_END = ".,:;!?。、؟،؛۔।॥"
_CLOSING = dict(zip("\"'`«»“„‘‚([<「『《〈", "\"'`»«”“’‘)]>」』》〉", strict=True))
_ARTICLE = re.compile(r"(?:an?|the) (?=.)")


def split_concepts(text: str) -> list[str]:
    """The concepts that a person typed one after the other, in order; doubles stay.

    Returns:
        What stands between separators, stripped; empty parts are left out.
    """
    parts = (part.strip() for part in text.translate(_TO_COMMAS).split(","))
    return [part for part in parts if part]


def plain_words(text: str) -> str:
    """The text as the network reads it: what says nothing about what is meant is gone.

    Small letters in Unicode's compatibility form, one space between words and for underscores;
    no articles ahead, no punctuation at the end, no quotes or brackets around all of it. They
    go as long as something is left of it.

    Returns:
        Empty if nothing can be seen of the text.
    """
    # Small letters may have a compatibility form that the large ones have not.
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    text = text.translate(_INVISIBLE).replace("_", " ")
    text, before = " ".join(text.split()), ""
    while text != before:
        text, before = _without_trimmings(text) or text, text
    return text


def _without_trimmings(text: str) -> str:
    article = _ARTICLE.match(text)
    text = text[article.end() :] if article else text
    text = text.rstrip(_AT_THE_END).rstrip() or text
    inner = text[1:-1]
    if text and text[-1] == _CLOSING.get(text[0]) and not {text[0], text[-1]} & {*inner}:
        return inner.strip()
    return text


def shortened(text: str, *, most: int = 40) -> str:
    """The beginning of a text, for a message that names it."""
    return text if len(text) <= most else text[:most].rstrip() + "…"
