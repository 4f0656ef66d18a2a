"""Files, bytes and URLs into RGB pixels: one way in for every door."""

from sam3_playground.images.decoding import FORMATS, decode_image, open_image

__all__ = ["FORMATS", "decode_image", "open_image"]
