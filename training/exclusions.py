"""Whether a negative box takes out what it stands on, where there is something to take out.

Scenes are drawn to confuse, by the project's code and by other code: shapes of one colour, one
shape in several, or many of one picture. A case is an object that is not meant and yet found; only
those count, since a look-alike that nobody found is not taken out by anything. The control puts the
same box where nothing is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask
from sam3_playground.core.nms import mask_iou
from sam3_playground.core.prompts import ConceptPrompt, Exemplar
from sam3_playground.core.requests import MAX_CONCEPTS
from sam3_playground.core.segmenter import Segmenter
from scenes.look_alikes import confusing_cast, crowd_cast
from scenes.queries import ConceptQuery
from scenes.scenes import EXCLUSION_SEED, Scene, draw_scene
from training.evaluation import MATCH_IOU, SCENE_SIZE, found_masks, prompt_of, true_masks
from training.other_scenes import draw_other_scene

PROMPTS = ("words", "exemplar", "words and exemplar")
LOOK_ALIKES = ("other kind", "other colour", "same look")
# Two shapes in two colours, drawn by the project's code and by other code, and two pictures.
DRAWERS: dict[str, Callable[[np.random.Generator], Scene]] = {
    "own_scenes": lambda rng: draw_scene(rng, SCENE_SIZE, cast=confusing_cast(rng)),
    "other_scenes": lambda rng: draw_other_scene(rng, confusing_cast(rng)),
    "pictures": lambda rng: draw_scene(rng, SCENE_SIZE, cast=crowd_cast(rng)),
}
# Of one scene, for each prompt and sort of look-alike: more would all be of one kind.
MOST_OF_A_SCENE = 2


@dataclass
class Cases:
    """What became of look-alikes that were found without a negative box.

    Attributes:
        count: How many there were.
        gone: How many a box around them took out.
        gone_elsewhere: How many went with the box where nothing is.
        right: Objects that were meant and found without a box.
        kept: Those of them that were still found with it.
    """

    count: int = 0
    gone: int = 0
    gone_elsewhere: int = 0
    right: int = 0
    kept: int = 0

    def to_json(self) -> dict[str, float | int | None]:
        """Shares rounded to three places; None where nothing was counted."""
        return {
            "cases": self.count,
            "gone": _share(self.gone, self.count),
            "gone_with_the_box_elsewhere": _share(self.gone_elsewhere, self.count),
            "kept": _share(self.kept, self.right),
        }


@dataclass
class Exclusions:
    """Cases by prompt, and by how the look-alike differs from what is meant."""

    by_prompt: dict[str, Cases] = field(default_factory=lambda: defaultdict(Cases))
    by_look_alike: dict[str, Cases] = field(default_factory=lambda: defaultdict(Cases))

    def to_json(self) -> dict[str, Any]:
        """All sorts, those without a case too."""
        return {
            "by_prompt": {name: self.by_prompt[name].to_json() for name in PROMPTS},
            "by_look_alike": {name: self.by_look_alike[name].to_json() for name in LOOK_ALIKES},
        }


@dataclass(frozen=True)
class Case:
    """An object that is found and not meant.

    Attributes:
        prompt: One of PROMPTS.
        look_alike: One of LOOK_ALIKES.
        query: What is asked for; its targets are what is meant.
        against: The object, by its number.
        truth: The masks of the scene's objects, by their numbers.
        before: What is found without a negative box.
        after: What is found with one around the object.
        control: What is found with one where nothing is.
    """

    prompt: str
    look_alike: str
    query: ConceptQuery
    against: int
    truth: Sequence[Mask]
    before: Sequence[Mask]
    after: Sequence[Mask] = ()
    control: Sequence[Mask] = ()

    @property
    def gone(self) -> bool:
        """Whether the box took it out."""
        return not is_found(self.truth[self.against], self.after)

    @property
    def right(self) -> list[Mask]:
        """What is meant and found without the box."""
        meant = (self.truth[index] for index in self.query.targets)
        return [mask for mask in meant if is_found(mask, self.before)]

    @property
    def kept(self) -> int:
        """How many of those are found with it."""
        return sum(is_found(mask, self.after) for mask in self.right)


def evaluate_exclusions(
    segmenter: Segmenter,
    *,
    scenes: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> dict[str, dict[str, Any]]:
    """Count on the first `scenes` scenes of EXCLUSION_SEED.

    Returns:
        `Exclusions.to_json` for each of DRAWERS: "own_scenes", "other_scenes", and "pictures".
    """
    counted = {}
    for drawer in DRAWERS:
        exclusions = Exclusions()
        for index in progress(range(scenes)):
            for case in cases_of(segmenter, index, drawer)[1]:
                _add(exclusions.by_prompt[case.prompt], case)
                _add(exclusions.by_look_alike[case.look_alike], case)
        counted[drawer] = exclusions.to_json()
    return counted


def draw_confusing(rng: np.random.Generator, drawer: str = "own_scenes") -> Scene:
    """A scene drawn to confuse, by one of DRAWERS."""
    return DRAWERS[drawer](rng)


def cases_of(
    segmenter: Segmenter, index: int, drawer: str = "own_scenes"
) -> tuple[Scene, list[Case]]:
    """Scene `index` of EXCLUSION_SEED, and some of its cases."""
    rng = np.random.default_rng([EXCLUSION_SEED, index])
    scene = draw_confusing(rng, drawer)
    image, truth = RgbImage(scene.image), true_masks(scene)
    asked = _queries(scene)
    if not asked:
        return scene, []
    answers = found_masks(segmenter, image, [prompt_of(scene, query) for _, query in asked])
    cases: list[Case] = []
    for (prompt, query), found in zip(asked, answers, strict=True):
        cases += _cases(scene, truth, prompt, query, found)
    chosen = _some(cases, rng)
    elsewhere = _empty_box(scene, rng)
    if not chosen or elsewhere is None:
        return scene, []
    prompts = []
    for case in chosen:
        plain = prompt_of(scene, case.query)
        prompts.append(_without(plain, scene.objects[case.against].box_xyxy))
        prompts.append(_without(plain, elsewhere))
    after = [
        masks
        for start in range(0, len(prompts), MAX_CONCEPTS)
        for masks in found_masks(segmenter, image, prompts[start : start + MAX_CONCEPTS])
    ]
    return scene, [
        replace(case, after=after[2 * place], control=after[2 * place + 1])
        for place, case in enumerate(chosen)
    ]


def _queries(scene: Scene) -> list[tuple[str, ConceptQuery]]:
    """Each look that is there, by its words, by an exemplar, and by both."""
    looks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, obj in enumerate(scene.objects):
        looks[obj.kind, obj.colour or ""].append(index)
    queries = []
    for (kind, colour), targets in looks.items():
        words, first, meant = f"{colour} {kind}".strip(), targets[0], tuple(targets)
        queries.append(("words", ConceptQuery(words, meant)))
        queries.append(("exemplar", ConceptQuery(None, meant, (first,))))
        queries.append(("words and exemplar", ConceptQuery(words, meant, (first,))))
    return queries


def _cases(
    scene: Scene, truth: Sequence[Mask], prompt: str, query: ConceptQuery, found: Sequence[Mask]
) -> Iterable[Case]:
    """What is found and not meant, and of two of one look the one without a positive box."""
    meant = scene.objects[query.targets[0]]
    for index, obj in enumerate(scene.objects):
        if index in query.positive or not is_found(truth[index], found):
            continue
        if index in query.targets:
            if len(query.targets) > 1:
                others = tuple(one for one in query.targets if one != index)
                without_it = replace(query, targets=others)
                yield Case(prompt, "same look", without_it, index, truth, found)
        elif obj.colour == meant.colour:
            yield Case(prompt, "other kind", query, index, truth, found)
        else:
            yield Case(prompt, "other colour", query, index, truth, found)


def _some(cases: Sequence[Case], rng: np.random.Generator) -> list[Case]:
    kept: dict[tuple[str, str], int] = defaultdict(int)
    chosen = []
    for place in rng.permutation(len(cases)).tolist():
        case = cases[place]
        kept[case.prompt, case.look_alike] += 1
        if kept[case.prompt, case.look_alike] <= MOST_OF_A_SCENE:
            chosen.append(case)
    return chosen


def _add(cases: Cases, case: Case) -> None:
    cases.count += 1
    cases.gone += case.gone
    cases.gone_elsewhere += not is_found(case.truth[case.against], case.control)
    cases.right += len(case.right)
    cases.kept += case.kept


def is_found(true: Mask, found: Sequence[Mask]) -> bool:
    """Whether one of the masks is this object's."""
    return any(mask_iou(true, mask) >= MATCH_IOU for mask in found)


def _without(prompt: ConceptPrompt, box: tuple[float, float, float, float]) -> ConceptPrompt:
    return replace(prompt, exemplars=(*prompt.exemplars, Exemplar(box, positive=False)))


def _empty_box(scene: Scene, rng: np.random.Generator) -> tuple[float, float, float, float] | None:
    """A box as large as the first object's where nothing is; None where none was found."""
    x0, y0, x1, y1 = scene.objects[0].box_xyxy
    width, height = round(x1 - x0), round(y1 - y0)
    rows, columns = scene.label_map.shape
    for _ in range(60):
        x = int(rng.integers(0, max(1, columns - width)))
        y = int(rng.integers(0, max(1, rows - height)))
        if not scene.label_map[y : y + height, x : x + width].any():
            return float(x), float(y), float(x + width), float(y + height)
    return None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
