"""What the page asks for: its whole state as one immutable value.

The page sends all it shows with every change. What has to be computed anew, and what is
kept, is decided in Python by comparing values, so a request that got lost or came twice does
no harm.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sam3_playground.core.nms import DEFAULT_NMS, Nms
from sam3_playground.core.requests import ConceptRequest, Request, VisualRequest
from sam3_playground.formats.picture import RenderStyle

Mode = Literal["concepts", "objects"]


@dataclass(frozen=True)
class Row:
    """A concept or an object of the page.

    Attributes:
        id: Its name among all of the page's life.
        slot: Its place in the palette.
        label: What it is called.
        is_object: Whether it is one object by clicks and a box, and no concept.
    """

    id: str
    slot: int
    label: str
    is_object: bool = False


@dataclass(frozen=True, eq=False)
class Ask:
    """One state of the page.

    Attributes:
        serial: The page's own count, given back with the answer.
        mode: Which tab is open.
        image: The id of an upload; None without an image.
        preview: Whether the page shows the server's picture of the upload, and has none yet.
        concepts: What is asked by words and example boxes; None without a prompt.
        objects: What is asked by clicks and boxes, one object each; None without a prompt.
        rows: The concepts, then the objects, in the order shown, those without a prompt too.
        active: The id of the object or corrected instance that is being worked on; None without
            one.
        nms: The suppression that is chosen.
        style: What is drawn.
        hidden: The ids of instances that are not drawn.
    """

    serial: int
    mode: Mode = "concepts"
    image: str | None = None
    preview: bool = False
    concepts: ConceptRequest | None = None
    objects: VisualRequest | None = None
    rows: tuple[Row, ...] = ()
    active: str | None = None
    nms: Nms = DEFAULT_NMS
    style: RenderStyle = field(default_factory=RenderStyle)
    hidden: frozenset[str] = frozenset()

    @property
    def open_request(self) -> Request | None:
        """What the open tab asks; what the other one does where that asks nothing."""
        if self.mode == "concepts":
            return self.concepts or self.objects
        return self.objects or self.concepts

    @property
    def requests(self) -> tuple[Request, ...]:
        """All that is asked of the image."""
        return tuple(one for one in (self.concepts, self.objects) if one is not None)
