"""From the image of a request to pixels: base64, URL, or an id that is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import anyio.to_thread

from sam3_playground.api.errors import InvalidFieldError, field
from sam3_playground.api.kept import KeptImage, KeptImages, names_alone
from sam3_playground.api.schemas import InferenceRequestImage
from sam3_playground.calls.images import base64_file
from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.images import decode_image
from sam3_playground.images.fetching import ImageFetcher


@dataclass(frozen=True, eq=False)
class LoadedFile:
    """An image on its way: kept pixels, or a file that is still to be decoded.

    Attributes:
        source: A digest of the text that it came from; empty for an id alone.
        kept: Pixels of an id that is known.
        data: The file behind a URL.
        text: The file as base64.
    """

    source: str
    kept: RgbImage | None = None
    data: bytes | None = None
    text: str | None = None


class ImageSource:
    """Images of requests, within the limits that the settings set."""

    def __init__(self, settings: Settings, fetcher: ImageFetcher, images: KeptImages) -> None:
        self._max_pixels = settings.max_pixels
        self._max_bytes = settings.max_image_bytes
        self._fetcher = fetcher
        self._images = images

    async def load(
        self, image: InferenceRequestImage, image_id: str | None, caller: str
    ) -> LoadedFile:
        """Look the id up, or fetch the URL. Nothing is decoded yet.

        Raises:
            InvalidFieldError: A URL that can't be fetched, or an unknown id without an image.
            ImageTooLargeError: A file above the limit.
        """
        source = None
        if image.value:
            # A large image takes longer to hash than others may wait for the event loop.
            source = await anyio.to_thread.run_sync(_digest, image)
        if image_id is not None:
            kept = self._images.get(caller, image_id, source)
            if kept is not None:
                return LoadedFile(source or "", kept=kept)
        if source is None or image.value is None:
            known = "none" if image_id is None else "an image_id that is not kept for this caller"
            raise InvalidFieldError(
                ("body", "image", "value"), f"expected a URL or base64 text, got {known}"
            )
        if image.type == "url":
            with field("image", "value"):
                return LoadedFile(source, data=await self._fetcher.fetch(image.value))
        return LoadedFile(source, text=image.value)

    def decode(self, file: LoadedFile, image_id: str | None, caller: str) -> RgbImage:
        """The pixels; kept under the id if there is one. Slow: for a worker thread.

        Raises:
            InvalidFieldError: Not base64, no image in it, a broken one.
            ImageTooLargeError: A file or an image above the limits.
        """
        if file.kept is not None:
            return file.kept
        with field("image", "value"):
            data = (
                file.data
                if file.text is None
                else base64_file(file.text, max_bytes=self._max_bytes)
            )
            image = decode_image(data or b"", max_pixels=self._max_pixels)
        if image_id is not None:
            self._images.put(caller, image_id, KeptImage(file.source, image))
        return image

    def keep(self, file: LoadedFile, image: RgbImage, image_id: str | None, caller: str) -> str:
        """Keep a decoded image for requests that name it alone.

        Returns:
            The id for them: the given one where it serves, or one made from the pixels.
        """
        if image_id is not None and names_alone(caller, image_id, image):
            return image_id  # `decode` has kept it
        self._images.put(caller, image.key, KeptImage(file.source, image))
        return image.key


def _digest(image: InferenceRequestImage) -> str:
    digest = hashlib.blake2b(image.type.encode(), digest_size=16)
    digest.update((image.value or "").encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
