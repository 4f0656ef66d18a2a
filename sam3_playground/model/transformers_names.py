"""The names that the transformers library gives SAM 3's tensors, part by part.

Written after `Sam3VideoModel` of transformers 5.24, without the `detector_model.` of its names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sam3_playground.model.parts import CLICK_HEAD, CLICK_NECK

Rename: TypeAlias = "tuple[str, str | Callable[[re.Match[str]], str]]"

_TRUNK = "backbone.vision_backbone.trunk."
_TEXT = "backbone.language_backbone.encoder."
# The click head's small networks, each of three layers.
_CLICK_MLPS = r"^((?:output_hypernetworks_mlps\.\d+|iou_prediction_head|pred_obj_score_head)\.)"


def _one_less(match: re.Match[str]) -> str:
    return f".layers.{int(match[1]) - 1}."


_NECK: tuple[Rename, ...] = (
    (r"^(\d+)\.proj1\.", r"\1.conv_1x1."),
    (r"^(\d+)\.proj2\.", r"\1.conv_3x3."),
    (r"^0\.scale_layers\.0\.", "0.dconv_2x2_0."),
    (r"^0\.scale_layers\.2\.", "0.dconv_2x2_1."),
    (r"^1\.scale_layers\.0\.", "1.dconv_2x2."),
)
_FEEDFORWARD: tuple[Rename, ...] = ((r"\.mlp\.fc([12])\.", r".linear\1."),)
_OUT: tuple[Rename, ...] = ((r"\.o_proj\.", ".out_proj."),)
_COUNTED: tuple[Rename, ...] = ((r"\.layer(\d+)\.", _one_less),)


@dataclass(frozen=True)
class Section:
    """A part of the model: what its names begin with, here and there, and the rest of them.

    Attributes:
        theirs: How names of transformers begin.
        ours: How the package's begin.
        renames: Patterns and what takes their place, one after the other, in the rest.
        joined: How the package calls attention's projections in one; None leaves them apart.
    """

    theirs: str
    ours: str
    renames: tuple[Rename, ...] = ()
    joined: str | None = "in_proj_"

    def rename(self, inner: str) -> str:
        """The package's name for what follows `theirs`."""
        for pattern, new in self.renames:
            inner = re.sub(pattern, new, inner)
        return self.ours + inner


# The first that fits is taken.
SECTIONS = (
    Section(
        "vision_encoder.backbone.",
        _TRUNK,
        (
            (r"^embeddings\.patch_embeddings\.projection\.", "patch_embed.proj."),
            (r"^embeddings\.position_embeddings$", "pos_embed"),
            (r"^layer_norm\.", "ln_pre."),
            (r"^layers\.", "blocks."),
            (r"\.layer_norm([12])\.", r".norm\1."),
            (r"\.attention\.o_proj\.", ".attn.proj."),
            (r"\.attention\.", ".attn."),
        ),
        joined="qkv.",
    ),
    Section("vision_encoder.neck.fpn_layers.", "backbone.vision_backbone.convs.", _NECK),
    Section("tracker_neck.fpn_layers.", CLICK_NECK, _NECK),
    *(
        Section(
            beginning,
            _TEXT,
            (
                (r"^embeddings\.token_embedding\.", "token_embedding."),
                (r"^embeddings\.position_embedding\.weight$", "positional_embedding"),
                (r"^final_layer_norm\.", "ln_final."),
                (r"^encoder\.layers\.", "transformer.resblocks."),
                (r"\.self_attn\.", ".attn."),
                (r"\.layer_norm([12])\.", r".ln_\1."),
                (r"\.mlp\.fc1\.", ".mlp.c_fc."),
                (r"\.mlp\.fc2\.", ".mlp.c_proj."),
                (r"^text_projection\.weight$", "text_projection"),
            ),
        )
        for beginning in ("text_encoder.text_model.", "text_encoder.")
    ),
    Section("text_projection.", "backbone.language_backbone.resizer."),
    Section(
        "geometry_encoder.",
        "geometry_encoder.",
        (
            (r"^vision_layer_norm\.", "img_pre_norm."),
            (r"^prompt_layer_norm\.", "norm."),
            (r"^output_layer_norm\.", "encode_norm."),
            (r"^layers\.", "encode."),
            (r"\.cross_attn\.", ".cross_attn_image."),
            (r"\.layer_norm([123])\.", r".norm\1."),
            *_FEEDFORWARD,
            *_OUT,
        ),
    ),
    Section(
        "detr_encoder.",
        "transformer.encoder.",
        (
            (r"\.cross_attn\.", ".cross_attn_image."),
            (r"\.layer_norm([123])\.", r".norm\1."),
            *_FEEDFORWARD,
            *_OUT,
        ),
    ),
    Section(
        "detr_decoder.",
        "transformer.decoder.",
        (
            (r"\.vision_cross_attn_layer_norm\.", ".norm1."),
            (r"\.text_cross_attn_layer_norm\.", ".catext_norm."),
            (r"\.self_attn_layer_norm\.", ".norm2."),
            (r"\.mlp_layer_norm\.", ".norm3."),
            (r"\.vision_cross_attn\.", ".cross_attn."),
            (r"\.text_cross_attn\.", ".ca_text."),
            (r"^box_head\.", "bbox_embed."),
            (r"^presence_head\.", "presence_token_head."),
            (r"^box_rpb_embed_([xy])\.", r"boxRPB_embed_\1."),
            (r"^presence_layer_norm\.", "presence_token_out_norm."),
            (r"^output_layer_norm\.", "norm."),
            *_COUNTED,
            *_FEEDFORWARD,
            *_OUT,
        ),
    ),
    Section(
        "dot_product_scoring.",
        "dot_prod_scoring.",
        (
            (r"^text_mlp\.", "prompt_mlp."),
            (r"^text_mlp_out_norm\.", "prompt_mlp.out_norm."),
            (r"^text_proj\.", "prompt_proj."),
            (r"^query_proj\.", "hs_proj."),
            *_COUNTED,
        ),
    ),
    Section(
        "mask_decoder.",
        "segmentation_head.",
        (
            (r"^mask_embedder\.", "mask_predictor.mask_embed."),
            (r"^instance_projection\.", "instance_seg_head."),
            (r"^semantic_projection\.", "semantic_seg_head."),
            (r"^prompt_cross_attn_norm\.", "cross_attn_norm."),
            (r"^prompt_cross_attn\.", "cross_attend_prompt."),
            *_OUT,
        ),
    ),
    Section(
        "tracker_model.prompt_encoder.",
        f"{CLICK_HEAD}sam_prompt_encoder.",
        (
            (
                r"^shared_embedding\.positional_embedding$",
                "pe_layer.positional_encoding_gaussian_matrix",
            ),
            *(
                (rf"^mask_embed\.{name}\.", f"mask_downscaling.{place}.")
                for place, name in (
                    (0, "conv1"),
                    (1, "layer_norm1"),
                    (3, "conv2"),
                    (4, "layer_norm2"),
                    (6, "conv3"),
                )
            ),
        ),
        joined=None,
    ),
    Section(
        "tracker_model.mask_decoder.",
        f"{CLICK_HEAD}sam_mask_decoder.",
        (
            (r"^upscale_conv1\.", "output_upscaling.0."),
            (r"^upscale_layer_norm\.", "output_upscaling.1."),
            (r"^upscale_conv2\.", "output_upscaling.3."),
            (r"\.mlp\.proj_in\.", ".mlp.lin1."),
            (r"\.mlp\.proj_out\.", ".mlp.lin2."),
            (r"\.layer_norm([1234])\.", r".norm\1."),
            (r"\.layer_norm_final_attn\.", ".norm_final_attn."),
            (rf"{_CLICK_MLPS}layers\.0\.", r"\1layers.1."),
            (rf"{_CLICK_MLPS}proj_in\.", r"\1layers.0."),
            (rf"{_CLICK_MLPS}proj_out\.", r"\1layers.2."),
            *_OUT,
        ),
        joined=None,
    ),
    Section("tracker_model.no_memory_embedding", f"{CLICK_HEAD}no_mem_embed", joined=None),
)
