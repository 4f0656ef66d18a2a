"""Every call of the `sam3` package between pixels and masks, for inference and training alike.

The package has no public way to most of these steps. Whoever moves on to another version of it
reads this file, the ones that build the network (`network`, `click_head`, `tokenizer`), and the
three that rearrange its layers (`backbone`, `fusion`, `mask_head`); nobody else touches its
private parts.

All of it works with gradients, on batches of images, at whatever precision is switched on, and
after `fill_tables` leaves nothing on the network. Letters of shapes are those of `shapes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from sam3_playground.model.fusion import one_level
from sam3_playground.model.package import import_sam3
from sam3_playground.model.shapes import (
    Clicked,
    Decoded,
    DecoderLayer,
    Exemplars,
    Segmented,
    Texts,
)


def fill_tables(network: Any, grid: int) -> None:
    """Compute ahead what the package would keep on the network at its first pass.

    Where its tables lie on another device, they are computed anew.

    Args:
        network: On the device where it will run.
        grid: Patches along a side of the image.
    """
    network.backbone.vision_backbone.position_encoding.cache.clear()
    positions(network, grid)
    decoder = network.transformer.decoder
    decoder.coord_cache.clear()
    decoder.compilable_cord_cache = decoder._get_coords(grid, grid, _device(network))
    decoder.compilable_stored_size = (grid, grid)


def train_mode(network: Any) -> None:
    """Let the decoder answer with all its layers, and recompute nothing to save memory.

    The root's flag alone says so; all else stays as in use, for the package's own training path
    wants its matcher and its data types.
    """
    network.eval()
    network.training = True
    network.use_act_checkpoint_seg_head = False
    network.segmentation_head.act_ckpt = False


def positions(network: Any, grid: int) -> Tensor:
    """(1, C, g, g) float32: where each patch lies, the same on every image."""
    encoding = network.backbone.vision_backbone.position_encoding
    places: Tensor = encoding(torch.empty(1, 1, grid, grid, device=_device(network)))
    return places


def encode_texts(network: Any, texts: Sequence[str]) -> Texts:
    """Encode at least one text; those that are too long are cut.

    The text encoder alone: the backbone's `forward_text` around it chooses kernels by a setting
    of the whole process, which two threads at once would not put back.
    """
    encoder = network.backbone.language_backbone
    padding, features, _ = encoder(list(texts), device=_device(network))
    return Texts(features, padding)


def text_limit(network: Any) -> int:
    """The most tokens that a text may have, without the one at each of its ends."""
    return int(network.backbone.language_backbone.context_length) - 2


def text_tokens(network: Any, text: str) -> int:
    """How many tokens a text has: words, and parts of those that are not in the vocabulary."""
    return len(network.backbone.language_backbone.tokenizer.encode(text))


def _device(network: Any) -> torch.device:
    device: torch.device = network.transformer.decoder.query_embed.weight.device
    return device


def encode_prompts(
    network: Any,
    level: Tensor,
    places: Tensor,
    image_ids: Tensor,
    texts: Texts,
    exemplars: Exemplars,
) -> tuple[Tensor, Tensor]:
    """Words and example boxes of P prompts as one sequence each.

    Args:
        network: The network.
        level: (B, C, g, g), the coarsest of the concepts' levels.
        places: From `positions`.
        image_ids: (P,) int64, the image of each prompt.
        texts: The words. exemplars: The boxes.

    Returns:
        (L, P, C) features and (P, L) padding, True at padding.
    """
    import_sam3()
    from sam3.model.data_misc import FindStage
    from sam3.model.geometry_encoders import Prompt

    stage = FindStage(
        img_ids=image_ids,
        text_ids=torch.arange(len(image_ids), device=level.device),
        input_boxes=None,
        input_boxes_mask=None,
        input_boxes_label=None,
        input_points=None,
        input_points_mask=None,
    )
    known = {
        "backbone_fpn": [level],
        "vision_pos_enc": [places.expand(len(level), -1, -1, -1)],
        "language_features": texts.features,
        "language_mask": texts.padding,
    }
    boxes = Prompt(
        box_embeddings=exemplars.boxes, box_mask=exemplars.padding, box_labels=exemplars.labels
    )
    prompt, padding, _ = network._encode_prompt(known, stage, boxes)
    return prompt, padding


def decode(
    network: Any, memory: Tensor, places: Tensor, prompt: Tensor, padding: Tensor
) -> Decoded:
    """Let the queries look for P prompts.

    Args:
        network: The network.
        memory: (g * g, P, C) and `places`, the same shape: from `FusionEncoder.fuse`.
        places: See `memory`.
        prompt: (L, P, C) and `padding`, (P, L): from `encode_prompts`.
        padding: See `prompt`.
    """
    out: dict[str, Any] = {}
    network._run_decoder(
        memory=memory,
        pos_embed=places,
        src_mask=None,
        out=out,
        prompt=prompt,
        prompt_mask=padding,
        encoder_out=one_level(memory),
    )
    layers = [*out.get("aux_outputs", ()), out]
    return Decoded(tuple(map(_layer, layers)), out["queries"])


def _layer(out: dict[str, Any]) -> DecoderLayer:
    twins = out.get("pred_logits_o2m")
    return DecoderLayer(
        logits=out["pred_logits"].squeeze(-1),
        boxes=out["pred_boxes"],
        corners=out["pred_boxes_xyxy"],
        presence=out["presence_logit_dec"].flatten(),
        many_logits=None if twins is None else twins.squeeze(-1),
        many_boxes=out.get("pred_boxes_o2m"),
    )


def segment(
    network: Any,
    levels: Sequence[Tensor],
    queries: Tensor,
    image_ids: Tensor,
    memory: Tensor,
    prompt: Tensor,
    padding: Tensor,
) -> Segmented:
    """Masks by the package's own head, for training: `MaskHead` gives the same for less.

    Args:
        network: The network.
        levels: `ImageLevels.concepts`.
        queries: (P, Q, C).
        image_ids: (P,) int64, the image of each prompt.
        memory: (g * g, P, C), from `FusionEncoder.fuse`.
        prompt: (L, P, C). padding: (P, L).
    """
    head = network.segmentation_head
    with watched(head.instance_seg_head, head.mask_predictor.mask_embed) as seen:
        out = head(
            backbone_feats=list(levels),
            obj_queries=queries[None],
            image_ids=image_ids,
            encoder_hidden_states=memory,
            prompt=prompt,
            prompt_mask=padding,
        )
    pixels, products = seen
    return Segmented(out["pred_masks"], out["semantic_seg"].squeeze(1), pixels, products)


def has_click_head(network: Any) -> bool:
    """Whether the network answers visual prompts."""
    return network.inst_interactive_predictor is not None


def click_levels(network: Any, levels: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """`ImageLevels.clicks` as the click head's decoder takes them.

    Returns:
        (B, C / 8, 4g, 4g), (B, C / 4, 2g, 2g) and (B, C, g, g).
    """
    fine, middle, coarse = levels
    tracker = network.inst_interactive_predictor.model
    decoder = tracker.sam_mask_decoder
    without_memory = coarse + tracker.no_mem_embed.view(1, -1, 1, 1)
    return decoder.conv_s0(fine), decoder.conv_s1(middle), without_memory


def click(
    network: Any,
    levels: Sequence[Tensor],
    points: Tensor,
    labels: Tensor,
    mask_input: Tensor | None,
) -> Clicked:
    """Answer N visual prompts at once.

    Args:
        network: The network.
        levels: From `click_levels`, with the image of each prompt: of N rows.
        points: (N, K, 2) in pixels of the network's input; box corners come first.
        labels: (N, K) int: 1 on, 0 off, 2 and 3 box corners, -1 padding.
        mask_input: (N, 1, 4g, 4g) logits of a former mask, or None.
    """
    tracker = network.inst_interactive_predictor.model
    fine, middle, coarse = levels
    encoder = tracker.sam_prompt_encoder
    sparse, dense = encoder(points=(points, labels), boxes=None, masks=mask_input)
    masks, ious, _, presence = tracker.sam_mask_decoder.predict_masks(
        image_embeddings=coarse,
        image_pe=encoder.get_dense_pe(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        repeat_image=False,
        high_res_features=[fine, middle],
    )
    return Clicked(masks, ious, presence.flatten())


def is_stable(network: Any, masks: Tensor) -> list[bool]:
    """Which of (N, 4g, 4g) logits hardly change with the threshold they are cut at."""
    decoder = network.inst_interactive_predictor.model.sam_mask_decoder
    scores = decoder._get_stability_scores(masks) >= decoder.dynamic_multimask_stability_thresh
    stable: list[bool] = scores.tolist()
    return stable


@contextmanager
def watched(*modules: nn.Module) -> Iterator[list[Any]]:
    """The outputs of modules that run inside, in the order in which they ran, in any thread."""
    seen: list[Any] = []
    hooks = [
        module.register_forward_hook(lambda _module, _args, output: seen.append(output))
        for module in modules
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()
