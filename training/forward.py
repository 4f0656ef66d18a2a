"""The network's own forward pass, opened up for training.

The package's training path wants activation checkpointing, its matcher and its data types.
Here the calls of users' prompts run with gradients; dropout is off in the small configuration,
so everything but the root stays in eval mode. The root's flag alone makes the decoder answer
with its doubled, one-to-many queries and with every layer's output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from sam3_playground.model import backbone, calls
from sam3_playground.model.fusion import FusionEncoder
from sam3_playground.model.pace import has_bfloat16
from sam3_playground.model.shapes import Exemplars, ImageLevels, Segmented, Texts


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
    calls.train_mode(network)


def half_precision(device: torch.device) -> torch.autocast:
    """Work in bfloat16, two thirds of the time in float32, where the device multiplies in it.

    A processor without such instructions takes many times as long in it.
    """
    able = device.type != "cpu" or has_bfloat16()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=able)


def encode_images(network: Any, images: Tensor) -> ImageLevels:
    """The backbone's output for (B, 3, S, S) images, in float32."""
    with half_precision(images.device):
        levels = backbone.image_levels(network, images)
    return levels.float()


def encode_texts(network: Any, phrases: Sequence[str]) -> Texts:
    """Each distinct phrase encoded once; rows follow `phrases`."""
    unique = sorted(set(phrases))
    rows = {phrase: row for row, phrase in enumerate(unique)}
    encoded = calls.encode_texts(network, unique)
    index = torch.tensor([rows[phrase] for phrase in phrases], device=encoded.padding.device)
    return Texts(encoded.features[:, index], encoded.padding[index])


def pooled_texts(encoded: Texts) -> Tensor:
    """(P, C): the mean over each phrase's tokens."""
    valid = (~encoded.padding).float().transpose(0, 1)[..., None]
    return (encoded.features * valid).sum(0) / valid.sum(0).clamp(min=1.0)


def encode_prompts(network: Any, levels: ImageLevels, batch: GroundingBatch) -> Encoded:
    """Fuse P prompts with their images."""
    level = levels.concepts[-1]
    positions = calls.positions(network, level.shape[-1])
    prompt, padding = calls.encode_prompts(
        network,
        level,
        positions,
        batch.image_ids,
        encode_texts(network, batch.phrases),
        Exemplars(batch.boxes, batch.box_labels, batch.box_padding),
    )
    fusion = FusionEncoder(network.transformer.encoder)
    images = fusion.image_features(level, positions)
    with half_precision(level.device):
        memory, places = fusion.fuse(images[batch.image_ids], positions, prompt, padding)
    return Encoded(memory.float(), places, prompt, padding)


def detect(network: Any, encoded: Encoded) -> Detected:
    """Run the decoder, with one-to-many twins of its queries if it is set to have them."""
    decoded = calls.decode(
        network, encoded.memory, encoded.places, encoded.prompt, encoded.prompt_padding
    )
    layers = decoded.layers
    return Detected(
        logits=[layer.logits for layer in layers],
        boxes=[layer.boxes for layer in layers],
        many_logits=[layer.many_logits for layer in layers if layer.many_logits is not None],
        many_boxes=[layer.many_boxes for layer in layers if layer.many_boxes is not None],
        presence=[layer.presence for layer in layers],
        queries=decoded.queries,
        places=network.transformer.decoder.reference_points.weight.detach().sigmoid()[:, :2],
    )


def segment(
    network: Any,
    levels: ImageLevels,
    encoded: Encoded,
    queries: Tensor,
    batch: GroundingBatch,
    rows: Tensor,
) -> Segmented:
    """Masks of the prompts in `rows` (R,), in float32."""
    # Convolutions at the size of the masks are half of a step's time; in bfloat16 a sixth.
    with half_precision(queries.device):
        made = calls.segment(
            network,
            levels.concepts,
            queries[rows],
            batch.image_ids[rows],
            encoded.memory[:, rows],
            encoded.prompt[:, rows],
            encoded.prompt_padding[rows],
        )
    return Segmented(
        masks=made.masks.float(),
        semantic=made.semantic.float(),
        pixels=made.pixels.float(),
        queries=made.queries.float(),
    )


def click_features(network: Any, levels: ImageLevels) -> tuple[Tensor, ...]:
    """The click head's features of B images, the finest first."""
    return calls.click_levels(network, levels.clicks)


def click(
    network: Any,
    features: tuple[Tensor, ...],
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
    levels = [level[image_ids] for level in features]
    clicked = calls.click(network, levels, points, labels, mask_input)
    return clicked.masks, clicked.ious, clicked.presence


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
