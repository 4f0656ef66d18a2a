"""AV1: the size of its frames, from the sequence header.

Source: AV1 Bitstream & Decoding Process Specification, 4.10, 5.3 and 5.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sam3_playground.images.containers.boxes import MAX_BOXES, Reader
from sam3_playground.images.containers.words import DAMAGED, NO_PIXELS, TOO_EARLY
from sam3_playground.images.faults import BrokenImageError

_SEQUENCE_HEADER = 1
# More than the longest header has before the size.
_HEADER_BYTES = 512


def frame_size(content: bytes) -> tuple[int, int]:
    """(width, height) of the largest frame that open bitstream units may hold.

    Raises:
        BrokenImageError: They do not say it.
    """
    try:
        sizes = [
            _sequence_size(_Bits(unit))
            for kind, unit in _units(content)
            if kind == _SEQUENCE_HEADER
        ]
    except BrokenImageError as error:
        raise BrokenImageError(DAMAGED) from error
    if not sizes:
        raise BrokenImageError(NO_PIXELS)
    return max(sizes, key=lambda size: size[0] * size[1])


def _units(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The types of the units, and as much of their contents as is looked at."""
    reader = Reader(content, 0, len(content))
    for _ in range(MAX_BOXES):
        if reader.at >= reader.end:
            return
        head = reader.number(1)
        reader.number(head >> 2 & 1)  # the extension
        size = _leb128(reader) if head & 2 else reader.end - reader.at
        start = reader.at
        reader.number(size)
        yield head >> 3 & 15, content[start : start + min(size, _HEADER_BYTES)]
    raise BrokenImageError(DAMAGED)


def _leb128(reader: Reader) -> int:
    value = 0
    for number in range(8):
        byte = reader.number(1)
        value |= (byte & 127) << 7 * number
        if byte < 128:
            break
    return value


@dataclass
class _Bits:
    """Bits one after the other, the highest of each byte first."""

    data: bytes
    at: int = 0

    def number(self, count: int) -> int:
        """The next number of so many bits.

        Raises:
            BrokenImageError: It reaches over the end.
        """
        self.at += count
        if self.at > 8 * len(self.data):
            raise BrokenImageError(TOO_EARLY)
        whole = int.from_bytes(self.data, "big")
        return whole >> 8 * len(self.data) - self.at & (1 << count) - 1

    def unary(self) -> int:
        """How many zeros come before the next one, which is taken too."""
        count = 0
        while not self.number(1):
            count += 1
        return count


def _sequence_size(bits: _Bits) -> tuple[int, int]:
    """(width, height) of the largest frame that a sequence header allows."""
    bits.number(3 + 1)  # profile, still picture
    if bits.number(1):  # a reduced header
        bits.number(5)
    else:
        _skip_timing_and_points(bits)
    width_bits, height_bits = bits.number(4) + 1, bits.number(4) + 1
    return bits.number(width_bits) + 1, bits.number(height_bits) + 1


def _skip_timing_and_points(bits: _Bits) -> None:
    delay_bits = 0
    if bits.number(1):  # timing
        bits.number(32 + 32)
        if bits.number(1):  # equal intervals
            bits.number(min(bits.unary(), 32))
        if bits.number(1):  # a decoder model
            delay_bits = bits.number(5) + 1
            bits.number(32 + 5 + 5)
    delays = bits.number(1)
    for _ in range(bits.number(5) + 1):
        bits.number(12)
        if bits.number(5) > 7:
            bits.number(1)
        if delay_bits and bits.number(1):
            bits.number(2 * delay_bits + 1)
        if delays and bits.number(1):
            bits.number(4)
