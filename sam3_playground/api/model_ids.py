"""Which models a request may name. The server decides which weights answer.

The hosted API knows SAM 3 as `sam3` and its versions as `sam3/VERSION`; the name of a version
chooses among weights there. Names that only begin alike are other models (`sam3-3d-objects`), and
`project/7` is one that somebody trained: neither is served.
"""

from __future__ import annotations

import re

from sam3_playground.errors import UnknownModelError
from sam3_playground.server.validation import brief

MODEL_ID = "sam3/sam3_final"
# What the hosted API names its model for clicks and embeddings.
INTERACTIVE_MODEL_ID = "sam3/sam3_interactive"
FAMILY = "sam3"

_SERVED = re.compile(rf"{FAMILY}(?:/[\w.-]{{1,128}})?", re.ASCII)


def check_model(model_id: str | None) -> None:
    """Refuse another model than SAM 3; None is the one that is served.

    Raises:
        UnknownModelError: Another one.
    """
    if model_id is not None and not _SERVED.fullmatch(model_id):
        raise UnknownModelError(
            f"expected a model_id of SAM 3, such as {FAMILY} or {MODEL_ID}, got {brief(model_id)}"
        )
