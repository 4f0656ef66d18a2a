"""Files, bytes and URLs into RGB pixels: one way in for every door."""

from sam3_playground.images.decoding import decode_image, open_image
from sam3_playground.images.formats import FORMATS

__all__ = ["FORMATS", "decode_image", "open_image"]
