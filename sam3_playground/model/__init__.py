"""The network: SAM 3 at two sizes, its weights, and the runner that asks it."""

from sam3_playground.model.embedding import Embedding
from sam3_playground.model.runner import Runner
from sam3_playground.model.texts import EncodedText

__all__ = ["Embedding", "EncodedText", "Runner"]
