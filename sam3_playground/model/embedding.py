"""One image as the network sees it: plain tensors, to be kept or sent anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Embedding:
    """What prompts need of an image, concept and visual ones alike.

    It pickles, in its own size, and holds for every process with the same weights. It lies on
    the device of the runner that made it, on CUDA too, until `cpu` is asked for; what is pickled
    on CUDA needs CUDA to be read.

    Attributes:
        image_size: (height, width) of the image in pixels.
        level: (1, C, g, g), the coarsest of the concepts' levels.
        patches: (1, g * g, C), the same from `FusionEncoder.image_features`.
        masks: From `MaskHead.image_features`.
        clicks: From `calls.click_levels`; before an image's first visual prompt the one that
            they are made of, `ImageLevels.trunk`. Nothing where the network has no click head.
    """

    image_size: tuple[int, int]
    level: Tensor
    patches: Tensor
    masks: tuple[Tensor, ...]
    clicks: tuple[Tensor, ...]

    @property
    def takes_clicks(self) -> bool:
        """Whether visual prompts find all that they need: see `Runner.with_clicks`."""
        return len(self.clicks) > 1

    @property
    def byte_count(self) -> int:
        """Memory that its tensors hold."""
        return tensor_bytes(self._tensors())

    def to(self, device: torch.device) -> Embedding:
        """The same on a device; itself where it lies there already."""
        if all(tensor.device == device for tensor in self._tensors()):
            return self
        return Embedding(
            self.image_size,
            self.level.to(device),
            self.patches.to(device),
            tuple(level.to(device) for level in self.masks),
            tuple(level.to(device) for level in self.clicks),
        )

    def for_concepts(self) -> Embedding:
        """What concepts need of it, without the rest: less to send."""
        return replace(self, clicks=())

    def for_clicks(self) -> Embedding:
        """What visual prompts need of it, without the rest: less to send."""
        nothing = self.level.new_empty(0)
        return replace(self, level=nothing, patches=nothing, masks=())

    def cpu(self) -> Embedding:
        """The same in the computer's own memory."""
        return self.to(torch.device("cpu"))

    def _tensors(self) -> Iterator[Tensor]:
        yield self.level
        yield self.patches
        yield from self.masks
        yield from self.clicks


def tensor_bytes(tensors: Iterable[Tensor]) -> int:
    """Bytes that tensors hold: of the whole storages that they are parts of, each once."""
    storages = (tensor.untyped_storage() for tensor in tensors)
    return sum({one.data_ptr(): one.nbytes() for one in storages}.values())
