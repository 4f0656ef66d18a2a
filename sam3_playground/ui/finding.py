"""What the network says to an ask, and the result of it, for whoever shows or saves it."""

from __future__ import annotations

from dataclasses import dataclass

from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import StepKey
from sam3_playground.core.results import Result
from sam3_playground.pipeline.answer import ConceptProposal, Proposal
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.session import Answers


@dataclass(frozen=True, eq=False)
class Found:
    """What the network says to an ask.

    Attributes:
        ask: What was asked.
        image: The image.
        proposal: What the network says to the ask's request; None where there is none.
        network: The key of the segmenter.
        answers: What the session keeps of that segmenter's answers.
    """

    ask: Ask
    image: RgbImage
    proposal: Proposal | None
    network: str
    answers: Answers

    def shown(self) -> Result:
        """The result without what is hidden."""
        return without_hidden(result_of(self.image, self.proposal), self.ask)

    def count_masks(self) -> None:
        """Count the masks that were made of it among what the session keeps."""
        self.answers.count_masks(self.image, *_used(self.proposal))


def result_of(image: RgbImage, proposal: Proposal | None) -> Result:
    """What is kept of a proposal; a result without prompts where there is none."""
    return Result(image.size, ()) if proposal is None else proposal.select()


def without_hidden(result: Result, ask: Ask) -> Result:
    """The result without the instances that the ask hides."""
    return result.filtered(lambda item: item.id not in ask.hidden)


def _used(
    proposal: Proposal | None,
) -> tuple[dict[ConceptPrompt, ConceptCandidates], dict[StepKey, VisualCandidates]]:
    """The candidates that an answer was made of, as a session keeps them."""
    if isinstance(proposal, ConceptProposal):
        return {found.prompt: found for found in proposal.found}, {}
    return {}, dict(proposal.steps) if proposal is not None else {}
