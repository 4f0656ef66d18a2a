"""What the network says to an ask, and the result of it, for whoever shows or saves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Result, joined
from sam3_playground.core.steps import StepKey
from sam3_playground.pipeline.answer import ConceptProposal, Proposal
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.session import Answers


@dataclass(frozen=True, eq=False)
class Found:
    """What the network says to an ask.

    Attributes:
        ask: What was asked.
        image: The image.
        proposals: What the network says to the ask's requests.
        network: The key of the segmenter.
        answers: What the session keeps of that segmenter's answers.
    """

    ask: Ask
    image: RgbImage
    proposals: tuple[Proposal, ...]
    network: str
    answers: Answers

    def shown(self) -> Result:
        """The result without what is hidden."""
        return without_hidden(result_of(self.image, self.proposals), self.ask)

    def count_masks(self) -> None:
        """Count the masks that were made of it among what the session keeps."""
        self.answers.count_masks(self.image, *_used(self.proposals))


def result_of(image: RgbImage, proposals: Sequence[Proposal]) -> Result:
    """What is kept of proposals, all together; a result without prompts where there are none."""
    return joined(image.size, [one.select() for one in proposals])


def without_hidden(result: Result, ask: Ask) -> Result:
    """The result without the instances that the ask hides."""
    return result.filtered(lambda item: item.id not in ask.hidden)


def _used(
    proposals: Sequence[Proposal],
) -> tuple[dict[ConceptPrompt, ConceptCandidates], dict[StepKey, VisualCandidates]]:
    """The candidates that an answer was made of, as a session keeps them."""
    concepts: dict[ConceptPrompt, ConceptCandidates] = {}
    steps: dict[StepKey, VisualCandidates] = {}
    for proposal in proposals:
        steps |= proposal.steps
        if isinstance(proposal, ConceptProposal):
            concepts |= {found.prompt: found for found in (*proposal.found, *proposal.seeds)}
    return concepts, steps
