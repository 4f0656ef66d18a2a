"""The example scenes in assets/examples: drawn once from named seeds, kept with their truth."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from scenes.scenes import EXAMPLE_SEED, Scene, draw_scene
from scenes.vocabulary import KIND_OF

JPEG_QUALITY = 93


@dataclass(frozen=True)
class Example:
    """A scene to show.

    Attributes:
        number: Its place in the stream of EXAMPLE_SEED.
        name: The file's stem.
        title: What a gallery says under it.
        concepts: Words that suit it.
        size: (height, width) in pixels.
    """

    number: int
    name: str
    title: str
    concepts: tuple[str, ...]
    size: tuple[int, int] = (720, 960)


EXAMPLES: tuple[Example, ...] = (
    Example(21, "mushrooms", "Mushrooms, a house and a ladybug", ("mushroom", "house", "ladybug")),
    Example(29, "concert", "Guitars, lions and hearts", ("guitar", "lion", "orange heart")),
    Example(6, "rockets", "Rockets over a dog and a cat", ("rocket", "dog", "cat")),
    Example(20, "picnic", "A busy picnic", ("umbrella", "balloon", "red cross", "frog")),
    Example(27, "village", "Cats, balloons and houses", ("cat", "balloon", "house")),
    Example(4, "orchard", "Grapes and pigs", ("grapes", "pig", "dog")),
    Example(26, "breakfast", "Donuts and guitars", ("donut", "guitar", "apple")),
    Example(33, "traffic", "Buses and pink shapes", ("bus", "pink circle", "pink triangle")),
    Example(78, "turtles", "Turtles on their way", ("turtle", "pizza", "mushroom"), (1000, 700)),
    Example(69, "regatta", "A regatta at dusk", ("sailboat", "strawberry", "santa"), (640, 1120)),
    Example(51, "crosses", "Crosses apart", ("orange cross", "cross", "bicycle"), (640, 1120)),
)


def draw_example(example: Example) -> Scene:
    """The example's scene."""
    return draw_scene(np.random.default_rng([EXAMPLE_SEED, example.number]), example.size)


def write_examples(folder: Path) -> None:
    """Draw every example into the folder, and examples.json beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for example in EXAMPLES:
        scene = draw_example(example)
        Image.fromarray(scene.image).save(
            folder / f"{example.name}.jpg", quality=JPEG_QUALITY, optimize=True
        )
        entries.append(entry(example, scene))
    text = json.dumps(entries, indent=2)
    (folder / "examples.json").write_text(text + "\n", encoding="utf-8")


def entry(example: Example, scene: Scene) -> dict[str, Any]:
    """What examples.json says of one scene: prompts that suit it, and the truth."""
    return {
        "file": f"{example.name}.jpg",
        "title": example.title,
        "kind": "scene",
        "seed": [EXAMPLE_SEED, example.number],
        "size": list(example.size),
        "concepts": list(example.concepts),
        "counts": {concept: len(indices_of(scene, concept)) for concept in example.concepts},
        "exemplar": exemplar(scene, example.concepts[0]),
        "clicks": [click(scene, concept) for concept in example.concepts],
        "objects": [
            {"kind": obj.kind, "colour": obj.colour, "box_xyxy": list(obj.box_xyxy)}
            for obj in scene.objects
        ],
        "kinds": dict(Counter(obj.kind for obj in scene.objects)),
    }


def indices_of(scene: Scene, concept: str) -> list[int]:
    """Objects that a plain name, or a colour and a plain name, means."""
    colour, _, kind = concept.rpartition(" ") if concept not in KIND_OF else ("", "", concept)
    return [
        index
        for index, obj in enumerate(scene.objects)
        if obj.kind == kind and (not colour or obj.colour == colour)
    ]


def exemplar(scene: Scene, concept: str) -> list[float]:
    """The box of the concept's largest object."""
    return list(scene.objects[_largest(scene, concept)].box_xyxy)


def click(scene: Scene, concept: str) -> list[float]:
    """(x, y) in pixels of the point deepest inside the concept's largest object."""
    shown = (scene.label_map == _largest(scene, concept) + 1).astype(np.uint8)
    # One more pixel on each side: the scene's border is an edge of the object too.
    depth = cv2.distanceTransform(np.pad(shown, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return [float(x) + 0.5, float(y) + 0.5]


def _largest(scene: Scene, concept: str) -> int:
    def area(index: int) -> float:
        x0, y0, x1, y1 = scene.objects[index].box_xyxy
        return (x1 - x0) * (y1 - y0)

    return max(indices_of(scene, concept), key=area)
