"""What a file is by its first bytes, whatever its name says, before anything else is done."""

from __future__ import annotations

import json
import struct
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from sam3_playground.errors import CheckpointError

_HEAD_BYTES = 512
# The record at the end of a zip archive, and with the longest comment that it may have.
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22
_TAIL_BYTES = _ZIP_END_BYTES + 2**16
# The most that the safetensors library reads of a header, in bytes.
_MAX_HEADER = 100_000_000

_DOWNLOAD = "fetch it again"
_CONVERTED = "made for another program: take the .pt or .safetensors file that it was made from"

# What a file of another kind begins with, and what to say of it.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (
        b"version https://git-lfs",
        "a Git LFS pointer: fetch the file itself with `git lfs pull`",
    ),
    (b"GGUF", f"a GGUF file, {_CONVERTED}"),
    # ggml, ggmf, ggjt and ggla, as little-endian numbers.
    *((magic, f"a GGML file, {_CONVERTED}") for magic in (b"lmgg", b"fmgg", b"tjgg", b"algg")),
    (b"\x89HDF\r\n\x1a\n", f"an HDF5 file, {_CONVERTED}"),
    (b"\x93NUMPY", "an array of NumPy's"),
    (b"\x1f\x8b", "packed with gzip: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed with Zstandard: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "packed with 7-Zip: unpack it first"),
)
# What only the name tells: one of its makers gives GGML files a beginning of their own.
_SUFFIXES = {
    ".ggml": f"a GGML file, {_CONVERTED}",
    ".onnx": f"an ONNX file, {_CONVERTED}",
    ".tflite": f"a LiteRT file, {_CONVERTED}",
}
_PAGE = "is a web page: its download was answered with something else"
_WEB_PAGE = (b"<!doctype html", b"<html", b"<?xml")


class FileKind(Enum):
    """The kinds of files that are read."""

    SAFETENSORS = "safetensors"
    ZIP = "zip"  # torch's since 1.6
    PICKLE = "pickle"  # torch's before


def kind_of(path: Path) -> FileKind:
    """Which kind of file it is, by a few of its bytes.

    Raises:
        CheckpointError: None that is read, in words; or one that is shorter than it says.
    """
    if path.is_dir():
        raise CheckpointError(f"expected a checkpoint file, got the folder {shown_name(path)}")
    if not path.is_file():
        raise CheckpointError(f"expected a checkpoint file, got no file {shown_name(path)}")
    kind, size = _look(path)
    if isinstance(kind, str):
        raise not_read(path, kind, size=size)
    return kind


def fault_of(path: Path) -> str:
    """Why a file cannot be read, such as "is empty"; empty where its beginning promises weights."""
    kind, _ = _look(path)
    return kind if isinstance(kind, str) else ""


def _look(path: Path) -> tuple[FileKind | str, int | None]:
    """The kind or what is wrong instead, and the size in bytes where that tells something."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read(_TAIL_BYTES) if head.startswith(b"PK") else b""
            said = _safetensors_bytes(file, head)
    except OSError as error:
        reason = (error.strerror or "the disk fails").lower()
        return f"cannot be read: {reason}", None
    if not size:
        return "is empty", None
    if said is not None:
        cut = f"is truncated: {size:,} of {said:,} bytes came; {_DOWNLOAD}"
        return (cut if size < said else FileKind.SAFETENSORS), size
    if head.startswith(b"PK\x03\x04"):
        if len(tail) - tail.rfind(_ZIP_END) < _ZIP_END_BYTES or _ZIP_END not in tail:
            return f"is truncated: the archive's end is missing; {_DOWNLOAD}", size
        return FileKind.ZIP, size
    return (FileKind.PICKLE if _is_pickle(head) else _otherwise(path, head)), size


def shown_name(path: Path) -> str:
    """What a file is called in messages: its name alone, no folders."""
    return (path.name or path.absolute().name)[:200]


def not_read(path: Path, what: str, *, size: int | None = None) -> CheckpointError:
    """The error about a file that is none of those that are read."""
    bytes_said = "" if size is None else f" of {size:,} bytes"
    return CheckpointError(
        "expected a whole .pt or .safetensors checkpoint, "
        f"got {shown_name(path)}{bytes_said}, which {what}"
    )


def _safetensors_bytes(file: BinaryIO, head: bytes) -> int | None:
    """How many bytes a .safetensors file has by its header; None if it does not begin as one.

    Eight bytes hold the length of a JSON header, which follows, begins with a brace and has the
    places of all tensors behind it: https://github.com/huggingface/safetensors#format
    """
    if len(head) < 9 or head[8:9] != b"{":
        return None
    length: int = struct.unpack("<Q", head[:8])[0]
    if not 2 <= length <= _MAX_HEADER:
        return None
    file.seek(8)
    header = file.read(length)
    try:
        entries = json.loads(header)
        ends = [entry["data_offsets"][1] for entry in entries.values() if "data_offsets" in entry]
        return 8 + length + max([0, *map(int, ends)])
    except (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError):
        return 8 + length  # cut off, or broken, which reading it will say


def _is_pickle(head: bytes) -> bool:
    return len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5


def _otherwise(path: Path, head: bytes) -> str:
    suffix = path.suffix.lower()
    found = [
        *(f"is {what}" for magic, what in _MAGIC if head.startswith(magic)),
        *([_PAGE] if head.lstrip().lower().startswith(_WEB_PAGE) else []),
        *([f"is {_SUFFIXES['.tflite']}"] if head[4:8] == b"TFL3" else []),
        *([f"is {_SUFFIXES['.onnx']}"] if _is_onnx(head) else []),
        *(["is packed with tar: unpack it first"] if head[257:262] == b"ustar" else []),
        *([f"is {_SUFFIXES[suffix]}"] if suffix in _SUFFIXES else []),
        *(["is text"] if not any(byte < 9 for byte in head) else []),
        "is broken or of another kind",
    ]
    return found[0]


def _is_onnx(head: bytes) -> bool:
    """A protocol buffer that begins with a version, then a short text or the graph itself.

    `ModelProto` in https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
    """
    return len(head) > 3 and head[0] == 0x08 and 1 <= head[1] < 32 and head[2] in {0x12, 0x1A, 0x3A}
