"""Who speaks for an object, and how sure it learns to be."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from training.losses import (
    SEARCHING,
    SETTLING,
    Scoring,
    detection_losses,
    match_queries,
)

# Two queries with the same box on one object; the first starts a little nearer.
BOX = torch.tensor([0.5, 0.5, 0.2, 0.2])
BOXES = BOX.expand(1, 2, 4)
PLACES = torch.tensor([[0.45, 0.5], [0.57, 0.5]])
TARGETS = [BOX[None]]


def matched(logits: list[float], scoring: Scoring) -> int:
    ((queries, targets),) = match_queries(
        torch.tensor([logits]), BOXES, TARGETS, places=PLACES, class_cost=scoring.class_cost
    )
    assert targets.tolist() == [0]
    return int(queries.item())


@pytest.mark.parametrize(
    ("logits", "searching", "settling"),
    [
        ([0.0, 0.0], 0, 0),  # nobody is surer: the nearer
        ([0.0, 0.1], 0, 0),  # hardly surer: still the nearer
        ([-0.3, 0.0], 0, 1),  # surer: at first it does not count, in the end it does
        ([-4.0, 4.0], 1, 1),  # one knows it all
    ],
)
def test_the_nearer_query_speaks_first_and_the_surer_in_the_end(
    logits: list[float], searching: int, settling: int
) -> None:
    assert matched(logits, SEARCHING) == searching
    assert matched(logits, SETTLING) == settling


def class_loss(logits: torch.Tensor, scoring: Scoring, absent_weight: float = 1.0) -> torch.Tensor:
    targets = [BOX[None], torch.zeros(0, 4)][: len(logits)]
    matches = match_queries(logits, BOXES.expand(len(logits), 2, 4), targets, places=PLACES)
    return detection_losses(
        logits,
        BOXES.expand(len(logits), 2, 4),
        targets,
        matches,
        absent_weight=absent_weight,
        scoring=scoring,
    )["class"]


def test_settling_is_cross_entropy_weighted_by_side() -> None:
    loss = class_loss(torch.tensor([[0.3, -0.4]]), SETTLING)
    sides = F.softplus(torch.tensor([-0.3, -0.4]))  # the object's query, and the silent one
    torch.testing.assert_close(loss, 0.6 * sides[0] + 0.4 * sides[1])


def test_a_half_sure_bystander_is_pushed_down_harder_when_settling() -> None:
    def pushed(scoring: Scoring) -> float:
        logits = torch.tensor([[2.0, -1.0]], requires_grad=True)
        (gradient,) = torch.autograd.grad(scoring.weight * class_loss(logits, scoring), logits)
        return float(gradient[0, 1])

    assert pushed(SETTLING) > 2 * pushed(SEARCHING) > 0


def test_what_is_absent_counts_by_its_weight() -> None:
    logits = torch.tensor([[2.0, -1.0], [0.5, -1.0]])
    alone = class_loss(logits[:1], SETTLING)
    absent = class_loss(logits, SETTLING) - alone
    assert absent > 0
    torch.testing.assert_close(class_loss(logits, SETTLING, 0.5), alone + 0.5 * absent)
