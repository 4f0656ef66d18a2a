"""HEIC, as phones write their photographs: makes Pillow open it, once this is imported."""

from __future__ import annotations

from pillow_heif import register_heif_opener

# Pillow's name of the format.
HEIF = "HEIF"

# The primary image alone is shown, so nothing else of a file is read.
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
