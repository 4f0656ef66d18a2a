"""What a stage of training is."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.mixes import FOR_TRAINING, Mix


@dataclass(frozen=True)
class LossWeights:
    """Factors of the losses; 0 leaves a part of the network out of the forward pass."""

    probe: float = 0.0  # kind and colour of each patch, read off the trunk
    contrast: float = 0.0  # neck features of an object against the encoded names
    token: float = 0.0  # the prompt's own mask, read off the fusion encoder
    detection: float = 0.0  # classes, boxes and presence of the queries
    mask: float = 0.0  # masks of matched queries, and of the concept as a whole
    click: float = 0.0  # the click head


@dataclass(frozen=True)
class Stage:
    """One stretch of training.

    Attributes:
        images: How many scenes are seen in all (all processes together).
        image_size: Side of the scenes in pixels. The weights are those of any size; small
            scenes cost less while there is much to learn from each.
        batch: Scenes in one step of one process.
        prompts: Concept prompts for each scene.
        objects: Objects of each scene that are clicked.
        one_to_many: Teach each object to several queries as well, in a branch of its own
            (DAC-DETR). It finds boxes sooner, and then keeps the queries from agreeing on
            one of them.
        settling: Teach one query to be sure of an object, rather than several half sure.
        on_objects: Let the class loss of queries that stand on any object weigh more, not only
            of those about which a negative box decides.
        mix: Which prompts are drawn.
        confusing: Share of the scenes that are drawn to confuse, of shapes.
        crowded: The same of pictures, several of each.
        backbone_kept: Leave what is seen in images and read in words as it is, and clicks with
            it, and teach only what is made of both, which takes less time.
        masked: Prompts of a step, at most, whose masks are taught; None teaches all.
        learning_rate: Peak; reached after `warmup` steps, then kept, or brought to a
            hundredth by a cosine where `cosine` is set.
    """

    name: str
    images: int
    image_size: int
    batch: int
    weights: LossWeights
    prompts: int = 0
    objects: int = 0
    one_to_many: bool = False
    settling: bool = False
    on_objects: bool = False
    mix: Mix = FOR_TRAINING
    confusing: float = 0.0
    crowded: float = 0.0
    backbone_kept: bool = False
    masked: int | None = None
    learning_rate: float = 8e-4
    warmup: int = 100
    cosine: bool = False
