"""What goes into the network's steps and comes out of them, with all shapes.

B is a number of images, P of concept prompts, N of visual ones, C the network's width, and g
patches along a side of the image.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class ImageLevels:
    """What the backbone makes of images.

    Attributes:
        concepts: (B, C, 4g, 4g), (B, C, 2g, 2g) and (B, C, g, g) features.
        clicks: The same for the click head.
        trunk: (B, V, g, g), what they are made of.
    """

    concepts: tuple[Tensor, ...]
    clicks: tuple[Tensor, ...]
    trunk: Tensor

    def float(self) -> ImageLevels:
        """All of it in float32; what is that already is not copied."""
        return ImageLevels(
            tuple(level.float() for level in self.concepts),
            tuple(level.float() for level in self.clicks),
            self.trunk.float(),
        )


@dataclass(frozen=True)
class Texts:
    """Encoded texts.

    Attributes:
        features: (L, P, C), L being the context's length.
        padding: (P, L) bool, True where there is no token.
    """

    features: Tensor
    padding: Tensor


@dataclass(frozen=True)
class Exemplars:
    """Example boxes of concepts, shorter lists padded; N is 0 where no concept has any.

    Attributes:
        boxes: (N, P, 4) float32 cxcywh, normalised to [0, 1].
        labels: (N, P) int64, 1 for positive, 0 for negative.
        padding: (P, N) bool, True where there is no box.
    """

    boxes: Tensor
    labels: Tensor
    padding: Tensor


@dataclass(frozen=True)
class DecoderLayer:
    """What one layer of the decoder answers; the `many_` ones in training with twin queries.

    Attributes:
        logits: (P, Q) of each query.
        boxes: (P, Q, 4) cxcywh, normalised.
        corners: The same boxes as xyxy.
        presence: (P,) logits of the concept being there at all.
        many_logits: (P, Q) of the one-to-many twins, or None.
        many_boxes: (P, Q, 4) of the twins, or None.
    """

    logits: Tensor
    boxes: Tensor
    corners: Tensor
    presence: Tensor
    many_logits: Tensor | None
    many_boxes: Tensor | None


@dataclass(frozen=True)
class Decoded:
    """The decoder's answer.

    Attributes:
        layers: In training all layers, the last one last; else that one alone.
        queries: (P, Q, C), what the last layer made of the queries, without their twins.
    """

    layers: tuple[DecoderLayer, ...]
    queries: Tensor


@dataclass(frozen=True)
class Segmented:
    """Masks of P prompts, and what they are the products of.

    Attributes:
        masks: (P, Q, 4g, 4g) logits of each query.
        semantic: (P, 4g, 4g) logits of the concept as a whole.
        pixels: (P, C, 4g, 4g), the embedding of each pixel.
        queries: (P, Q, C), what each query multiplies them with.
    """

    masks: Tensor
    semantic: Tensor
    pixels: Tensor
    queries: Tensor


@dataclass(frozen=True)
class Clicked:
    """The click head's answer: the single mask, then three candidates.

    Attributes:
        masks: (N, 4, 4g, 4g) logits.
        ious: (N, 4), predicted.
        presence: (N,) logits of an object being there.
    """

    masks: Tensor
    ious: Tensor
    presence: Tensor
