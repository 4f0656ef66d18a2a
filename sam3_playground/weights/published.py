"""Meta's published files, by what is in them.

Only hashes that were compared with the file itself stand here: a file of another hash may be
Meta's too, of a version that this table does not know.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A file that Meta published.

    Attributes:
        name: For people.
        repository: Where on the hub, at which revision.
        byte_count: Its size.
        sha256: In hexadecimal, small letters.
        source: Who says so.
    """

    name: str
    repository: str
    revision: str
    byte_count: int
    sha256: str
    source: str


PUBLISHED = (
    Published(
        name="Meta's sam3.pt",
        repository="facebook/sam3",
        revision="3c879f39826c281e95690f02c7821c4de09afae7",
        byte_count=3_450_062_241,
        sha256="9999e2341ceef5e136daa386eecb55cb414446a00ac2b55eb2dfd2f7c3cf8c9e",
        source="the object that Hugging Face's facebook/sam3 and ModelScope's copy of it "
        "(commit 96f3e1b404ba14f2cfac60ee6ae87c269a7b7923) both name",
    ),
)


def published_by(sha256: str) -> Published | None:
    """The published file with this content; None where none that is known has it."""
    return next((it for it in PUBLISHED if it.sha256 == sha256), None)


def may_be_published(byte_count: int) -> bool:
    """Whether a file of this size can be one of them at all, so that hashing it is worth it."""
    return any(it.byte_count == byte_count for it in PUBLISHED)


def identity_of(name: str | None) -> str:
    """One sentence on whether a file is one of them.

    Args:
        name: Of the published file that it is; None if it is none that is known.
    """
    if name is not None:
        return f"this is {name}"
    known = " or ".join(it.name for it in PUBLISHED)
    files = "the one published file" if len(PUBLISHED) == 1 else "the published files"
    return f"this is not {known}, {files} whose SHA-256 is known here"
