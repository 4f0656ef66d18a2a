"""Whether a checkpoint's tensors fit a network: their forms, their numbers, and what lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from sam3_playground.errors import CheckpointError
from sam3_playground.model.parts import (
    CONCEPTS,
    MASK_HEAD,
    has_click_head,
    is_of_clicks,
    needed,
)

_ASSUMED = (
    ". It says no sizes of its own (no network_config, which this program writes into the "
    ".safetensors files it makes), so it is taken to be of the size of the SAM 3 that Meta "
    "published; one of other widths or depths cannot run without it"
)


@dataclass(frozen=True)
class Checkpoint:
    """The tensors of a file.

    Attributes:
        name: What the file is called.
        layout: What its layout is called.
        tensors: By the network's own names, in its forms.
    """

    name: str
    layout: str
    tensors: Mapping[str, Tensor]

    @property
    def clicks(self) -> bool:
        """Whether there is a click head, be it whole or not."""
        return has_click_head(self.tensors)

    def with_clicks_of(self, other: Checkpoint) -> Checkpoint:
        """The same with another's click head and its neck in place of its own."""
        mine = {name: it for name, it in self.tensors.items() if not is_of_clicks(name)}
        return replace(self, tensors=mine | dict(other.only_clicks().tensors))

    def only_clicks(self) -> Checkpoint:
        """The click head and its neck.

        Raises:
            CheckpointError: There is no click head.
        """
        if not self.clicks:
            raise CheckpointError(
                f"expected a file with a click head, got {self.name}, which holds none"
            )
        clicks = {name: it for name, it in self.tensors.items() if is_of_clicks(name)}
        return replace(self, tensors=clicks)


@dataclass(frozen=True)
class Expected:
    """What a network has places for.

    Attributes:
        tensors: All of them by name, with its own numbers or without any.
        learned: Names of those that come from training; the others are computed.
    """

    tensors: Mapping[str, Tensor]
    learned: frozenset[str]

    @classmethod
    def of(cls, network: Any) -> Expected:
        """Parameters are learned, and the random frequencies of the clicks' positions."""
        learned = {name for name, _ in network.named_parameters()}
        frequencies = {
            name
            for name, value in network.named_buffers()
            if name.endswith("positional_encoding_gaussian_matrix") and value.is_floating_point()
        }
        return cls(network.state_dict(), frozenset(learned | frequencies))

    def only_clicks(self) -> Expected:
        """Those of the click head and its neck."""
        clicks = {name: it for name, it in self.tensors.items() if is_of_clicks(name)}
        return Expected(clicks, self.learned & clicks.keys())


def check_forms(found: Checkpoint, expected: Expected, *, assumed: bool = False) -> None:
    """Refuse tensors of other shapes or kinds than a network's.

    Args:
        found: The file's.
        expected: The network's.
        assumed: Whether the network is of the published sizes because the file says none.

    Raises:
        CheckpointError: It names the first one.
    """
    for name, tensor in found.tensors.items():
        wanted = expected.tensors.get(name)
        if wanted is None:
            continue
        if wanted.shape != tensor.shape:
            raise CheckpointError(
                f"expected {name} of shape {tuple(wanted.shape)} in {found.name}, "
                f"got {tuple(tensor.shape)}: the file is of a network of another size"
                + (_ASSUMED if assumed else "")
            )
        for kind, has in (
            ("floats", Tensor.is_floating_point),
            ("complex numbers", Tensor.is_complex),
        ):
            if has(wanted) and not has(tensor):
                got = str(tensor.dtype).removeprefix("torch.")
                raise CheckpointError(f"expected {name} as {kind} in {found.name}, got {got}")


def check_whole(found: Checkpoint, expected: Expected) -> None:
    """Refuse a file that lacks what results depend on; it may lack the whole click head.

    Raises:
        CheckpointError: It says what is missing, and what the file is instead.
    """
    lacking = lacks(found, expected)
    if not lacking:
        return
    got = f"got none for {len(lacking)} of them: {', '.join(lacking[:3])}"
    got += ", ..." if len(lacking) > 3 else ""
    concepts_lack = not all(map(is_of_clicks, lacking))
    finds_concepts = any(name.startswith(CONCEPTS) for name in found.tensors)
    if concepts_lack and found.clicks and not finds_concepts:
        got = "got a click head alone, which --click-weights takes"
    elif finds_concepts and not any(name.startswith(MASK_HEAD) for name in found.tensors):
        got = (
            "got none of a mask head: the file finds boxes alone, as training without "
            "segmentation leaves it"
        )
    raise CheckpointError(f"expected all parameters of the image model in {found.name}, {got}")


def lacks(found: Checkpoint, expected: Expected) -> list[str]:
    """What results depend on and the file lacks; clicks count if it has something of their head."""
    return needed(
        name
        for name in expected.learned
        if name not in found.tensors and (found.clicks or not is_of_clicks(name))
    )


def check_finite(found: Checkpoint, expected: Expected) -> None:
    """Refuse NaN and infinity, but where the network has some of its own, in a mask.

    Raises:
        CheckpointError: It names the first tensor.
    """
    for name, tensor in found.tensors.items():
        own = expected.tensors.get(name)
        if own is None or is_finite(tensor):
            continue
        if name in expected.learned or is_finite(own):
            raise CheckpointError(
                f"expected finite numbers in {found.name}, got NaN or infinity in {name}"
            )


def is_finite(tensor: Tensor) -> bool:
    """Whether there is neither NaN nor infinity in it; true of an empty one."""
    # NaN and infinity stay in a sum, which is made in a fraction of the time of looking at
    # each number. One that only grows too large is looked at again.
    if torch.isfinite(tensor.sum(dtype=None if tensor.is_complex() else torch.float32)):
        return True
    return bool(torch.isfinite(tensor).all())
