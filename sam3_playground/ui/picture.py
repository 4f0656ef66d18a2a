"""What the page shows of a result, as JSON values: pictures, lists, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any, get_args

from sam3_playground.core.candidates import VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.results import PromptResult
from sam3_playground.formats.picture import (
    COLOURS,
    ColourBy,
    colours_of,
    draw_overlay,
    line_width,
)
from sam3_playground.formats.scaling import scale_mask, screen_size, shrink
from sam3_playground.pipeline.answer import Proposal, VisualProposal
from sam3_playground.ui.ask import Ask, Row
from sam3_playground.ui.finding import Found, result_of, without_hidden
from sam3_playground.ui.overlay import (
    THUMBNAIL_SIDE,
    around,
    crop_mask,
    draw_thumbnail,
    flat_png_url,
    inner_point,
    jpeg_url,
    runs_of,
)

Picture = dict[str, Any]


def picture_of(image: RgbImage, ask: Ask, proposals: Sequence[Proposal]) -> Picture:
    """What the page shows of an ask.

    Args:
        image: The image.
        ask: The page's rows, their style, and what is hidden.
        proposals: What the network says to the ask's requests.
    """
    result = result_of(image, proposals)
    slots = {row.id: row.slot for row in ask.rows}
    size = screen_size(image.size)
    small = result.mapped(partial(scale_mask, size=size), size)
    visible = without_hidden(small, ask).filtered(lambda item: not item.mask.is_empty)
    # Letters are the browser's: there they stay as large as they are, however near one looks.
    style = replace(ask.style, labels=False)
    overlay = flat_png_url(draw_overlay(visible, style, slots)) if visible.instances else None
    found = {entry.id: entry for entry in result.prompt_results}
    colours = [
        colours_of(result, replace(ask.style, colour_by=by), slots) for by in get_args(ColourBy)
    ]
    runs = {item.id: runs_of(item.mask) for item in small.instances}
    return {
        "overlay": overlay,
        "screen": {"size": list(size), "line": line_width(size)},
        "nms": {"mode": ask.nms.mode, "iou": ask.nms.iou_threshold},
        "rows": [_listed(row, found.get(row.id), colours, runs) for row in ask.rows],
        "candidates": _candidates(image, ask, proposals),
    }


def counts_of(found: Found) -> list[dict[str, Any]]:
    """Label and count of instances, hidden ones too, of each of the ask's rows."""
    counts = {
        entry.id: sum(not item.mask.is_empty for item in entry.instances)
        for entry in result_of(found.image, found.proposals).prompt_results
    }
    return [{"label": row.label, "count": counts.get(row.id, 0)} for row in found.ask.rows]


def _listed(
    row: Row,
    found: PromptResult | None,
    colours: Sequence[Mapping[str, int]],
    runs: Mapping[str, str],
) -> Picture:
    """A row of the page; a found one is None where it has no prompt yet."""
    instances = () if found is None else found.instances
    return {
        "id": int(row.id),
        "slot": row.slot,
        "label": row.label,
        "is_object": row.is_object,
        "threshold": found.score_threshold if found else None,
        "best": found.best_score if found else None,
        "suppressed": [asdict(item) for item in found.suppressed] if found else [],
        "misfits": list(found.misfits) if found else [],
        "instances": [
            {
                "id": item.id,
                "number": item.rank + 1,
                "colours": [of[item.id] for of in colours],
                "score": item.score,
                "area": item.mask.area,
                "box": list(item.mask.box_xyxy),
                "runs": runs[item.id],
                "inside": list(inner_point(item.mask)),
                "corrected": item.corrected,
            }
            for item in instances
        ],
    }


def _candidates(image: RgbImage, ask: Ask, proposals: Sequence[Proposal]) -> list[Picture]:
    """The masks that the active object, or corrected instance, could have."""
    row = (ask.active or "").split(":", 1)[0]
    slots = [one.slot for one in ask.rows if one.id == row]
    found = [masks for one in proposals if (masks := _proposed(one, ask.active)) is not None]
    if not (slots and found):
        return []
    return _thumbnails(image, found[0], COLOURS[slots[0] % len(COLOURS)])


def _proposed(proposal: Proposal, active: str | None) -> VisualCandidates | None:
    """What clicks propose for an object or a corrected instance; None for others."""
    if isinstance(proposal, VisualProposal):
        ids = proposal.request.ids
        return proposal.found[ids.index(active)] if active in ids else None
    for one in proposal.corrected:
        (*_, last) = (None, *one.correction.steps)
        if one.correction.id == active and last is not None:
            return proposal.steps[last.key]
    return None


def _thumbnails(image: RgbImage, proposed: VisualCandidates, colour: str) -> list[Picture]:
    """Each candidate over the part of the image where they differ."""
    masks = [candidate.mask for candidate in proposed.candidates]
    y0, x0, y1, x1 = around(masks, image.size)
    part = shrink(RgbImage(image.pixels[y0:y1, x0:x1]), THUMBNAIL_SIDE)
    return [
        {
            "score": candidate.score,
            "thumbnail": jpeg_url(draw_thumbnail(part, crop_mask(mask, (y0, x0, y1, x1)), colour)),
        }
        for candidate, mask in zip(proposed.candidates, masks, strict=True)
    ]
