"""The network: SAM 3 at two sizes, its weights, and the segmenter that runs it."""

from sam3_playground.model.loading import load_segmenter
from sam3_playground.model.segmenter import (
    ConceptAnswer,
    Segmenter,
    Timings,
    VisualAnswer,
)

__all__ = ["ConceptAnswer", "Segmenter", "Timings", "VisualAnswer", "load_segmenter"]
