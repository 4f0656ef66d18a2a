"""Who speaks for an object, and how sure it learns to be."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from training.losses import (
    SEARCHING,
    SETTLING,
    Scoring,
    class_weights,
    detection_losses,
    mask_losses,
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


def class_loss(
    logits: torch.Tensor, scoring: Scoring, weights: torch.Tensor | None = None
) -> torch.Tensor:
    targets = [BOX[None], torch.zeros(0, 4)][: len(logits)]
    matches = match_queries(logits, BOXES.expand(len(logits), 2, 4), targets, places=PLACES)
    return detection_losses(
        logits,
        BOXES.expand(len(logits), 2, 4),
        targets,
        matches,
        weights=torch.ones_like(logits) if weights is None else weights,
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


def test_a_query_counts_by_its_weight() -> None:
    logits = torch.tensor([[2.0, -1.0]])
    silent = 0.4 * F.softplus(torch.tensor(-1.0))
    heavier = class_loss(logits, SETTLING, torch.tensor([[1.0, 3.0]]))
    torch.testing.assert_close(heavier, class_loss(logits, SETTLING) + 2 * silent)


def test_on_what_is_decided_about_a_query_counts_more() -> None:
    apart = torch.tensor([0.8, 0.8, 0.2, 0.2])
    boxes = torch.stack([BOX, apart, BOX + 0.01]).expand(4, 3, 4)
    decided = [torch.stack([apart, BOX]), BOX[None], apart[None], torch.zeros(0, 4)]
    weights = class_weights(boxes, decided)
    assert (weights > 1).tolist() == [
        [True, True, True],
        [True, False, True],
        [False, True, False],
        [False, False, False],
    ]
    assert weights.min() == 1


def test_a_speck_elsewhere_weighs_more_than_one_beside_the_object() -> None:
    target = torch.zeros(3, 40, 40)
    target[:2, 5:15, 5:15] = 1.0
    target[:2, 5:8, 5:8] = 0.0  # a corner of its box that is not its own
    logits = torch.where(target > 0, 6.0, -6.0)
    exact = mask_losses(logits, target)
    logits[0, 5:8, 5:8] = 6.0
    logits[1, 30:33, 30:33] = 6.0
    beside, elsewhere, nothing = (mask_losses(logits, target) - exact).tolist()
    assert elsewhere > 2 * beside > 0
    assert nothing == 0
    assert torch.isfinite(exact).all()
