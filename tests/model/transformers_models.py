"""SAM 3 as the transformers library has it, of a network's sizes and with random weights."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from sam3_playground.model.config import NetworkConfig


def video_model(config: NetworkConfig) -> nn.Module:
    """`Sam3VideoModel`, on the device that is the default; on meta it takes no memory."""
    from transformers import Sam3VideoConfig, Sam3VideoModel

    sizes: dict[str, Any] = {
        "detector_config": detector_sizes(config),
        "tracker_config": tracker_sizes(config),
    }
    model: nn.Module = Sam3VideoModel(Sam3VideoConfig(**sizes))
    return model.eval()


def detector_model(config: NetworkConfig) -> nn.Module:
    """`Sam3Model`, the detector alone."""
    from transformers import Sam3Config, Sam3Model

    model: nn.Module = Sam3Model(Sam3Config(**detector_sizes(config)))
    return model.eval()


def tracker_model(config: NetworkConfig) -> nn.Module:
    """`Sam3TrackerModel`, which answers clicks."""
    from transformers import Sam3TrackerConfig, Sam3TrackerModel

    sizes: dict[str, Any] = {"vision_config": vision_sizes(config), **click_sizes(config)}
    model: nn.Module = Sam3TrackerModel(Sam3TrackerConfig(**sizes))
    return model.eval()


def randomised(model: nn.Module) -> nn.Module:
    """The same with every parameter off its start, so that none goes without an effect."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.add_(noise, alpha=0.05)
    return model


def saved(model: nn.Module) -> dict[str, Tensor]:
    """What `save_pretrained` writes of it."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def vision_sizes(config: NetworkConfig) -> dict[str, Any]:
    grid = config.grid
    return {
        "model_type": "sam3_vision_model",
        "backbone_config": {
            "model_type": "sam3_vit_model",
            "hidden_size": config.vit_width,
            "intermediate_size": int(config.vit_width * config.vit_mlp_ratio),
            "num_hidden_layers": config.vit_depth,
            "num_attention_heads": config.vit_heads,
            "image_size": config.image_size,
            "patch_size": config.patch_size,
            "window_size": config.vit_window,
            "global_attn_indexes": list(config.vit_global_blocks),
            "pretrain_image_size": config.pretrain_image_size,
        },
        "fpn_hidden_size": config.d_model,
        "backbone_feature_sizes": [[4 * grid] * 2, [2 * grid] * 2, [grid] * 2],
    }


def detector_sizes(config: NetworkConfig) -> dict[str, Any]:
    layers = {
        "hidden_size": config.d_model,
        "num_attention_heads": config.heads,
        "intermediate_size": config.feedforward,
    }
    return {
        "model_type": "sam3",
        "vision_config": vision_sizes(config),
        "text_config": {
            "model_type": "clip_text_model",
            "vocab_size": 49408,
            "hidden_size": config.text_width,
            "intermediate_size": 4 * config.text_width,
            "projection_dim": 512,
            "num_hidden_layers": config.text_layers,
            "num_attention_heads": config.text_heads,
            "max_position_embeddings": config.text_context,
            "hidden_act": "gelu",
        },
        "geometry_encoder_config": {**layers, "num_layers": config.geometry_layers},
        "detr_encoder_config": {**layers, "num_layers": config.encoder_layers},
        "detr_decoder_config": {
            **layers,
            "num_layers": config.decoder_layers,
            "num_queries": config.queries,
        },
        "mask_decoder_config": {
            "hidden_size": config.d_model,
            "num_attention_heads": config.heads,
        },
    }


def click_sizes(config: NetworkConfig) -> dict[str, Any]:
    return {
        "prompt_encoder_config": {
            "hidden_size": config.d_model,
            "image_size": config.image_size,
            "patch_size": config.patch_size,
        },
        "mask_decoder_config": {
            "hidden_size": config.d_model,
            "mlp_dim": config.click_feedforward,
            "iou_head_hidden_dim": config.click_iou_width,
        },
    }


def tracker_sizes(config: NetworkConfig) -> dict[str, Any]:
    return {
        "model_type": "sam3_tracker_video",
        "vision_config": vision_sizes(config),
        **click_sizes(config),
        "image_size": config.image_size,
        "memory_attention_hidden_size": config.d_model,
        "memory_attention_feed_forward_hidden_size": config.feedforward,
        "memory_attention_num_layers": config.memory_layers,
        "memory_attention_rope_feat_sizes": [config.grid, config.grid],
        "memory_encoder_hidden_size": config.d_model,
        "memory_encoder_output_channels": config.memory_width,
        "mask_downsampler_embed_dim": config.d_model,
        "memory_fuser_embed_dim": config.d_model,
        "memory_fuser_intermediate_dim": 4 * config.d_model,
    }
