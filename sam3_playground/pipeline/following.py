"""Objects' steps over one image: each asked once, in turn, with the mask that it refines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.candidates import Candidate, ConceptCandidates, VisualCandidates
from sam3_playground.core.corrections import Corrected, Correction, seeded
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import NO_TIME, Segmenter
from sam3_playground.core.selection import chosen_candidate
from sam3_playground.core.steps import Part, Seed, Step, StepKey
from sam3_playground.errors import InvalidPromptError
from sam3_playground.pipeline.keeping import Keeper


class Following:
    """Goes the steps of objects, those that are known left out.

    Args:
        segmenter: Who is asked.
        image: The image.
        keeper: What is remembered.
        multimask: As `Segmenter.segment_visual` has it.

    Attributes:
        steps: The candidates of all steps that were gone.
        timings: What the network took.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        image: RgbImage,
        keeper: Keeper,
        *,
        multimask: bool | None = None,
    ) -> None:
        self._segmenter, self._image, self._keeper = segmenter, image, keeper
        self._multimask = multimask
        self._found: Mapping[ConceptPrompt, ConceptCandidates] = {}
        self.steps: dict[StepKey, VisualCandidates] = {}
        self.timings = NO_TIME

    def knows(self, steps: Sequence[Step]) -> bool:
        """Whether all of them are kept; what is, is remembered from then on."""
        for step in steps:
            for one in step.chain:
                kept = self._keeper.step(self._image, one.key)
                if kept is not None:
                    self.steps[one.key] = kept
        return all(step.key in self.steps for step in steps)

    def start_from(self, found: Mapping[ConceptPrompt, ConceptCandidates]) -> None:
        """Take what concepts found, for steps that refine an instance of theirs."""
        self._found = found

    def instance(self, seed: Seed) -> Candidate | None:
        """The instance that a seed names; None where it is not found any more."""
        return seeded(seed, self._found[seed.prompt])

    def follow(self, step: Step, mask_input: NDArray[np.float32] | None = None) -> VisualCandidates:
        """The candidates of a step, with all that leads there.

        Args:
            step: The last of its chain.
            mask_input: (m, m) float32 logits that the first of the chain refines in place of what
                it says; nothing is kept then.

        Raises:
            InvalidPromptError: It refines an instance that is not found any more.
        """
        first = step.chain[0].base
        if mask_input is None and isinstance(first, Seed):
            refined = self.instance(first)
            if refined is None:
                raise InvalidPromptError("expected the instance to refine, got none there any more")
            logits: NDArray[np.float32] | None = refined.mask_logits
        else:
            logits = mask_input
        keeps = mask_input is None
        *earlier, last = step.chain
        for one in earlier:
            said = self._ask(one, logits, keeps=keeps)
            logits = chosen_candidate(said, one.choice).mask_logits
        return self._ask(last, logits, keeps=keeps)

    def _ask(
        self, step: Step, mask_input: NDArray[np.float32] | None, *, keeps: bool
    ) -> VisualCandidates:
        known = self.steps.get(step.key) if keeps else None
        if known is not None:
            return known
        said = self._segmenter.segment_visual(
            self._image, step.prompt, mask_input=mask_input, multimask=self._multimask
        )
        self.timings += said.timings
        if keeps:
            self.steps[step.key] = said.candidates
            self._keeper.keep_step(self._image, step.key, said.candidates)
        return said.candidates

    def corrected(self, correction: Correction) -> Corrected | None:
        """A correction with its candidates; None where its instances are not found any more."""
        if any(self.instance(seed) is None for seed in correction.seeds):
            return None
        return Corrected(
            correction,
            tuple(map(self._part, correction.replaces)),
            tuple(map(self._part, correction.parts)),
        )

    def _part(self, part: Part) -> Candidate:
        if isinstance(part, Step):
            return chosen_candidate(self.follow(part), part.choice)
        found = self.instance(part)
        if found is None:
            raise InvalidPromptError("expected an instance that is found, got none there any more")
        return found
