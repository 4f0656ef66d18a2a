"""The network: SAM 3 at two sizes, its weights, and the segmenter that runs it."""

from sam3_playground.core.segmenter import ConceptAnswer, Timings, VisualAnswer
from sam3_playground.model.loading import load_segmenter
from sam3_playground.model.segmenter import Segmenter

__all__ = ["ConceptAnswer", "Segmenter", "Timings", "VisualAnswer", "load_segmenter"]
