"""How well a checkpoint does on scenes it never saw, through the pipeline that users run.

Scenes come from a seed of their own. Every figure counts full-size masks after the same
thresholds, at the defaults a user starts with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask, mask_from_bitmap
from sam3_playground.core.nms import NO_NMS, mask_iou
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.pipeline.answer import answer
from scenes.queries import ConceptQuery, sample_queries
from scenes.scenes import EVAL_SEED, Scene, draw_scene
from training.batches import inner_point, random_point

# Side of the scenes in pixels: larger than the network's input, as users' images are.
SCENE_SIZE = 504
MATCH_IOU = 0.5
PROMPTS_PER_SCENE = 6
CLICKED_PER_SCENE = 3


@dataclass
class Counts:
    """Matched, spurious and missed instances; F1 over all of them."""

    matched: int = 0
    spurious: int = 0
    missed: int = 0

    def add(self, found: Sequence[Mask], wanted: Sequence[Mask]) -> None:
        """Match one prompt's instances to the truth, one to one."""
        matched = count_matches(found, wanted)
        self.matched += matched
        self.spurious += len(found) - matched
        self.missed += len(wanted) - matched

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN); 0 without any instance."""
        total = 2 * self.matched + self.spurious + self.missed
        return 2 * self.matched / total if total else 0.0


@dataclass(frozen=True)
class Scores:
    """The card's figures. Shares and means are in [0, 1]; NaN where nothing was asked.

    Attributes:
        scenes: How many scenes were drawn, from EVAL_SEED.
        words_f1: Instances found by words that name what is there.
        absent_answered: Share of prompts for what is absent that got any instance.
        exemplar_f1: All instances of the boxed kind, by one box and no words.
        negative_success: Share of scenes in which one negative box removed all of the
            look-alike's instances and kept all others that the positive box found.
        one_click_iou: Mean IoU of the best candidate after one click.
        three_clicks_iou: After three, the last of them negative, the former mask sent along.
        box_iou: After one box.
    """

    scenes: int
    words_f1: float
    absent_answered: float
    exemplar_f1: float
    negative_success: float
    one_click_iou: float
    three_clicks_iou: float
    box_iou: float

    def to_json(self) -> dict[str, float]:
        """The fields by name, rounded to three places."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def evaluate(
    segmenter: Segmenter,
    *,
    scenes: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Scores:
    """Score the segmenter on the first `scenes` scenes of EVAL_SEED."""
    words, exemplars = Counts(), Counts()
    absent: list[bool] = []
    negatives: list[bool] = []
    ious: dict[str, list[float]] = {"one": [], "three": [], "box": []}
    for index in progress(range(scenes)):
        rng = np.random.default_rng([EVAL_SEED, index])
        scene = draw_scene(rng, SCENE_SIZE)
        image = RgbImage(scene.image)
        truth = true_masks(scene)
        queries = sample_queries(scene, rng, PROMPTS_PER_SCENE)
        if queries:
            answers = found_masks(segmenter, image, [prompt_of(scene, query) for query in queries])
            for query, found in zip(queries, answers, strict=True):
                wanted = [truth[target] for target in query.targets]
                if query.negative:
                    negatives.append(negative_worked(segmenter, image, scene, query, found, truth))
                elif query.positive and query.phrase is None:
                    exemplars.add(found, wanted)
                elif not query.positive and wanted:
                    words.add(found, wanted)
                elif not query.positive:
                    absent.append(bool(found))
        for number in rng.permutation(len(truth))[:CLICKED_PER_SCENE].tolist():
            for name, iou in click_ious(segmenter, image, truth[number], rng).items():
                ious[name].append(iou)
    return Scores(
        scenes=scenes,
        words_f1=words.f1,
        absent_answered=mean(absent),
        exemplar_f1=exemplars.f1,
        negative_success=mean(negatives),
        one_click_iou=mean(ious["one"]),
        three_clicks_iou=mean(ious["three"]),
        box_iou=mean(ious["box"]),
    )


def mean(values: Sequence[float]) -> float:
    """The mean; NaN of nothing."""
    return float(np.mean(values)) if len(values) else float("nan")


def count_matches(found: Sequence[Mask], wanted: Sequence[Mask]) -> int:
    """How many of the found masks are one of the wanted ones each, at MATCH_IOU."""
    if not found or not wanted:
        return 0
    return matches_in(np.array([[mask_iou(a, b) for b in wanted] for a in found]))


def matches_in(overlaps: NDArray[np.float64]) -> int:
    """How many of F found are one of T wanted each, by their (F, T) IoUs, at MATCH_IOU."""
    rows, columns = linear_sum_assignment(-overlaps)
    return int((overlaps[rows, columns] >= MATCH_IOU).sum())


def true_masks(scene: Scene) -> list[Mask]:
    """The visible pixels of each of a scene's objects, in order."""
    return [mask_from_bitmap(scene.label_map == n + 1) for n in range(len(scene.objects))]


def prompt_of(scene: Scene, query: ConceptQuery) -> ConceptPrompt:
    """A drawn query as the prompt that a user would send."""
    boxes = [(index, True) for index in query.positive]
    boxes += [(index, False) for index in query.negative]
    return ConceptPrompt(
        text=query.phrase,
        exemplars=tuple(
            Exemplar(scene.objects[index].box_xyxy, positive) for index, positive in boxes
        ),
    )


def found_masks(
    segmenter: Segmenter, image: RgbImage, prompts: Sequence[ConceptPrompt]
) -> list[list[Mask]]:
    """The masks kept for each prompt at the default threshold, without suppression."""
    result = answer(segmenter, image, ConceptRequest(tuple(prompts), nms=NO_NMS))
    return [[instance.mask for instance in found.instances] for found in result.prompt_results]


def negative_worked(
    segmenter: Segmenter,
    image: RgbImage,
    scene: Scene,
    query: ConceptQuery,
    found: Sequence[Mask],
    truth: Sequence[Mask],
) -> bool:
    """Whether the look-alike is gone and everything else that was found before is still there."""
    without = ConceptQuery(query.phrase, query.targets, query.positive, ())
    before = found_masks(segmenter, image, [prompt_of(scene, without)])[0]
    wanted = [truth[index] for index in query.targets]
    others = [mask for index, mask in enumerate(truth) if index not in query.targets]
    # Where the positive box alone found nothing, nothing can be said to be kept.
    kept = count_matches(found, wanted) >= max(1, count_matches(before, wanted))
    return kept and count_matches(found, others) == 0


def click_ious(
    segmenter: Segmenter, image: RgbImage, true: Mask, rng: np.random.Generator
) -> dict[str, float]:
    """IoU of the first candidate after one click, three clicks, and one box."""
    bitmap = true.to_bitmap()
    centre = inner_point(bitmap)
    box = segmenter.segment_visual(image, VisualPrompt(box_xyxy=true.box_xyxy)).candidates
    clicks = [Click(*centre)]
    answer = segmenter.segment_visual(image, VisualPrompt(tuple(clicks))).candidates
    first = answer.candidates[0]
    ious = {
        "box": mask_iou(box.candidates[0].mask, true),
        "one": mask_iou(first.mask, true),
    }
    best = first
    for positive in (True, False):
        shown = best.mask.to_bitmap()
        wrong = bitmap & ~shown if positive else shown & ~bitmap
        # Where nothing is wrong on that side, a user confirms: on the object, or beside it.
        fallback = bitmap if positive else ~bitmap
        point = inner_point(wrong) if wrong.any() else random_point(fallback, rng)
        clicks.append(Click(*point, positive=positive) if point else clicks[0])
        best = segmenter.segment_visual(
            image, VisualPrompt(tuple(clicks)), mask_input=best.mask_logits
        ).candidates.candidates[0]
    ious["three"] = mask_iou(best.mask, true)
    return ious
