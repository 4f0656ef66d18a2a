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
from sam3_playground.pipeline.answer import Proposal, VisualProposal
from sam3_playground.ui.ask import Ask, Row
from sam3_playground.ui.finding import result_of, without_hidden
from sam3_playground.ui.overlay import (
    THUMBNAIL_SIDE,
    around,
    crop_mask,
    draw_thumbnail,
    flat_png_url,
    jpeg_url,
    runs_of,
    scale_mask,
    screen_size,
    shrink,
)

Picture = dict[str, Any]


def picture_of(image: RgbImage, ask: Ask, proposal: Proposal | None) -> Picture:
    """What the page shows of an ask.

    Args:
        image: The image.
        ask: The page's rows, their style, and what is hidden.
        proposal: What the network says to the ask's request; None where there is none.
    """
    result = result_of(image, proposal)
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
        "candidates": _candidates(image, ask, proposal),
    }


def counts_of(ask: Ask, proposal: Proposal | None) -> list[dict[str, Any]]:
    """Label and count of instances, hidden ones too, of each of the ask's rows."""
    result = () if proposal is None else proposal.select().prompt_results
    found = {entry.id: sum(not item.mask.is_empty for item in entry.instances) for entry in result}
    return [{"label": row.label, "count": found.get(row.id, 0)} for row in ask.rows]


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
        "threshold": found.score_threshold if found else None,
        "best": found.best_score if found else None,
        "suppressed": [asdict(item) for item in found.suppressed] if found else [],
        "instances": [
            {
                "id": item.id,
                "number": item.rank + 1,
                "colours": [of[item.id] for of in colours],
                "score": item.score,
                "area": item.mask.area,
                "box": list(item.mask.box_xyxy),
                "runs": runs[item.id],
            }
            for item in instances
        ],
    }


def _candidates(image: RgbImage, ask: Ask, proposal: Proposal | None) -> list[Picture]:
    """The masks that the active object could have."""
    if not isinstance(proposal, VisualProposal) or ask.active not in proposal.request.ids:
        return []
    proposed = proposal.found[proposal.request.ids.index(ask.active)]
    (slot,) = (row.slot for row in ask.rows if row.id == ask.active)
    return _thumbnails(image, proposed, COLOURS[slot % len(COLOURS)])


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
