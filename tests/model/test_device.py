"""A device is one that works here, or it is refused in words."""

from __future__ import annotations

import pytest
import torch

from sam3_playground.errors import InvalidInputError
from sam3_playground.model.device import torch_device


@pytest.mark.parametrize("name", ["nonsense", "cpu:x", "meta", "cuda:99", "x" * 100, "\0"])
def test_what_is_no_device_of_this_machine(name: str) -> None:
    with pytest.raises(InvalidInputError, match="expected a device of this machine such as cpu"):
        torch_device(name)


def test_what_is_one() -> None:
    assert torch_device("cpu") == torch.device("cpu")
    assert torch_device(None).type in {"cpu", "cuda"}
