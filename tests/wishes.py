"""What a person wants of an image, as each door has it said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.nms import Nms, NmsMode
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest, Request, visual_request
from tests.servers import page_state

CLEANUP = {"fill_holes": 40, "min_area": 60}


@dataclass(frozen=True)
class Wish:
    """A request as a person would put it, at any door."""

    concepts: tuple[ConceptPrompt, ...] = ()
    one: VisualPrompt | None = None
    threshold: float = 0.5
    nms: NmsMode = "within"
    iou: float = 0.7
    cleanup: bool = False

    @property
    def tidied(self) -> dict[str, int]:
        return CLEANUP if self.cleanup else {}

    @property
    def request(self) -> Request:
        cleanup = MaskCleanup(**self.tidied)
        if self.one:
            return visual_request(self.one, cleanup=cleanup)
        return ConceptRequest(
            self.concepts,
            score_threshold=self.threshold,
            nms=Nms(self.nms, self.iou),
            cleanup=cleanup,
        )


def wire_prompt(concept: ConceptPrompt) -> dict[str, Any]:
    boxes = [
        dict(zip(("x0", "y0", "x1", "y1"), e.box_xyxy, strict=True)) for e in concept.exemplars
    ]
    labels = [int(exemplar.positive) for exemplar in concept.exemplars]
    prompt: dict[str, Any] = {"text": concept.text, "output_prob_thresh": concept.score_threshold}
    return prompt | ({"boxes": boxes, "box_labels": labels} if boxes else {})


def arguments(path: Path, wish: Wish) -> list[str]:
    typed = [f"--{name.replace('_', '-')}={value}" for name, value in wish.tidied.items()]
    if wish.one:
        typed += [f"--click={'+' if c.positive else '-'}{c.x},{c.y}" for c in wish.one.clicks]
        typed += [f"--box={','.join(map(str, wish.one.box_xyxy))}"] if wish.one.box_xyxy else []
        return ["segment", str(path), *typed]
    typed += [f"--threshold={wish.threshold}", f"--nms={wish.nms}", f"--iou={wish.iou}"]
    for concept in wish.concepts:
        typed += ["--concept", concept.text or ""] if concept.text else []
        for one in concept.exemplars:
            edges = ",".join(map(str, one.box_xyxy))
            name = f"{concept.text}:" if concept.text else ""
            typed.append(f"--exemplar={name}{'+' if one.positive else '-'}{edges}")
    return ["segment", str(path), *typed]


def typable(wish: Wish) -> bool:
    """Whether a command line can say it: each concept once, with words where there are several,
    and one threshold for all."""
    texts = [concept.text for concept in wish.concepts]
    own = any(concept.score_threshold is not None for concept in wish.concepts)
    return len(set(texts)) == len(texts) and (len(texts) < 2 or None not in texts) and not own


def state_of(wish: Wish, image: str | None) -> dict[str, Any]:
    if wish.one:
        points = [{"x": c.x, "y": c.y, "positive": c.positive} for c in wish.one.clicks]
        box = list(wish.one.box_xyxy) if wish.one.box_xyxy else None
        step = {"points": points, "box": box, "choice": 0, "base": None}
        objects = [{"id": 1, "slot": 0, "name": "", "step": step}]
        return page_state(image, mode="objects", objects=objects, cleanup=wish.tidied)
    concepts = [
        {
            "id": place + 1,
            "slot": place,
            "text": concept.text,
            "exemplars": [
                {"box": list(e.box_xyxy), "positive": e.positive} for e in concept.exemplars
            ],
            "threshold": concept.score_threshold,
        }
        for place, concept in enumerate(wish.concepts)
    ]
    return page_state(
        image,
        concepts=concepts,
        score_threshold=wish.threshold,
        nms={"mode": wish.nms, "iou": wish.iou},
        cleanup=wish.tidied,
    )
