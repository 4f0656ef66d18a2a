"""What a concept found, with what was mended of it put in its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sam3_playground.core.candidates import Candidate
from sam3_playground.core.cleanup import MaskCleanup, clean
from sam3_playground.core.corrections import SAME_IOU, Corrected
from sam3_playground.core.nms import mask_iou
from sam3_playground.core.results import Instance


def mended(
    instances: Iterable[Instance],
    corrected: Sequence[Corrected],
    candidates: Sequence[Candidate],
    reaching: int,
    label: str,
    cleanup: MaskCleanup,
) -> list[Instance]:
    """A concept's instances after its corrections.

    A correction takes the place and the rank of the first instance that it replaces; all that
    show the same as one that it replaces go. Added ones come last.

    Args:
        instances: What reached the threshold, best first.
        corrected: The concept's corrections, in the order that they were made.
        candidates: All that the concept's prompt finds, best first.
        reaching: How many of them reach the lowest score that the request wants: behind these
            come added ones, however many more happen to be known.
        label: What its instances are called.
        cleanup: What is done to each mask; an instance goes where it leaves nothing.
    """
    left = list(instances)
    ranks = {candidate: rank for rank, candidate in enumerate(candidates)}
    made: list[Instance] = []
    for place, one in enumerate(corrected):
        known = [ranks[candidate] for candidate in one.replaced if candidate in ranks]
        same = [item for item in left if _is_replaced(item, one)]
        left = [item for item in left if item not in same]
        known += [item.rank for item in same]
        rank = known[0] if known else reaching + place
        mask = one.mask
        shape = None if mask is None else clean(mask, cleanup)
        if shape is not None:
            made.append(
                Instance(
                    label,
                    one.score,
                    shape.mask,
                    id=one.correction.id,
                    rank=rank,
                    polygons=shape.polygons,
                    corrected=True,
                )
            )
    return sorted([*left, *made], key=lambda item: item.rank)


def _is_replaced(instance: Instance, one: Corrected) -> bool:
    if instance.candidate in one.replaced:
        return True
    # As they were found: a cleanup may make two of a kind unlike each other.
    found = instance.mask if instance.candidate is None else instance.candidate.mask
    return any(mask_iou(found, other.mask) >= SAME_IOU for other in one.replaced)
