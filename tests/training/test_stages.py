"""What the fusion encoder's tokens are taught, and where queries weigh more."""

from __future__ import annotations

import torch

from scenes.queries import ConceptQuery
from training.batches import SceneTensors
from training.forward import Probes
from training.stages import decided_boxes, token_loss

GRID = 4  # patches of a side, of four mask pixels each


def test_what_is_excluded_weighs_as_much_as_what_is_meant() -> None:
    probes = Probes(vit_width=8, d_model=8, kinds=2, colours=2)
    memory = torch.randn(GRID * GRID, 1, 8, generator=torch.Generator().manual_seed(0))
    logits = probes.token(memory)[:, 0, 0]
    coverage = torch.zeros(2, 4 * GRID, 4 * GRID)
    coverage[0, :4, :4] = 1.0  # the first patch
    coverage[1, :4, 4:8] = 1.0  # the second

    def loss(*excluded: int) -> torch.Tensor:
        return token_loss(probes, memory, [(0, [0])], [(0, list(excluded))], [coverage])

    share = 1 / 16 + 1e-3
    more = 0.5 / share - 0.5 / (1 - share)
    silent = torch.nn.functional.softplus(logits[1])
    torch.testing.assert_close(loss(1) - loss(), more * silent / 16)
    assert (loss(1) > loss()).item()
    torch.testing.assert_close(loss(0), loss())  # what is meant weighs so already


def test_a_negative_box_decides_about_what_is_meant_and_excluded_or_a_stage_about_all() -> None:
    boxes = torch.arange(12.0).reshape(3, 4)
    queries = (
        ConceptQuery("red circle", (2,), negative=(0,)),
        ConceptQuery("red circle", (2,)),
        ConceptQuery("red star", ()),
    )
    nothing = torch.zeros(3)
    scene = SceneTensors(nothing, nothing, boxes, nothing, nothing, queries)
    chosen = decided_boxes([scene], everywhere=False)
    assert [box[:, 0].tolist() for box in chosen] == [[8.0, 0.0], [], []]
    everywhere = decided_boxes([scene], everywhere=True)
    assert all(torch.equal(box, boxes) for box in everywhere)
    assert len(everywhere) == 3
