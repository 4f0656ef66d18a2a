"""Boxes of the ISO base media file format, which AVIF and JPEG 2000 are made of.

Source: ISO/IEC 14496-12, 4.2; ISO/IEC 15444-1, I.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sam3_playground.images.containers.words import TOO_EARLY
from sam3_playground.images.faults import BrokenImageError

# A file that holds more boxes in one box is made to keep a reader busy.
MAX_BOXES = 10_000


class Box(NamedTuple):
    """A box's type, and where its content begins and ends in the file."""

    kind: bytes
    start: int
    end: int


def boxes_in(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes from `start` to `end`, one after the other; the file's where neither is given.

    Raises:
        BrokenImageError: A box reaches out of what holds it.
    """
    end = len(data) if end is None else end
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return
        size = int.from_bytes(data[start : start + 4], "big")
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        elif size == 0:  # to the end
            size = end - start
        if size < head or start + size > end:
            raise BrokenImageError(TOO_EARLY)
        yield Box(data[start + 4 : start + 8], start + head, start + size)
        start += size


def box_in(data: bytes, kind: bytes, start: int = 0, end: int | None = None) -> Box:
    """The first box of a type.

    Raises:
        BrokenImageError: There is none.
    """
    for box in boxes_in(data, start, end):
        if box.kind == kind:
            return box
    raise BrokenImageError(TOO_EARLY)


@dataclass
class Reader:
    """Numbers one after the other, most significant byte first.

    Attributes:
        data: Where they stand.
        at: Where the next one begins.
        end: Where the last one ends.
    """

    data: bytes
    at: int
    end: int

    @classmethod
    def of(cls, data: bytes, box: Box) -> Reader:
        """A box's numbers."""
        return cls(data, box.start, box.end)

    def number(self, byte_count: int) -> int:
        """The next number; 0 of no bytes.

        Raises:
            BrokenImageError: It reaches over the end.
        """
        self.at += byte_count
        if self.at > self.end:
            raise BrokenImageError(TOO_EARLY)
        return int.from_bytes(self.data[self.at - byte_count : self.at], "big")
