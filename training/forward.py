"""The network's own forward pass, opened up for training.

The package's training path wants activation checkpointing, its matcher and its data types.
Here the same modules are called with gradients, the fusion encoder as users' prompts run it;
dropout is off in the small configuration, so everything but the root stays in eval mode. The
root's flag alone makes the decoder answer with its doubled, one-to-many queries and with every
layer's output.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from sam3_playground.model.fusion import FusionEncoder, one_level
from sam3_playground.model.package import import_sam3


@dataclass(frozen=True)
class GroundingBatch:
    """P concept prompts over B images.

    Attributes:
        image_ids: (P,) int64, the image of each prompt.
        phrases: P texts, "visual" where exemplars alone say it.
        boxes: (N, P, 4) float32 normalised cxcywh, padded with zeros.
        box_labels: (N, P) int64, 1 for positive.
        box_padding: (P, N) bool, True where there is no box.
    """

    image_ids: Tensor
    phrases: list[str]
    boxes: Tensor
    box_labels: Tensor
    box_padding: Tensor


@dataclass(frozen=True)
class Encoded:
    """What the fusion encoder makes of image and prompt; sequence first, as the package has it."""

    memory: Tensor  # (grid * grid, P, C)
    places: Tensor  # (grid * grid, P, C), the patches' positions
    prompt: Tensor  # (L, P, C)
    prompt_padding: Tensor  # (P, L)
    level: dict[str, Tensor]  # what `one_level` says of it


@dataclass(frozen=True)
class Detected:
    """Every decoder layer's answer, the last one last; one-to-many queries apart, if any."""

    logits: list[Tensor]  # layers of (P, Q)
    boxes: list[Tensor]  # layers of (P, Q, 4) cxcywh
    many_logits: list[Tensor]
    many_boxes: list[Tensor]
    presence: list[Tensor]  # layers of (P,)
    queries: Tensor  # (P, Q, C)
    places: Tensor  # (Q, 2) normalised centres where the queries start to look


def prepare_for_training(network: Any) -> None:
    """Switch activation checkpointing off and let the root alone be in training mode."""
    network.eval()
    network.training = True
    network.use_act_checkpoint_seg_head = False
    network.segmentation_head.act_ckpt = False


def encode_images(network: Any, images: Tensor) -> tuple[dict[str, Any], Tensor]:
    """The backbone's output for (B, 3, S, S) images, and the trunk's own (B, C, g, g).

    In bfloat16, on a CPU too: two thirds of its time in float32.
    """
    with (
        torch.autocast(images.device.type, dtype=torch.bfloat16),
        watched(network.backbone.vision_backbone.trunk) as seen,
    ):
        out = network.backbone.forward_image(images)
    for part in (out, out["sam2_backbone_out"]):
        part["backbone_fpn"] = [level.float() for level in part["backbone_fpn"]]
        part["vision_pos_enc"] = [level.float() for level in part["vision_pos_enc"]]
    return out, seen[0][-1].float()


def encode_texts(network: Any, phrases: Sequence[str], device: torch.device) -> dict[str, Tensor]:
    """Each distinct phrase encoded once; rows follow `phrases`.

    Returns:
        "language_features" (L, P, C) and "language_mask" (P, L), True at padding.
    """
    unique = sorted(set(phrases))
    rows = {phrase: row for row, phrase in enumerate(unique)}
    index = torch.tensor([rows[phrase] for phrase in phrases], device=device)
    encoded = network.backbone.forward_text(unique, device=device)
    return {
        "language_features": encoded["language_features"][:, index],
        "language_mask": encoded["language_mask"][index],
    }


def pooled_texts(encoded: dict[str, Tensor]) -> Tensor:
    """(P, C): the mean over each phrase's tokens."""
    valid = (~encoded["language_mask"]).float().transpose(0, 1)[..., None]
    return (encoded["language_features"] * valid).sum(0) / valid.sum(0).clamp(min=1.0)


def encode_prompts(network: Any, backbone_out: dict[str, Any], batch: GroundingBatch) -> Encoded:
    """Fuse P prompts with their images."""
    sam3 = import_sam3()
    from sam3.model.data_misc import FindStage
    from sam3.model.geometry_encoders import Prompt

    del sam3
    device = batch.boxes.device
    texts = encode_texts(network, batch.phrases, device)
    find_input = FindStage(
        img_ids=batch.image_ids,
        text_ids=torch.arange(len(batch.phrases), device=device),
        input_boxes=None,
        input_boxes_mask=None,
        input_boxes_label=None,
        input_points=None,
        input_points_mask=None,
    )
    prompt, padding, _ = network._encode_prompt(
        {**backbone_out, **texts},
        find_input,
        Prompt(
            box_embeddings=batch.boxes,
            box_mask=batch.box_padding,
            box_labels=batch.box_labels,
        ),
    )
    fusion = FusionEncoder(network.transformer.encoder)
    positions = backbone_out["vision_pos_enc"][-1][:1]
    images = fusion.image_features(backbone_out["backbone_fpn"][-1], positions)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        memory, places = fusion.fuse(images[batch.image_ids], positions, prompt, padding)
    level = one_level(positions, len(batch.phrases))
    return Encoded(memory.float(), places, prompt, padding, level)


def detect(network: Any, encoded: Encoded) -> Detected:
    """Run the decoder, with one-to-many twins of its queries if it is set to have them."""
    out: dict[str, Any] = {}
    out, _ = network._run_decoder(
        memory=encoded.memory,
        pos_embed=encoded.places,
        src_mask=None,
        out=out,
        prompt=encoded.prompt,
        prompt_mask=encoded.prompt_padding,
        encoder_out=encoded.level,
    )
    layers = [*out["aux_outputs"], out]
    return Detected(
        logits=[layer["pred_logits"].squeeze(-1) for layer in layers],
        boxes=[layer["pred_boxes"] for layer in layers],
        many_logits=[x["pred_logits_o2m"].squeeze(-1) for x in layers if "pred_logits_o2m" in x],
        many_boxes=[x["pred_boxes_o2m"] for x in layers if "pred_boxes_o2m" in x],
        presence=[layer["presence_logit_dec"].flatten() for layer in layers],
        queries=out["queries"],
        places=network.transformer.decoder.reference_points.weight.detach().sigmoid()[:, :2],
    )


@dataclass(frozen=True)
class Segmented:
    """Masks of R prompts, and what they are the products of."""

    masks: Tensor  # (R, Q, m, m) logits of each query
    semantic: Tensor  # (R, m, m) logits of the concept as a whole
    pixels: Tensor  # (R, C, m, m) embedding of each pixel
    queries: Tensor  # (R, Q, C) what each query multiplies them with


def segment(
    network: Any,
    backbone_out: dict[str, Any],
    encoded: Encoded,
    queries: Tensor,
    batch: Any,
    rows: Tensor,
) -> Segmented:
    """Masks of the prompts in `rows` (R,)."""
    head = network.segmentation_head
    # Convolutions at the size of the masks are half of a step's time; in bfloat16 they take
    # a third of it, on a CPU too.
    with (
        torch.autocast(queries.device.type, dtype=torch.bfloat16),
        watched(head.instance_seg_head, head.mask_predictor.mask_embed) as seen,
    ):
        out = head(
            backbone_feats=backbone_out["backbone_fpn"],
            obj_queries=queries[rows][None],
            image_ids=batch.image_ids[rows],
            encoder_hidden_states=encoded.memory[:, rows],
            prompt=encoded.prompt[:, rows],
            prompt_mask=encoded.prompt_padding[rows],
        )
    pixels, products = seen
    return Segmented(
        masks=out["pred_masks"].float(),
        semantic=out["semantic_seg"].squeeze(1).float(),
        pixels=pixels.float(),
        queries=products.float(),
    )


@contextmanager
def watched(*modules: nn.Module) -> Iterator[list[Tensor]]:
    """The outputs of modules that run inside, in the order in which they ran."""
    seen: list[Tensor] = []
    hooks = [
        module.register_forward_hook(lambda _module, _args, output: seen.append(output))
        for module in modules
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def click_features(network: Any, backbone_out: dict[str, Any]) -> tuple[Tensor, list[Tensor]]:
    """The click head's features of B images: (B, C, g, g) and two finer levels."""
    tracker = network.inst_interactive_predictor.model
    fine, middle, coarse = backbone_out["sam2_backbone_out"]["backbone_fpn"]
    decoder = tracker.sam_mask_decoder
    embedding = coarse + tracker.no_mem_embed.view(1, -1, 1, 1)
    return embedding, [decoder.conv_s0(fine), decoder.conv_s1(middle)]


def click(
    network: Any,
    features: tuple[Tensor, list[Tensor]],
    image_ids: Tensor,
    points: Tensor,
    labels: Tensor,
    mask_input: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """N visual prompts at once.

    Args:
        features: From `click_features`.
        image_ids: (N,) the image of each prompt.
        points: (N, K, 2) in pixels of the network's input; box corners come first.
        labels: (N, K) int: 1 on, 0 off, 2 and 3 box corners, -1 padding.
        mask_input: (N, 1, m, m) logits of a previous mask, or None.

    Returns:
        (N, 4, m, m) mask logits (the single mask, then three candidates), (N, 4) predicted
        IoU and (N,) object logits.
    """
    tracker = network.inst_interactive_predictor.model
    embedding, fine = features
    sparse, dense = tracker.sam_prompt_encoder(
        points=(points, labels), boxes=None, masks=mask_input
    )
    masks, iou, _, present = tracker.sam_mask_decoder.predict_masks(
        image_embeddings=embedding[image_ids],
        image_pe=tracker.sam_prompt_encoder.get_dense_pe(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        repeat_image=False,
        high_res_features=[level[image_ids] for level in fine],
    )
    return masks, iou, present.flatten()


# Waves by which a place is told, in cycles over the image.
PLACE_CYCLES = (0.5, 1.0, 2.0, 4.0)


class Probes(nn.Module):
    """Linear readers that exist in training only: they tell the features what to hold."""

    def __init__(self, *, vit_width: int, d_model: int, kinds: int, colours: int) -> None:
        super().__init__()
        self.kind = nn.Linear(vit_width, kinds + 1)
        self.colour = nn.Linear(vit_width, colours + 1)
        self.token = nn.Linear(d_model, 1)
        self.place = nn.Linear(d_model, 4 * len(PLACE_CYCLES))
