"""Reading what the page wants to save, which is untrusted JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sam3_playground.errors import ImageTooLargeError, InvalidInputError, UploadGoneError
from sam3_playground.formats.exports import EXPORTS, Export, named_exports
from sam3_playground.formats.names import folded, safe_places
from sam3_playground.server.validation import expected_and_got
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.state import read_ask

# What is sent at a time: with words alone an ask takes about a kilobyte.
MAX_IMAGES = 500
MAX_BYTES = 2**23
MAX_NAME_LENGTH = 1024


class _Image(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    ask: Any
    name: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    images: Annotated[list[_Image], Field(min_length=1, max_length=MAX_IMAGES)]
    formats: Annotated[
        list[Annotated[str, Field(max_length=64)]],
        Field(min_length=1, max_length=len(EXPORTS)),
    ]


@dataclass(frozen=True, eq=False)
class WantedImage:
    """An image with what is asked of it.

    Attributes:
        ask: The page's state about it.
        upload: The id of its upload, of the right form.
        name: What it is called in files, a name of its own.
        place: The place of its own files, without suffix: safe, and no other image's.
    """

    ask: Ask
    upload: str
    name: str
    place: str


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be saved.

    Attributes:
        images: One or more.
        exports: The formats, one or more, by their names.
    """

    images: tuple[WantedImage, ...]
    exports: Mapping[str, Export]

    @property
    def classes(self) -> list[str]:
        """The label of every instance that there can be, each once."""
        asked = [request for image in self.images for request in image.ask.requests]
        return list(dict.fromkeys(label for request in asked for label in request.labels))

    def gone(self, path_of: Callable[[str], Path]) -> list[int]:
        """The places of the images whose uploads are not there any more.

        Raises:
            InvalidInputError: The id of something else than an upload.
        """
        places = []
        for place, image in enumerate(self.images):
            try:
                path_of(image.upload)
            except UploadGoneError:  # noqa: PERF203 (all of them are named)
                places.append(place)
        return places


def read_wanted(body: bytes | None) -> Wanted:
    """What a request's body asks for.

    Args:
        body: None where it was longer than MAX_BYTES.

    Raises:
        ImageTooLargeError: It was longer.
        InvalidInputError: It has another form, or one of its asks is wrong: it says which.
    """
    if body is None:
        raise ImageTooLargeError(
            f"expected images and their prompts in at most {MAX_BYTES:,} bytes, got more: "
            "save fewer at a time"
        )
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            "expected images and formats as JSON, got something else"
        ) from error
    if not isinstance(values, dict):
        raise InvalidInputError('expected {"images": [...], "formats": [...]}, got something else')
    try:
        wish = _Wish.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidInputError(f"{where}: {expected_and_got(dict(first))}") from error
    names = [_file_name(image.name) for image in wish.images]
    places = safe_places([PurePosixPath(name) for name in names])
    return Wanted(
        tuple(
            _wanted_image(image.ask, name, place, alone=len(names) == 1)
            for image, name, place in zip(
                wish.images, _told_apart(names, places), places, strict=True
            )
        ),
        named_exports(wish.formats),
    )


def _wanted_image(value: object, name: str, place: str, *, alone: bool) -> WantedImage:
    try:
        ask = read_ask(value)
    except InvalidInputError as error:
        raise error if alone else InvalidInputError(f"{name}: {error}") from error
    if ask.image is None:
        raise InvalidInputError(f"{name}: expected an image, got none: open one first")
    return WantedImage(ask, ask.image, name, place)


def _file_name(name: str) -> str:
    """The last part of a path, of whichever system, without what cannot be seen."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(letter if letter.isprintable() else "_" for letter in last) or "image"


def _told_apart(names: Sequence[str], places: Sequence[str]) -> list[str]:
    """The names; of equal ones all but the first like their places."""
    taken: set[str] = set()
    found = []
    for name, place in zip(names, places, strict=True):
        own = f"{place}{PurePosixPath(name).suffix}" if folded(name) in taken else name
        taken.add(folded(own))
        found.append(own)
    return found
