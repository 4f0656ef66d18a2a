"""The bundled example scenes as users open them, each with the truth that it was drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask
from sam3_playground.core.prompts import BoxXYXY
from sam3_playground.images import open_image
from scenes.scenes import Scene
from training.evaluation import true_masks
from training.examples import EXAMPLES, click, draw_example, exemplar, indices_of

FOLDER = Path(__file__).parent.parent / "assets" / "examples"


@dataclass(frozen=True, eq=False)
class Drawn:
    """A scene.

    Attributes:
        path: Its file.
        image: What the file shows.
        scene: The truth.
        objects: The visible pixels of each of its objects, in order.
        concepts: Words that suit it.
    """

    path: Path
    image: RgbImage
    scene: Scene
    objects: list[Mask]
    concepts: tuple[str, ...]

    def of(self, concept: str) -> list[Mask]:
        """All objects that the words mean."""
        return [self.objects[index] for index in indices_of(self.scene, concept)]

    def box(self, concept: str) -> BoxXYXY:
        """Around the largest of them."""
        x0, y0, x1, y1 = exemplar(self.scene, concept)
        return (x0, y0, x1, y1)

    def point(self, concept: str) -> tuple[float, float]:
        """(x, y) inside the largest of them."""
        x, y = click(self.scene, concept)
        return (x, y)

    def at(self, x: float, y: float) -> Mask:
        """The object there."""
        return self.objects[int(self.scene.label_map[int(y), int(x)]) - 1]


def drawn_examples() -> list[Drawn]:
    """All of them."""
    return [drawn_example(example.name) for example in EXAMPLES]


def drawn_example(name: str) -> Drawn:
    """The one of that name."""
    (example,) = [example for example in EXAMPLES if example.name == name]
    path = FOLDER / f"{name}.jpg"
    scene = draw_example(example)
    return Drawn(path, open_image(path), scene, true_masks(scene), example.concepts)
