"""Requests about a drawn scene that are written as code: what each language can say, and cannot."""

from __future__ import annotations

from sam3_playground import (
    Click,
    ConceptPrompt,
    ConceptRequest,
    Correction,
    Exemplar,
    MaskCleanup,
    Nms,
    Seed,
    Step,
    VisualObject,
    VisualPrompt,
    VisualRequest,
    visual_request,
)
from sam3_playground.core.requests import Request
from tests.drawn import drawn_example

DRAWN = drawn_example("rockets")
NAME = "-my $(touch pwned) 'photo' 🚀.jpg"
STRANGE = '--dog\'s "$(touch pwned)" `id`\n\\n 🐶 $HOME !!'

_ROCKET, _DOG, _CAT = map(DRAWN.box, ("rocket", "dog", "cat"))
_ON, _OFF = DRAWN.point("rocket"), DRAWN.point("dog")
# Words that mean the same things; each kind of NMS keeps others of what is proposed.
_TWINS = (ConceptPrompt("cat"), ConceptPrompt("a cat"))
# By their boxes, as they are found again whatever their ids are.
_FOUND, _OTHER = Seed(ConceptPrompt("rocket"), 999, _ROCKET), Seed(ConceptPrompt("dog"), 999, _DOG)
_PROMPT = VisualPrompt((Click(*_ON), Click(*_OFF, positive=False)), _ROCKET)

SAID_BY_ALL: dict[str, Request] = {
    "words with thresholds of their own": ConceptRequest(
        (ConceptPrompt("rocket", (), 0.9), ConceptPrompt("cat", (), 0.0), ConceptPrompt("dog")),
        score_threshold=0.3,
    ),
    "words with boxes": ConceptRequest(
        (
            ConceptPrompt("rocket", (Exemplar(_ROCKET), Exemplar(_DOG, positive=False))),
            ConceptPrompt("dog", (Exemplar(_CAT, positive=False),)),
        ),
        score_threshold=0.1,
    ),
    "boxes alone, of two concepts": ConceptRequest(
        (
            ConceptPrompt(exemplars=(Exemplar(_ROCKET),)),
            ConceptPrompt(exemplars=(Exemplar(_CAT), Exemplar(_DOG, positive=False))),
        ),
        score_threshold=0.1,
    ),
    "a box partly outside": ConceptRequest(
        (ConceptPrompt(exemplars=(Exemplar((-20.25, *_ROCKET[1:])),)),), score_threshold=0.0
    ),
    "strange words": ConceptRequest((ConceptPrompt(STRANGE),), score_threshold=0.0, nms=Nms("off")),
    "NMS off": ConceptRequest(_TWINS, score_threshold=0.0, nms=Nms("off")),
    "NMS within": ConceptRequest(_TWINS, score_threshold=0.0, nms=Nms("within", 0.4)),
    "NMS across": ConceptRequest(_TWINS, score_threshold=0.0, nms=Nms("across", 0.4)),
    "a click": visual_request(VisualPrompt((Click(*_ON),))),
    "clicks and a box": visual_request(_PROMPT),
    "objects of each kind": VisualRequest(
        (
            VisualObject(Step(VisualPrompt((Click(*_ON),))), "the first"),
            VisualObject(Step(VisualPrompt((Click(*_OFF),)))),
            VisualObject(Step(VisualPrompt(box_xyxy=_CAT)), "it's\nthe last"),
        )
    ),
}
# What some languages have no words for, and say so.
SAID_BY_SOME: dict[str, tuple[Request, set[str]]] = {
    "cleanup of concepts": (
        ConceptRequest((ConceptPrompt("rocket"),), cleanup=MaskCleanup(0, 400, 2.5)),
        {"curl", "requests", "python", "cli"},
    ),
    "cleanup of objects": (
        visual_request(_PROMPT, cleanup=MaskCleanup(0, 0, 3.5)),
        {"curl", "requests", "python", "cli"},
    ),
    "thresholds of their own, NMS across": (
        ConceptRequest(
            (ConceptPrompt("cat", (), 0.0), ConceptPrompt("dog", (), 0.0001)),
            nms=Nms("across", 0.4),
        ),
        {"curl", "requests", "inference-sdk", "python"},
    ),
    "words with a comma": (
        ConceptRequest((ConceptPrompt("cat, dog"),), score_threshold=0.0),
        {"curl", "requests", "inference-sdk", "python"},
    ),
    "three masks for a clear prompt": (
        visual_request(_PROMPT, multimask=True),
        {"curl", "requests", "inference-sdk", "python"},
    ),
    "another mask than the first": (
        VisualRequest((VisualObject(Step(VisualPrompt((Click(*_ON),)), choice=2)),)),
        {"python"},
    ),
    "a refined mask": (
        VisualRequest(
            (
                VisualObject(
                    Step(
                        VisualPrompt((Click(*_OFF, positive=False),)),
                        base=Step(VisualPrompt((Click(*_ON),)), choice=1),
                    )
                ),
            )
        ),
        {"python"},
    ),
    "corrected instances": (
        ConceptRequest(
            (ConceptPrompt("rocket", (), 0.3), ConceptPrompt("cat"), ConceptPrompt("dog")),
            ("7", "2", "it's"),
            corrections=(
                Correction(
                    "7:1",
                    "7",
                    (_FOUND,),
                    (
                        Step(
                            VisualPrompt((Click(*_ON), Click(*_OFF, positive=False))),
                            1,
                            Step(VisualPrompt((Click(*_ON),)), base=_FOUND),
                        ),
                    ),
                ),
                Correction("2:+1", "2", (), (Step(_PROMPT), _OTHER)),
                Correction("it's:4", "it's", (_OTHER,)),
            ),
        ),
        {"python"},
    ),
    "a corrected instance": (
        ConceptRequest(
            (ConceptPrompt("rocket"), ConceptPrompt("cat")),
            nms=Nms("across", 0.4),
            cleanup=MaskCleanup(0, 20, 1.5),
            corrections=(Correction("0:1", "0", (_FOUND,), (_FOUND, _OTHER)),),
        ),
        {"python"},
    ),
    "a refined instance as an object": (
        VisualRequest(
            (
                VisualObject(Step(VisualPrompt((Click(*_OFF, positive=False),)), base=_FOUND)),
                VisualObject(Step(VisualPrompt((Click(*_ON),)), 2, _FOUND)),
            )
        ),
        {"python"},
    ),
}
ALL = SAID_BY_ALL | {name: request for name, (request, _) in SAID_BY_SOME.items()}
