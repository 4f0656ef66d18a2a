"""Colours of an image into sRGB, as its ICC profile describes them."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms

# A profile that moves no colour by more levels than this is sRGB by whatever name.
_UNSEEN = 1
# Colours of each channel that are tried for that.
_STEPS = 9
# What describes colours of pixels; others link devices or name single colours.
_CLASSES = {"scnr", "mntr", "prtr", "spac"}
# Profile's space -> Pillow's mode; colours without a space of their own are grey or RGB.
_MODES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK", "LAB": "LAB"}
# Modes whose colours are those of a screen.
_PLAIN_MODES = {"1", "L", "LA", "P", "RGB", "RGBA"}
_PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, TypeError, ValueError)


@dataclass(frozen=True, eq=False)
class ToSrgb:
    """A way into sRGB.

    Attributes:
        mode: The mode of pixels that go in.
        transform: What it does with them.
    """

    mode: str
    transform: ImageCms.ImageCmsTransform

    def apply(self, rows: Image.Image) -> Image.Image:
        """An opaque image, or some of its rows, as RGB."""
        return self.transform.apply(rows if rows.mode == self.mode else rows.convert(self.mode))


def to_srgb(image: Image.Image) -> ToSrgb | None:
    """What its profile does to an image's colours; None if it is sRGB already.

    None as well without a profile, with a broken one and with one of other channels than the
    image has: it is then shown as it would be without. Relative to white, with the darkest black
    mapped to black, as photo editors do it.
    """
    way = _described(image)
    return None if way is None or _changes_nothing(way) else way


def is_plainly_srgb(image: Image.Image) -> bool:
    """Whether there is no doubt about an image's colours: no profile, or one of sRGB."""
    if image.mode not in _PLAIN_MODES:
        return False
    way = _described(image)
    return "icc_profile" not in image.info if way is None else _changes_nothing(way)


def _described(image: Image.Image) -> ToSrgb | None:
    if image.mode == "LAB":
        # Lab needs no profile: its numbers are colours.
        return _way("LAB", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    data = image.info.get("icc_profile")
    if not isinstance(data, bytes) or not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        mode = _MODES.get(profile.profile.xcolor_space.strip().upper())
        if profile.profile.device_class not in _CLASSES or not _fits(mode, image):
            return None
        return _way(str(mode), profile)
    except _PROFILE_ERRORS:
        return None


def _fits(mode: str | None, image: Image.Image) -> bool:
    """Whether a profile for this mode is about such an image; grey is also three equal colours."""
    if mode is None or "CMYK" in {mode, image.mode}:
        return mode == image.mode
    grey = image.mode in {"1", "L", "LA", "La", "F", "I"} or image.mode.startswith("I;16")
    return mode == "RGB" or (mode == "L" and grey)


def _way(mode: str, profile: ImageCms.ImageCmsProfile) -> ToSrgb:
    return ToSrgb(
        mode,
        ImageCms.buildTransform(
            profile,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        ),
    )


def _changes_nothing(way: ToSrgb) -> bool:
    if way.mode != "RGB":
        return False
    levels = np.linspace(0, 255, _STEPS).astype(np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(_STEPS, -1, 3)
    changed = np.asarray(way.apply(Image.fromarray(colours)))
    return bool(np.abs(changed.astype(int) - colours).max() <= _UNSEEN)
