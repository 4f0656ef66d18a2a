"""SAM 3's image model with its click head, built from the `sam3` package's own classes.

The package's builder fixes every size and allocates on a CUDA device. Here the same classes
get their sizes from a `NetworkConfig` and nothing is allocated outside the CPU; three small
subclasses stand where a size or a device is a literal inside a class. With the published
configuration, names, shapes and order of the parameters are those of
`sam3.model_builder.build_sam3_image_model(enable_inst_interactivity=True)`.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import Any

import torchvision
from torch import Tensor, nn

from sam3_playground.model.click_head import build_click_predictor
from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.package import import_sam3
from sam3_playground.model.tokenizer import build_tokenizer
from sam3_playground.model.valueless import without_values


def build_network(config: NetworkConfig, *, valueless: bool = False) -> Any:
    """A `sam3.model.sam3_image.Sam3Image` of the given sizes, on the CPU, in eval mode.

    Args:
        config: The sizes.
        valueless: Leave its parameters, which else are random, without values and memory: to
            load a checkpoint into, before anything else is done with it.
    """
    with without_values() if valueless else nullcontext():
        return _build_network(config)


def _build_network(config: NetworkConfig) -> Any:
    sam3 = import_sam3()
    network = sam3.Sam3Image(
        backbone=sam3.SAM3VLBackbone(
            visual=_build_vision(config), text=_build_text(config), scalp=1
        ),
        transformer=_build_transformer(config),
        input_geometry_encoder=_build_geometry_encoder(config),
        segmentation_head=_build_segmentation_head(config),
        num_feature_levels=1,
        o2m_mask_predict=True,
        dot_prod_scoring=_build_scoring(config),
        use_instance_query=False,
        multimask_output=True,
        inst_interactive_predictor=build_click_predictor(
            config, _position_encoding(config.memory_width)
        ),
        matcher=None,
    )
    return network.eval()


def _position_encoding(width: int) -> nn.Module:
    encoding: nn.Module = import_sam3().PositionEmbeddingSine(
        num_pos_feats=width,
        normalize=True,
        scale=None,
        temperature=10000,
        precompute_resolution=None,
    )
    return encoding


def _attention(config: NetworkConfig, *, dropout: float, **kwargs: Any) -> nn.Module:
    attention: nn.Module = import_sam3().MultiheadAttention(
        num_heads=config.heads, dropout=dropout, embed_dim=config.d_model, **kwargs
    )
    return attention


def _build_vision(config: NetworkConfig) -> nn.Module:
    sam3 = import_sam3()
    trunk = sam3.ViT(
        img_size=config.image_size,
        pretrain_img_size=config.pretrain_image_size,
        patch_size=config.patch_size,
        embed_dim=config.vit_width,
        depth=config.vit_depth,
        num_heads=config.vit_heads,
        mlp_ratio=config.vit_mlp_ratio,
        norm_layer="LayerNorm",
        drop_path_rate=config.vit_drop_path,
        qkv_bias=True,
        use_abs_pos=True,
        tile_abs_pos=True,
        global_att_blocks=config.vit_global_blocks,
        rel_pos_blocks=(),
        use_rope=True,
        use_interp_rope=True,
        window_size=config.vit_window,
        pretrain_use_cls_token=True,
        retain_cls_token=False,
        ln_pre=True,
        ln_post=False,
        return_interm_layers=False,
        bias_patch_embed=False,
        compile_mode=None,
    )
    neck: nn.Module = sam3.Sam3DualViTDetNeck(
        position_encoding=_position_encoding(config.d_model),
        d_model=config.d_model,
        scale_factors=[4.0, 2.0, 1.0, 0.5],
        trunk=trunk,
        add_sam2_neck=True,
    )
    return neck


def _build_text(config: NetworkConfig) -> nn.Module:
    sam3 = import_sam3()
    text: nn.Module = sam3.VETextEncoder(
        tokenizer=build_tokenizer(),
        d_model=config.d_model,
        width=config.text_width,
        heads=config.text_heads,
        layers=config.text_layers,
        context_length=config.text_context,
    )
    # The package leaves these two uninitialised (torch.empty): NaN in a network from scratch.
    encoder: Any = text.encoder
    nn.init.normal_(encoder.positional_embedding, std=0.01)
    nn.init.normal_(encoder.text_projection, std=config.text_width**-0.5)
    return text


def _build_transformer(config: NetworkConfig) -> nn.Module:
    sam3 = import_sam3()
    encoder = sam3.TransformerEncoderFusion(
        layer=sam3.TransformerEncoderLayer(
            activation="relu",
            d_model=config.d_model,
            dim_feedforward=config.feedforward,
            dropout=config.dropout,
            pos_enc_at_attn=True,
            pos_enc_at_cross_attn_keys=False,
            pos_enc_at_cross_attn_queries=False,
            pre_norm=True,
            self_attention=_attention(config, dropout=config.dropout, batch_first=True),
            cross_attention=_attention(config, dropout=config.dropout, batch_first=True),
        ),
        num_layers=config.encoder_layers,
        d_model=config.d_model,
        num_feature_levels=1,
        frozen=False,
        use_act_checkpoint=True,
        add_pooled_text_to_img_feat=False,
        pool_text_with_mask=True,
    )
    decoder = sam3.TransformerDecoder(
        layer=sam3.TransformerDecoderLayer(
            activation="relu",
            d_model=config.d_model,
            dim_feedforward=config.feedforward,
            dropout=config.dropout,
            cross_attention=_attention(config, dropout=config.dropout),
            n_heads=config.heads,
            use_text_cross_attention=True,
        ),
        num_layers=config.decoder_layers,
        num_queries=config.queries,
        return_intermediate=True,
        box_refine=True,
        num_o2m_queries=0,
        dac=True,
        boxRPB="log",
        d_model=config.d_model,
        frozen=False,
        interaction_layer=None,
        dac_use_selfatt_ln=True,
        resolution=None,
        stride=None,
        use_act_checkpoint=True,
        presence_token=True,
    )
    transformer: nn.Module = sam3.TransformerWrapper(
        encoder=encoder, decoder=decoder, d_model=config.d_model
    )
    return transformer


def _build_scoring(config: NetworkConfig) -> nn.Module:
    sam3 = import_sam3()
    prompt_mlp = sam3.MLP(
        input_dim=config.d_model,
        hidden_dim=config.feedforward,
        output_dim=config.d_model,
        num_layers=2,
        dropout=config.dropout,
        residual=True,
        out_norm=nn.LayerNorm(config.d_model),
    )
    scoring: nn.Module = sam3.DotProductScoring(
        d_model=config.d_model, d_proj=config.d_model, prompt_mlp=prompt_mlp
    )
    return scoring


def _build_segmentation_head(config: NetworkConfig) -> nn.Module:
    sam3 = import_sam3()
    head: nn.Module = sam3.UniversalSegmentationHead(
        hidden_dim=config.d_model,
        upsampling_stages=3,
        aux_masks=False,
        presence_head=False,
        dot_product_scorer=None,
        act_ckpt=True,
        cross_attend_prompt=_attention(config, dropout=0),
        pixel_decoder=sam3.PixelDecoder(
            num_upsampling_stages=3,
            interpolation_mode="nearest",
            hidden_dim=config.d_model,
            compile_mode=None,
        ),
    )
    return head


def _build_geometry_encoder(config: NetworkConfig) -> nn.Module:
    sam3 = import_sam3()
    encoder: nn.Module = _geometry_encoder_class()(
        pos_enc=_position_encoding(config.d_model),
        encode_boxes_as_points=False,
        points_direct_project=True,
        points_pool=True,
        points_pos_enc=True,
        boxes_direct_project=True,
        boxes_pool=True,
        boxes_pos_enc=True,
        d_model=config.d_model,
        num_layers=config.geometry_layers,
        layer=sam3.TransformerEncoderLayer(
            activation="relu",
            d_model=config.d_model,
            dim_feedforward=config.feedforward,
            dropout=config.dropout,
            pos_enc_at_attn=False,
            pre_norm=True,
            self_attention=_attention(config, dropout=config.dropout, batch_first=False),
            pos_enc_at_cross_attn_queries=False,
            pos_enc_at_cross_attn_keys=True,
            cross_attention=_attention(config, dropout=config.dropout, batch_first=False),
        ),
        use_act_ckpt=True,
        add_cls=True,
        add_post_encode_proj=True,
    )
    return encoder


@cache
def _geometry_encoder_class() -> Any:
    from sam3.model.box_ops import box_cxcywh_to_xyxy
    from sam3.model.geometry_encoders import SequenceGeometryEncoder

    class GeometryEncoder(SequenceGeometryEncoder):  # type: ignore[misc]
        """The package's geometry encoder without pinned memory, which needs a CUDA driver."""

        def _encode_boxes(
            self, boxes: Tensor, boxes_mask: Tensor, boxes_labels: Tensor, img_feats: Tensor
        ) -> tuple[Tensor, Tensor]:
            count, batch = boxes.shape[:2]
            height, width = img_feats.shape[-2:]
            embedding = self.boxes_direct_project(boxes)
            scale = boxes.new_tensor([width, height, width, height])
            corners = box_cxcywh_to_xyxy(boxes) * scale
            pooled = torchvision.ops.roi_align(
                img_feats.float(), list(corners.float().transpose(0, 1).unbind(0)), self.roi_size
            )  # (batch * count, C, roi, roi)
            pooled = self.boxes_pool_project(pooled)
            embedding = embedding + pooled.view(batch, count, self.d_model).transpose(0, 1)
            encoded = self.pos_enc.encode_boxes(*(part.flatten() for part in boxes.unbind(-1)))
            encoded = encoded.view(count, batch, encoded.shape[-1])
            embedding = embedding + self.boxes_pos_enc_project(encoded)
            return self.label_embed(boxes_labels.long()) + embedding, boxes_mask

    return GeometryEncoder


def parameter_count(network: nn.Module) -> int:
    """How many numbers the network's parameters hold."""
    return sum(parameter.numel() for parameter in network.parameters())
