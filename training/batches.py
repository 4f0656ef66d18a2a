"""Scenes and their prompts as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sam3_playground.model.config import NetworkConfig
from scenes.look_alikes import confusing_cast, crowd_cast
from scenes.mixes import Mix
from scenes.queries import ConceptQuery, sample_queries
from scenes.scenes import Player, Scene, draw_scene
from scenes.vocabulary import COLOUR_NAMES, KIND_NAMES
from training.forward import GroundingBatch

# How far an exemplar box drawn by hand strays from the object, as a share of its side.
BOX_JITTER = 0.06
# How many scenes are square; the others' sides differ by up to the square of e to the stretch.
SQUARE_SHARE = 0.4
LARGEST_STRETCH = 0.3
# Sizes at which scenes are drawn, of that at which the network sees them: images that people
# open are mostly larger, and shrunk; a few are enlarged, and a little soft.
DRAWN = (0.85, 1.6)
WILD_SHARE = 0.5


@dataclass(frozen=True)
class SceneTensors:
    """One scene at the network's size; T objects.

    Attributes:
        image: (3, S, S) float32 in [-1, 1].
        coverage: (T, m, m) float32 in [0, 1], how much of each mask pixel the object fills.
        boxes: (T, 4) float32 normalised cxcywh of the visible part.
        kinds: (T,) int64 index into KIND_NAMES.
        colours: (T,) int64 index into COLOUR_NAMES, -1 for pictures.
        queries: The concept prompts drawn for this scene.
    """

    image: Tensor
    coverage: Tensor
    boxes: Tensor
    kinds: Tensor
    colours: Tensor
    queries: tuple[ConceptQuery, ...]


def scene_tensors(
    seed: int,
    index: int,
    config: NetworkConfig,
    *,
    prompts: int,
    mix: Mix,
    confusing: float = 0.0,
    crowded: float = 0.0,
) -> SceneTensors:
    """Scene `index` of the endless stream `seed`, with `prompts` prompts of a mix.

    Of the scenes shares of `confusing` and `crowded` are drawn to confuse, of shapes and pictures.
    """
    rng = np.random.default_rng([seed, index])
    draw = rng.random() if confusing or crowded else 1.0
    cast = None
    if draw < confusing + crowded:
        cast = confusing_cast(rng) if draw < confusing else crowd_cast(rng)
    scene = draw_squashed(rng, config.image_size, cast)
    queries = tuple(sample_queries(scene, rng, prompts, mix)) if prompts else ()
    return tensors_of(scene, queries, config)


def draw_squashed(
    rng: np.random.Generator, side: int, cast: Sequence[Player] | None = None
) -> Scene:
    """A scene of a random form and size, squashed to `side` as the network squashes images.

    Its cast is drawn too, unless it is given.
    """
    stretch = float(np.exp(rng.uniform(-LARGEST_STRETCH, LARGEST_STRETCH)))
    if rng.random() < SQUARE_SHARE:
        stretch = 1.0
    drawn = side * rng.uniform(*DRAWN)
    height, width = (round(drawn * factor) for factor in (stretch, 1.0 / stretch))
    scene = draw_scene(rng, (height, width), wild=rng.random() < WILD_SHARE, cast=cast)
    x, y = side / width, side / height
    shrunk = min(height, width) >= side
    method = cv2.INTER_AREA if shrunk else cv2.INTER_LINEAR
    return Scene(
        image=np.asarray(cv2.resize(scene.image, (side, side), interpolation=method), np.uint8),
        label_map=np.asarray(
            cv2.resize(scene.label_map, (side, side), interpolation=cv2.INTER_NEAREST_EXACT),
            np.uint8,
        ),
        objects=tuple(
            replace(obj, box_xyxy=tuple(np.multiply(obj.box_xyxy, (x, y, x, y)).tolist()))
            for obj in scene.objects
        ),
    )


def tensors_of(
    scene: Scene, queries: Sequence[ConceptQuery], config: NetworkConfig
) -> SceneTensors:
    """A drawn scene, of the network's size, as tensors."""
    side = config.image_size
    pixels = torch.from_numpy(scene.image).permute(2, 0, 1).float() / 127.5 - 1.0
    count = len(scene.objects)
    label_map = torch.from_numpy(scene.label_map.astype(np.int64))
    one_hot = (label_map[None] == torch.arange(1, count + 1)[:, None, None]).float()
    cells = config.mask_size
    nothing = one_hot.new_zeros(0, cells, cells)
    coverage = F.adaptive_avg_pool2d(one_hot[None], cells)[0] if count else nothing
    boxes = torch.tensor([obj.box_xyxy for obj in scene.objects], dtype=torch.float32) / side
    boxes = boxes.reshape(-1, 4)
    centre, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    return SceneTensors(
        image=pixels,
        coverage=coverage,
        boxes=torch.cat([centre, size], dim=1),
        kinds=torch.tensor([KIND_NAMES.index(obj.kind) for obj in scene.objects]),
        colours=torch.tensor(
            [COLOUR_NAMES.index(obj.colour) if obj.colour else -1 for obj in scene.objects]
        ),
        queries=tuple(queries),
    )


def patch_labels(scene: SceneTensors, config: NetworkConfig) -> tuple[Tensor, Tensor]:
    """Kind and colour of each patch, two (g, g) int64; 0 is background, i + 1 a name.

    Pictures have no colour: their patches are 0 among colours.
    """
    grid = config.grid
    if not len(scene.kinds):
        empty = torch.zeros(grid, grid, dtype=torch.long)
        return empty, empty
    share, owner = F.avg_pool2d(scene.coverage[None], 4)[0].max(dim=0)
    shown = share > 0.3
    nothing = torch.zeros_like(owner)
    return (
        torch.where(shown, scene.kinds[owner] + 1, nothing),
        torch.where(shown, scene.colours[owner] + 1, nothing),
    )


def grounding_batch(scenes: Sequence[SceneTensors], rng: np.random.Generator) -> GroundingBatch:
    """All prompts of all scenes, in order, exemplar boxes jittered as a hand would."""
    rows = [(image, query) for image, scene in enumerate(scenes) for query in scene.queries]
    exemplars = [
        [(index, 1) for index in query.positive] + [(index, 0) for index in query.negative]
        for _, query in rows
    ]
    longest = max((len(boxes) for boxes in exemplars), default=0)
    boxes = torch.zeros(longest, len(rows), 4)
    labels = torch.zeros(longest, len(rows), dtype=torch.long)
    padding = torch.ones(len(rows), longest, dtype=torch.bool)
    for row, (image, _) in enumerate(rows):
        for place, (index, label) in enumerate(exemplars[row]):
            boxes[place, row] = jittered(scenes[image].boxes[index], rng)
            labels[place, row] = label
            padding[row, place] = False
    return GroundingBatch(
        image_ids=torch.tensor([image for image, _ in rows]),
        phrases=[query.phrase or "visual" for _, query in rows],
        boxes=boxes,
        box_labels=labels,
        box_padding=padding,
    )


def jittered(box: Tensor, rng: np.random.Generator) -> Tensor:
    """A (4,) normalised cxcywh box, drawn again by an unsteady hand."""
    noise = torch.from_numpy(rng.normal(0.0, BOX_JITTER / 2, 4).astype(np.float32)).clamp(-0.2, 0.2)
    size = box[2:] * (1.0 + noise[2:])
    return torch.cat([box[:2] + noise[:2] * box[2:], size])


def random_point(mask: NDArray[np.bool_], rng: np.random.Generator) -> tuple[float, float] | None:
    """A random true pixel of an (h, w) mask as (x, y) at its centre, None if there is none."""
    inside = np.flatnonzero(mask)
    if not inside.size:
        return None
    y, x = divmod(int(rng.choice(inside)), mask.shape[1])
    return x + 0.5, y + 0.5


def inner_point(bitmap: NDArray[np.bool_]) -> tuple[float, float]:
    """The pixel of a non-empty (H, W) mask that lies deepest inside, as (x, y) at its centre."""
    padded = np.pad(bitmap.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(x) + 0.5, float(y) + 0.5
