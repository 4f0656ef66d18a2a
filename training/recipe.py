"""The recipe of the bundled checkpoint: what is trained, in which order, for how long.

Plain end-to-end training of a DETR-like detector from scratch learns nothing in hours; each
stage below gives the next one something to stand on.
"""

from __future__ import annotations

from scenes.mixes import FOR_BOTH, FOR_EXCLUSIONS, FOR_SHAPES
from training.plan import LossWeights, Stage

RECIPE: tuple[Stage, ...] = (
    # Patches learn what they show before anybody asks about them.
    Stage("trunk", 24_000, 168, 16, LossWeights(probe=1.0), learning_rate=1e-3),
    # Words find their objects densely, before there are queries to be assigned.
    Stage(
        "words",
        14_000,
        168,
        8,
        LossWeights(probe=0.3, contrast=0.5, token=1.0),
        prompts=6,
    ),
    # Queries take over what the fusion encoder already knows.
    Stage(
        "boxes",
        14_000,
        168,
        8,
        LossWeights(probe=0.1, contrast=0.2, token=0.5, detection=1.0),
        prompts=4,
        one_to_many=True,
    ),
    # One query for each object.
    Stage(
        "queries",
        6_000,
        168,
        8,
        LossWeights(probe=0.1, contrast=0.2, token=0.5, detection=1.0),
        prompts=4,
    ),
    # Masks and clicks on the shared backbone.
    Stage(
        "masks",
        6_000,
        168,
        8,
        LossWeights(probe=0.05, contrast=0.1, token=0.3, detection=1.0, mask=1.0, click=1.0),
        prompts=4,
        objects=4,
    ),
    # More of the same, with every query that stands on an object learning its mask, down to
    # a small learning rate.
    Stage(
        "fine",
        9_000,
        168,
        8,
        LossWeights(token=0.3, detection=1.0, mask=1.5, click=1.0),
        prompts=4,
        objects=4,
        learning_rate=8e-4,
        warmup=20,
        cosine=True,
    ),
    # At the size of the finished network: finer masks, and small objects with them.
    Stage(
        "polish",
        18_000,
        252,
        8,
        LossWeights(detection=1.0, mask=2.0, click=1.5),
        prompts=4,
        objects=4,
        learning_rate=8e-4,
        warmup=50,
        cosine=True,
    ),
    # Once more from a smaller rate: fewer queries that speak for an object another has taken.
    Stage(
        "finish",
        3_200,
        252,
        8,
        LossWeights(detection=1.0, mask=2.0, click=1.5),
        prompts=4,
        objects=4,
        learning_rate=5e-4,
        warmup=20,
        cosine=True,
    ),
    # Words again, with features that must tell what they show: shapes by name come last.
    Stage(
        "names",
        5_000,
        252,
        6,
        LossWeights(probe=0.1, contrast=0.2, token=0.3, detection=1.0, mask=1.5, click=1.5),
        prompts=5,
        objects=4,
        learning_rate=8e-4,
        warmup=50,
    ),
    # One query for one object, and sure of it.
    Stage(
        "settle",
        1_200,
        336,
        4,
        LossWeights(probe=0.1, contrast=0.2, token=0.2, detection=1.5, mask=1.5, click=1.5),
        prompts=8,
        objects=4,
        settling=True,
        learning_rate=8e-4,
        warmup=30,
    ),
    # Larger images: an error of a pixel at an outline is the smaller, the more pixels there are.
    Stage(
        "sharp",
        6_000,
        420,
        4,
        LossWeights(probe=0.3, contrast=0.4, token=0.2, detection=1.5, mask=2.0, click=2.0),
        prompts=5,
        objects=4,
        settling=True,
        learning_rate=8e-4,
        warmup=30,
    ),
    # At the size of the finished network.
    Stage(
        "whole",
        4_500,
        588,
        3,
        LossWeights(probe=0.3, contrast=0.4, token=0.2, detection=1.5, mask=2.0, click=2.0),
        prompts=4,
        objects=6,
        settling=True,
        learning_rate=7e-4,
        warmup=20,
        cosine=True,
    ),
    # Clicks before all else, on more objects of each scene: neighbours must not run together.
    Stage(
        "corrections",
        4_136,
        420,
        4,
        LossWeights(probe=0.3, contrast=0.4, token=0.2, detection=1.5, mask=2.0, click=4.0),
        prompts=2,
        objects=8,
        settling=True,
        learning_rate=8e-4,
        warmup=30,
    ),
    # The same at the size of the finished network, down to a small learning rate.
    Stage(
        "outlines",
        3_600,
        588,
        3,
        LossWeights(probe=0.3, contrast=0.4, token=0.2, detection=1.5, mask=2.0, click=4.0),
        prompts=2,
        objects=8,
        settling=True,
        learning_rate=7e-4,
        warmup=20,
        cosine=True,
    ),
    # What a negative box leaves out.
    Stage(
        "exclusions",
        5_400,
        336,
        6,
        LossWeights(token=1.0, detection=2.0, mask=1.0),
        prompts=8,
        settling=True,
        mix=FOR_EXCLUSIONS,
        confusing=0.5,
        backbone_kept=True,
        masked=8,
        learning_rate=5e-4,
        warmup=20,
        cosine=True,
    ),
    # More of it with all that is seen: what tells shapes apart, on backgrounds and in styles of
    # more kinds, down to a small learning rate.
    Stage(
        "styles",
        7_200,
        336,
        6,
        LossWeights(probe=0.2, contrast=0.3, token=1.0, detection=2.0, mask=1.0, click=1.5),
        prompts=8,
        objects=4,
        settling=True,
        mix=FOR_EXCLUSIONS,
        confusing=0.5,
        masked=8,
        learning_rate=5e-4,
        warmup=30,
        cosine=True,
    ),
    # The same at the size of the finished network, at which large things are missed until then.
    Stage(
        "decided",
        880,
        588,
        2,
        LossWeights(probe=0.2, contrast=0.3, token=0.5, detection=2.0, mask=1.5, click=2.0),
        prompts=8,
        objects=6,
        settling=True,
        mix=FOR_EXCLUSIONS,
        confusing=0.5,
        masked=8,
        learning_rate=5e-4,
        warmup=20,
        cosine=True,
    ),
    # Which of the queries on an object speaks, and whether any: no object twice, no other shape in
    # place of one that is not there, and of pictures too what is excluded goes.
    Stage(
        "sure",
        500,
        588,
        2,
        LossWeights(probe=0.2, contrast=0.3, token=0.5, detection=2.0, mask=1.5, click=2.0),
        prompts=8,
        objects=6,
        settling=True,
        on_objects=True,
        mix=FOR_SHAPES,
        confusing=0.35,
        crowded=0.25,
        masked=8,
        learning_rate=5e-4,
        warmup=20,
        cosine=True,
    ),
    # More of both, from the mean of their ends.
    Stage(
        "firm",
        2_600,
        588,
        2,
        LossWeights(probe=0.2, contrast=0.3, token=0.5, detection=2.0, mask=1.5, click=3.0),
        prompts=8,
        objects=6,
        settling=True,
        on_objects=True,
        mix=FOR_BOTH,
        confusing=0.4,
        crowded=0.2,
        masked=8,
        learning_rate=5e-4,
        warmup=30,
        cosine=True,
    ),
)
