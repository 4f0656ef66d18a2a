"""Colours are shown as the file's ICC profile means them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.images import decode_image
from tests.images.profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    SRGB,
    cmyk_profile,
    grey_profile,
    lab_to_srgb,
    rgb_profile,
    srgb_curve,
    srgb_encoded,
    to_xyz,
)

P3 = rgb_profile(DISPLAY_P3)
ADOBE = rgb_profile(ADOBE_RGB, gamma=2.2)
# As a viewer shows them; all lie inside the larger spaces.
COLOURS = np.array([[(255, 0, 0), (0, 160, 60), (30, 60, 220), (200, 150, 120)]], np.uint8)
FORMATS: list[tuple[str, dict[str, Any]]] = [
    ("PNG", {}),
    ("TIFF", {}),
    ("WEBP", {"lossless": True}),
    ("JPEG", {"quality": 100, "subsampling": 0}),
    ("AVIF", {"quality": 100, "subsampling": "4:4:4"}),
    ("HEIF", {"quality": -1, "chroma": 444, "matrix_coefficients": 0}),
]


def stored(primaries: tuple[tuple[float, float], ...], gamma: float | None) -> NDArray[np.uint8]:
    """COLOURS as the numbers of another space, by way of XYZ."""
    across = np.linalg.solve(to_xyz(primaries), to_xyz(SRGB))
    linear = np.clip(srgb_curve(COLOURS / 255) @ across.T, 0, 1)
    encoded = srgb_encoded(linear) if gamma is None else linear ** (1 / gamma)
    return np.round(encoded * 255).astype(np.uint8)


def meant(numbers: NDArray[Any], primaries: Any, gamma: float | None) -> NDArray[np.float64]:
    """What numbers of a space are in sRGB, 0 to 255."""
    linear = srgb_curve(numbers / 255) if gamma is None else (numbers / 255) ** gamma
    across = np.linalg.solve(to_xyz(SRGB), to_xyz(primaries))
    return srgb_encoded(linear @ across.T) * 255


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def shown(image: Image.Image, profile: bytes | None, kind: str = "PNG", **options: Any) -> Any:
    """The middle row as it is decoded, as ints."""
    image = image.resize((image.width * 32, image.height * 32), Image.Resampling.NEAREST)
    tagged = {} if profile is None else {"icc_profile": profile}
    return decode_image(written(image, kind, **tagged, **options)).pixels[16, 16::32].astype(int)


@pytest.mark.parametrize(("kind", "options"), FORMATS, ids=[case[0] for case in FORMATS])
@pytest.mark.parametrize(
    ("profile", "space"),
    [(P3, (DISPLAY_P3, None)), (ADOBE, (ADOBE_RGB, 2.2))],
    ids=["Display P3", "Adobe RGB"],
)
def test_a_wide_spaces_numbers_give_the_colours_they_mean(
    kind: str, options: dict[str, Any], profile: bytes, space: tuple[Any, Any]
) -> None:
    image = Image.fromarray(stored(*space))
    numbers = shown(image, None, kind, **options)
    assert np.abs(numbers - stored(*space)[0]).max() <= 2
    assert np.abs(numbers - COLOURS[0]).max() > 15
    colours = shown(image, profile, kind, **options)
    assert np.abs(colours - meant(numbers, *space)).max() <= 2
    assert np.abs(colours - COLOURS[0]).max() <= 6  # with compression's share


@pytest.mark.parametrize(
    "profile",
    [b"no profile", P3[:200], b"\xff" * 3000, P3[:128] + bytes(len(P3) - 128), cmyk_profile(
        np.zeros((2, 2, 2, 2, 3))
    ), grey_profile(1.0)],
    ids=["text", "truncated", "noise", "without tags", "of other channels", "of grey"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_profile_that_does_not_fit_changes_nothing(profile: bytes, kind: str) -> None:
    image = Image.fromarray(COLOURS)
    assert shown(image, profile, kind).tolist() == shown(image, None, kind).tolist()


def test_a_profile_of_srgb_changes_no_level() -> None:
    image = Image.fromarray(COLOURS)
    assert shown(image, rgb_profile(SRGB)).tolist() == COLOURS[0].tolist()


@pytest.mark.parametrize("mode", ["P", "RGBA", "L in RGB"])
def test_other_modes_have_profiles_too(mode: str) -> None:
    if mode == "L in RGB":
        greys = np.array([[0, 60, 200, 255]], np.uint8)
        assert shown(Image.fromarray(greys), ADOBE)[:, 0].tolist() == pytest.approx(
            srgb_encoded((greys[0] / 255) ** 2.2) * 255, abs=2
        )
        return
    image = Image.fromarray(stored(ADOBE_RGB, 2.2))
    image = image.quantize(4) if mode == "P" else image.convert(mode)
    assert np.abs(shown(image, ADOBE) - COLOURS[0]).max() <= 2


def test_transparent_parts_stay_white() -> None:
    image = Image.new("RGBA", (1, 1), (*stored(ADOBE_RGB, 2.2)[0, 0], 0))
    assert shown(image, ADOBE).tolist() == [[255, 255, 255]]


@pytest.mark.parametrize("deep", [False, True], ids=["8 bits", "16 bits"])
def test_grey_has_profiles_of_its_own(deep: bool) -> None:
    greys = np.array([[0, 64, 128, 255]])
    values = greys.astype(np.uint16) * 257 if deep else greys.astype(np.uint8)
    found = shown(Image.fromarray(values), grey_profile(1.0))
    assert found[:, 0].tolist() == pytest.approx(srgb_encoded(greys[0] / 255) * 255, abs=2)
    assert shown(Image.fromarray(values), None)[:, 0].tolist() == greys[0].tolist()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_what_its_inks_look_like(kind: str) -> None:
    """A printer whose full cyan is a mid grey-blue, and all else as dark as it has ink."""
    lab = np.zeros((2, 2, 2, 2, 3))
    lab[0, 0, 0, 0] = (100, 0, 0)
    lab[1, 0, 0, 0] = (60, -10, -30)
    inks = np.array([[(0, 0, 0, 0), (255, 0, 0, 0), (0, 0, 0, 255)]], np.uint8)
    image = Image.fromarray(inks, mode="CMYK")
    truth = np.array([(255, 255, 255), lab_to_srgb((60, -10, -30)) * 255, (0, 0, 0)])
    assert np.abs(shown(image, cmyk_profile(lab), kind) - truth).max() <= 3
    assert np.abs(shown(image, None, kind)[1] - (0, 255, 255)).max() <= 3


def test_lab_is_shown_without_a_profile() -> None:
    image = Image.frombytes("LAB", (1, 1), bytes([153, 256 - 10, 256 - 30]))
    assert shown(image, None, "TIFF")[0].tolist() == pytest.approx(
        lab_to_srgb((60, -10, -30)) * 255, abs=2
    )


def test_all_rows_are_of_one_profile() -> None:
    image = Image.new("RGB", (1100, 1200), tuple(stored(ADOBE_RGB, 2.2)[0, 1].tolist()))
    pixels = decode_image(written(image, "PNG", icc_profile=ADOBE)).pixels
    assert np.ptp(pixels.reshape(-1, 3), axis=0).tolist() == [0, 0, 0]
    assert pixels[-1, -1].tolist() == pytest.approx(COLOURS[0, 1], abs=2)
