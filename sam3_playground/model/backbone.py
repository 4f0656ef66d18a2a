"""The backbone, for inference and training: its trunk block by block, and its two necks apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from sam3_playground.model.package import import_sam3
from sam3_playground.model.shapes import ImageLevels


def image_levels(network: Any, images: Tensor) -> ImageLevels:
    """What the backbone makes of (B, 3, S, S) images with values in [-1, 1].

    Its trunk and its two necks, without the coarsest levels and the positions that the backbone's
    `forward_image` makes as well, for nobody.
    """
    trunk = network.backbone.vision_backbone.trunk(images)[-1]
    return ImageLevels(concept_neck(network, trunk), click_neck(network, trunk), trunk)


def trunk_features(network: Any, images: Tensor, block_done: Callable[[], None]) -> Tensor:
    """`ImageLevels.trunk` in inference, step by step.

    Args:
        network: The network.
        images: As `image_levels` takes them.
        block_done: Called after each of the trunk's blocks up to the last global one.
    """
    import_sam3()
    from sam3.model.vitdet import get_abs_pos

    trunk = network.backbone.vision_backbone.trunk
    patches = trunk.patch_embed(images)
    size = (patches.shape[1], patches.shape[2])
    patches = patches + get_abs_pos(
        trunk.pos_embed, trunk.pretrain_use_cls_token, size, tiling=trunk.tile_abs_pos
    )
    patches = trunk.ln_pre(patches)
    for block in trunk.blocks[: trunk.full_attn_ids[-1] + 1]:
        patches = block(patches)
        block_done()
    features: Tensor = trunk.ln_post(patches).permute(0, 3, 1, 2)
    return features


def concept_neck(network: Any, trunk: Tensor) -> tuple[Tensor, ...]:
    """`ImageLevels.concepts` of `ImageLevels.trunk`."""
    return _neck(network, network.backbone.vision_backbone.convs, trunk)


def click_neck(network: Any, trunk: Tensor) -> tuple[Tensor, ...]:
    """`ImageLevels.clicks` of `ImageLevels.trunk`; nothing without a click head."""
    return _neck(network, network.backbone.vision_backbone.sam2_convs or [], trunk)


def _neck(network: Any, convs: Any, trunk: Tensor) -> tuple[Tensor, ...]:
    return tuple(conv(trunk) for conv in convs[: max(len(convs) - network.backbone.scalp, 0)])
