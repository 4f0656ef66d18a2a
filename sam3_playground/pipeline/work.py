"""What a segmenter has its network do: two narrow calls, which leave nothing where they ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import Progress
from sam3_playground.model import Embedding, EncodedText, Runner
from sam3_playground.model.texts import read_words

# What is encoded of texts, by `read_words`.
Texts: TypeAlias = Mapping[str, EncodedText]


class Work:
    """Encode an image; answer a prompt on it: on the runner itself, in this process.

    Attributes:
        at_once: How many calls may run at a time.
    """

    at_once = 1

    def encode(self, runner: Runner, image: RgbImage, progress: Progress | None) -> Embedding:
        """As `Runner.encode`."""
        return runner.encode(image, progress)

    def concepts(
        self,
        runner: Runner,
        embedding: Embedding,
        prompts: Sequence[ConceptPrompt],
        texts: Texts,
        score_floor: float,
    ) -> tuple[tuple[ConceptCandidates, ...], dict[str, EncodedText]]:
        """Encode the texts that are not yet, then propose instances.

        Returns:
            As `Runner.propose_concepts`, and the texts that were encoded now.
        """
        words = [read_words(prompt) for prompt in prompts]
        missing = sorted({*words} - {*texts})
        made = dict(zip(missing, runner.encode_texts(missing), strict=True)) if missing else {}
        rows = [made[text] if text in made else texts[text] for text in words]
        return runner.propose_concepts(embedding, prompts, rows, score_floor=score_floor), made

    def visual(
        self,
        runner: Runner,
        embedding: Embedding,
        prompt: VisualPrompt,
        mask_input: NDArray[np.float32] | None,
        multimask: bool | None,  # noqa: FBT001 (as `Runner.propose_visual` has it)
    ) -> tuple[VisualCandidates, Embedding]:
        """Propose masks of one object.

        Returns:
            As `Runner.propose_visual`, and the embedding as later visual prompts take it: the
            same object where it was ready for them.
        """
        ready = embedding if embedding.takes_clicks else runner.with_clicks(embedding)
        return runner.propose_visual(ready, prompt, mask_input, multimask=multimask), ready
