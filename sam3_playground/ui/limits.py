"""What is taken of each thing that the page may ask for, as its scripts have to know it.

They read prompts that came by a link or in a file, and say at once what cannot be asked.
"""

from __future__ import annotations

from sam3_playground.core.cleanup import MAX_CLEANUP_PIXELS
from sam3_playground.core.corrections import MAX_PARTS
from sam3_playground.core.prompts import (
    MAX_CLICKS,
    MAX_COORDINATE,
    MAX_EXEMPLARS,
    MAX_TEXT_LENGTH,
)
from sam3_playground.core.requests import MAX_CORRECTIONS, MAX_SEED_PROMPTS, MAX_STEPS
from sam3_playground.core.steps import MAX_DEPTH
from sam3_playground.ui.forms import MAX_ID, MAX_INSTANCE_ID_LENGTH, MAX_PLACE
from sam3_playground.ui.guard import MAX_ASK_BYTES
from sam3_playground.ui.state import MAX_HIDDEN, MAX_NAME_LENGTH

PAGE_LIMITS = {
    "bytes": MAX_ASK_BYTES,
    "id": MAX_ID,
    "place": MAX_PLACE,
    "text": MAX_TEXT_LENGTH,
    "name": MAX_NAME_LENGTH,
    "instance_id": MAX_INSTANCE_ID_LENGTH,
    "coordinate": MAX_COORDINATE,
    "clicks": MAX_CLICKS,
    "exemplars": MAX_EXEMPLARS,
    "hidden": MAX_HIDDEN,
    "cleanup_pixels": MAX_CLEANUP_PIXELS,
    "corrections": MAX_CORRECTIONS,
    "parts": MAX_PARTS,
    "steps": MAX_STEPS,
    "depth": MAX_DEPTH,
    "seed_prompts": MAX_SEED_PROMPTS,
}
