"""The click head: the tracker of the `sam3` package without its video, at any size."""

from __future__ import annotations

from functools import cache
from typing import Any

from torch import nn

from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.package import import_sam3, without_package_warnings


def build_click_predictor(config: NetworkConfig, position_encoding: nn.Module) -> nn.Module:
    """The package's click predictor over a tracker of the given sizes.

    Args:
        config: The sizes.
        position_encoding: The sine encoding of `config.memory_width` for the mask memory.
    """
    sam3 = import_sam3()
    width = config.d_model
    mask_encoder = sam3.SimpleMaskEncoder(
        in_dim=width,
        out_dim=config.memory_width,
        position_encoding=position_encoding,
        mask_downsampler=sam3.SimpleMaskDownSampler(
            embed_dim=width,
            kernel_size=3,
            stride=2,
            padding=1,
            interpol_size=[config.memory_input_size, config.memory_input_size],
        ),
        fuser=sam3.SimpleFuser(
            layer=sam3.CXBlock(
                dim=width,
                kernel_size=7,
                padding=3,
                layer_scale_init_value=1.0e-06,
                use_dwconv=True,
            ),
            num_layers=2,
        ),
    )
    rope: dict[str, Any] = {
        "embedding_dim": width,
        "num_heads": 1,
        "downsample_rate": 1,
        "dropout": config.dropout,
        "rope_theta": 10000.0,
        "feat_sizes": [config.grid, config.grid],
        "use_fa3": False,
        "use_rope_real": False,
    }
    memory_attention = sam3.TransformerEncoderCrossAttention(
        remove_cross_attention_layers=[],
        batch_first=True,
        d_model=width,
        frozen=False,
        pos_enc_at_input=True,
        layer=sam3.TransformerDecoderLayerv2(
            cross_attention_first=False,
            activation="relu",
            dim_feedforward=config.feedforward,
            dropout=config.dropout,
            pos_enc_at_attn=False,
            pre_norm=True,
            self_attention=sam3.RoPEAttention(**rope),
            d_model=width,
            pos_enc_at_cross_attn_keys=True,
            pos_enc_at_cross_attn_queries=False,
            cross_attention=sam3.RoPEAttention(
                **rope, kv_in_dim=config.memory_width, rope_k_repeat=True
            ),
        ),
        num_layers=config.memory_layers,
        use_act_checkpoint=False,
    )
    tracker = _tracker_class()(
        click_feedforward=config.click_feedforward,
        click_iou_width=config.click_iou_width,
        image_size=config.image_size,
        num_maskmem=7,
        backbone=None,
        backbone_stride=config.patch_size,
        transformer=sam3.TransformerWrapper(encoder=memory_attention, decoder=None, d_model=width),
        maskmem_backbone=mask_encoder,
        multimask_output_in_sam=True,
        sam_mask_decoder_extra_args={
            "dynamic_multimask_via_stability": True,
            "dynamic_multimask_stability_delta": 0.05,
            "dynamic_multimask_stability_thresh": 0.98,
        },
    )
    predictor: nn.Module = _click_predictor_class()(tracker, grid=config.grid)
    return predictor


@cache
def _tracker_class() -> Any:
    from sam3.model.sam3_tracker_base import Sam3TrackerBase
    from sam3.sam.mask_decoder import MLP, MaskDecoder
    from sam3.sam.prompt_encoder import PromptEncoder
    from sam3.sam.transformer import TwoWayTransformer

    class Tracker(Sam3TrackerBase):  # type: ignore[misc]
        """The package's tracker with the two widths of its click head as arguments.

        `Sam3TrackerPredictor` has the same parameters, but enters a global CUDA autocast.
        """

        def __init__(self, *, click_feedforward: int, click_iou_width: int, **kwargs: Any) -> None:
            self._click_feedforward = click_feedforward
            self._click_iou_width = click_iou_width
            super().__init__(**kwargs)

        def _build_sam_heads(self) -> None:
            width = self.hidden_dim
            grid = self.image_size // self.backbone_stride
            self.sam_prompt_embed_dim = width
            self.sam_image_embedding_size = grid
            self.sam_prompt_encoder = PromptEncoder(
                embed_dim=width,
                image_embedding_size=(grid, grid),
                input_image_size=(self.image_size, self.image_size),
                mask_in_chans=16,
            )
            self.sam_mask_decoder = MaskDecoder(
                num_multimask_outputs=3,
                transformer=TwoWayTransformer(
                    depth=2, embedding_dim=width, mlp_dim=self._click_feedforward, num_heads=8
                ),
                transformer_dim=width,
                iou_head_depth=3,
                iou_head_hidden_dim=self._click_iou_width,
                use_high_res_features=True,
                iou_prediction_use_sigmoid=True,
                pred_obj_scores=True,
                pred_obj_scores_mlp=True,
                use_multimask_token_for_obj_ptr=True,
                **self.sam_mask_decoder_extra_args,
            )
            self.obj_ptr_proj = MLP(width, width, width, 3)
            self.obj_ptr_tpos_proj = nn.Linear(width, self.mem_dim)

    return Tracker


@cache
def _click_predictor_class() -> Any:
    predictor_class = import_sam3().SAM3InteractiveImagePredictor

    class ClickPredictor(predictor_class):  # type: ignore[misc, valid-type]
        """The package's click predictor for any grid.

        Hole filling is off: its kernel runs on CUDA only, and results would depend on the
        device.
        """

        def __init__(self, tracker: nn.Module, *, grid: int) -> None:
            with without_package_warnings():
                super().__init__(tracker, max_hole_area=0.0)
            self._bb_feat_sizes = [(grid * factor, grid * factor) for factor in (4, 2, 1)]

    return ClickPredictor
