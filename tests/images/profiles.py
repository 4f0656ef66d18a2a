"""ICC profiles made from the numbers in their standards: version 2, nothing optional."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

# The profile connection space's white, and the usual one of displays, as XYZ.
_D50 = np.array([0.9642, 1.0, 0.8249])
_D65 = np.array([0.95047, 1.0, 1.08883])
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)

# x and y of red, green and blue.
DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
SRGB = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))


def to_xyz(primaries: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """(3, 3) linear RGB under D65 -> XYZ under D65."""
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in primaries]).T
    matrix: NDArray[np.float64] = columns * np.linalg.solve(columns, _D65)
    return matrix


def srgb_curve(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Encoded -> linear, both 0 to 1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def srgb_encoded(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear -> encoded, both 0 to 1."""
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def lab_to_srgb(lab: tuple[float, float, float]) -> NDArray[np.float64]:
    """CIE Lab under D50 -> encoded sRGB, 0 to 1."""
    middle = (lab[0] + 16) / 116
    cubes = np.array([middle + lab[1] / 500, middle, middle - lab[2] / 200])
    xyz = _D50 * np.where(cubes > 6 / 29, cubes**3, (cubes - 4 / 29) * 3 * (6 / 29) ** 2)
    return srgb_encoded(np.linalg.solve(_adapted(SRGB), xyz))


def rgb_profile(primaries: tuple[tuple[float, float], ...], gamma: float | None = None) -> bytes:
    """A matrix profile; without a gamma its curve is sRGB's."""
    matrix = _adapted(primaries)
    tags = {f"{name}XYZ": _xyz(matrix[:, place]) for place, name in enumerate("rgb")}
    return _profile(b"RGB ", tags | {f"{name}TRC": _curve(gamma) for name in "rgb"})


def grey_profile(gamma: float) -> bytes:
    return _profile(b"GRAY", {"kTRC": _curve(gamma)})


def cmyk_profile(lab: NDArray[np.float64]) -> bytes:
    """A printer's profile by the Lab colours of its inks.

    Args:
        lab: (2, 2, 2, 2, 3) L, a, b of no and full cyan, magenta, yellow and black.
    """
    codes = np.stack([lab[..., 0] * 2.55, lab[..., 1] + 128, lab[..., 2] + 128], axis=-1)
    ramp = bytes(range(256))
    identity = (65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1" + struct.pack(">L4B9l", 0, 4, 3, 2, 0, *identity)
    table += ramp * 4 + np.round(codes).astype(np.uint8).tobytes() + ramp * 3
    return _profile(b"CMYK", {"A2B0": table}, kind=b"prtr", connection=b"Lab ")


def _adapted(primaries: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """(3, 3) linear RGB under D65 -> XYZ under D50."""
    scale = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ _D65))
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD @ to_xyz(primaries)
    return adapted


def _xyz(values: NDArray[np.float64]) -> bytes:
    return b"XYZ " + struct.pack(">L3l", 0, *np.round(values * 65536).astype(int).tolist())


def _curve(gamma: float | None) -> bytes:
    if gamma is not None:
        return b"curv" + struct.pack(">LLH", 0, 1, round(gamma * 256))
    table = np.round(srgb_curve(np.linspace(0.0, 1.0, 1024)) * 65535).astype(">u2")
    return b"curv" + struct.pack(">LL", 0, len(table)) + table.tobytes()


def _profile(
    space: bytes, tags: dict[str, bytes], *, kind: bytes = b"mntr", connection: bytes = b"XYZ "
) -> bytes:
    described = b"desc" + struct.pack(">LL", 0, 5) + b"test\0" + bytes(78)
    text = b"text" + bytes(4) + b"none\0"
    tags = {"desc": described, "cprt": text, "wtpt": _xyz(_D50), **tags}
    index, body = struct.pack(">L", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        index += name.encode() + struct.pack(">LL", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(">L4sL4s4s4s", 0, b"none", 0x02400000, kind, space, connection)
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    header += struct.pack(">3l", *np.round(_D50 * 65536).astype(int).tolist())
    whole = header.ljust(128, b"\0") + index + body
    return struct.pack(">L", len(whole)) + whole[4:]
