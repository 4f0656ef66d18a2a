"""Checkpoint files into the network: layouts, what may be missing, what is left over.

Layouts that are understood, all as `.pt` or `.safetensors`:

- the released one: `detector.*` and `tracker.*`;
- SAM 3.1's, whose click head stands under `tracker.model.interactive_*` and
  `tracker.model.interactivity_*`, and whose click neck is called `interactive_convs`;
- a fine-tuned file without prefixes, alone or under the key `model`;
- the network's own names, as this project writes them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint_file import is_safetensors, read_metadata, read_tensors
from sam3_playground.model.config import PUBLISHED, NetworkConfig
from sam3_playground.model.valueless import give_values

_CLICK_HEAD = "inst_interactive_predictor.model."
_CONFIG_KEY = "network_config"

# Parameters that no result for a single image depends on: the pooled text, the coarsest
# level of the neck (thrown away), and what the tracker keeps for video.
_NOT_NEEDED = (
    "backbone.language_backbone.encoder.text_projection",
    "backbone.vision_backbone.convs.3.",
    "backbone.vision_backbone.sam2_convs.3.",
    *(
        _CLICK_HEAD + name
        for name in (
            "mask_downsample.",
            "maskmem_tpos_enc",
            "maskmem_backbone.",
            "transformer.",
            "no_mem_pos_enc",
            "no_obj_ptr",
            "no_obj_embed_spatial",
            "obj_ptr_proj.",
            "obj_ptr_tpos_proj.",
        )
    ),
)

# Their first part decides whether a file is a checkpoint of this family at all.
_FAMILY = ("backbone.", "transformer.", "segmentation_head.", _CLICK_HEAD)


@dataclass(frozen=True)
class LoadReport:
    """What loading left over.

    Attributes:
        unused: Names in the file that the image model has no place for.
        not_needed: The network's parameters that the file lacks and no result depends on.
    """

    unused: tuple[str, ...]
    not_needed: tuple[str, ...]

    @property
    def summary(self) -> str:
        """One line, empty if nothing was left over."""
        if not self.unused:
            return ""
        shown = ", ".join(self.unused[:3]) + (", ..." if len(self.unused) > 3 else "")
        return f"{len(self.unused)} entries of the file have no place in the image model: {shown}"


def read_config(path: Path) -> NetworkConfig:
    """The sizes that a file written by `write_checkpoint` carries; else the published ones.

    Raises:
        CheckpointError: The file cannot be read, or describes a network that cannot be, or one
            of more parameters than it holds.
    """
    if not is_safetensors(path):
        return PUBLISHED
    metadata, held = read_metadata(path)
    if _CONFIG_KEY not in metadata:
        return PUBLISHED
    try:
        values = json.loads(metadata[_CONFIG_KEY])
    except (ValueError, RecursionError) as error:
        raise CheckpointError(
            f"expected JSON in the {_CONFIG_KEY} of {path.name}, got something else"
        ) from error
    try:
        config = NetworkConfig.from_json(values)
    except CheckpointError as error:
        raise CheckpointError(f"the {_CONFIG_KEY} of {path.name}: {error}") from error
    if config.least_parameters > held:
        raise CheckpointError(
            f"expected at least {config.least_parameters:,} numbers in {path.name}, as its "
            f"{_CONFIG_KEY} asks for, got {held:,}"
        )
    return config


def check_checkpoint(path: Path) -> None:
    """Look whether a file is a checkpoint of this family, before a network is built for it.

    Raises:
        CheckpointError: It cannot be read, or is none.
    """
    _check_family(canonical_names(read_tensors(path)), path)


def write_checkpoint(path: Path, network: Any, config: NetworkConfig) -> None:
    """Write the network's weights in float16 with its sizes beside them.

    Complex position tables are left out: they are computed, not learned.
    """
    tensors = {
        name: value.detach().to("cpu", torch.float16).contiguous()
        for name, value in network.state_dict().items()
        if value.is_floating_point()
    }
    save_file(tensors, path, metadata={_CONFIG_KEY: json.dumps(config.to_json())})


def load_checkpoint(network: Any, path: Path) -> LoadReport:
    """Fill the network from a file in any of the layouts, as `give_values` does.

    Raises:
        CheckpointError: The file cannot be read, is no SAM 3 checkpoint, has a tensor of
            another shape or kind or one that holds NaN or infinity, or lacks a parameter that
            results depend on.
    """
    found = canonical_names(read_tensors(path))
    _check_family(found, path)
    expected: dict[str, Tensor] = network.state_dict()
    learned = {name for name, _ in network.named_parameters()} | _learned_buffers(network)
    for name, tensor in found.items():
        if name in expected:
            _check_form(name, tensor, expected[name], path)
            # A mask that the network keeps may hold infinity of its own.
            if not _is_finite(tensor) and (name in learned or _is_finite(expected[name])):
                raise CheckpointError(
                    f"expected finite numbers in {path.name}, got NaN or infinity in {name}"
                )
    missing = sorted(learned - set(found))
    needed = [name for name in missing if not name.startswith(_NOT_NEEDED)]
    if needed:
        some = ", ".join(needed[:3]) + (", ..." if len(needed) > 3 else "")
        raise CheckpointError(
            f"expected all parameters of the image model in {path.name}, "
            f"got none for {len(needed)} of them: {some}"
        )
    give_values(network, {k: v for k, v in found.items() if k in expected})
    return LoadReport(
        unused=tuple(sorted(set(found) - set(expected))),
        not_needed=tuple(name for name in missing if name.startswith(_NOT_NEEDED)),
    )


def canonical_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under the network's own names, whatever layout they came in."""
    multiplex = any(name.startswith("tracker.model.interactive_") for name in tensors)
    named: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        new = name
        if name.startswith("detector."):
            new = name.removeprefix("detector.")
        elif multiplex and name.startswith("tracker.model."):
            inner = name.removeprefix("tracker.model.")
            for prefix in ("interactive_", "interactivity_"):
                if inner.startswith(prefix):
                    new = _CLICK_HEAD + inner.removeprefix(prefix)
        elif not multiplex and name.startswith("tracker."):
            new = _CLICK_HEAD + name.removeprefix("tracker.")
        named[new.replace(".interactive_convs.", ".sam2_convs.")] = tensor
    return named


def _learned_buffers(network: Any) -> set[str]:
    """Buffers that come from training: the random frequencies of the click head's positions."""
    return {
        name
        for name, value in network.named_buffers()
        if name.endswith("positional_encoding_gaussian_matrix") and value.is_floating_point()
    }


def _check_family(found: dict[str, Tensor], path: Path) -> None:
    if not any(name.startswith(_FAMILY) for name in found):
        some = ", ".join(ascii(name[:80])[1:-1] for name in sorted(found)[:3]) or "nothing"
        raise CheckpointError(
            f"expected a SAM 3 checkpoint (detector.*, tracker.*) in {path.name}, got {some}"
        )


def _check_form(name: str, tensor: Tensor, expected: Tensor, path: Path) -> None:
    if expected.shape != tensor.shape:
        raise CheckpointError(
            f"expected {name} of shape {tuple(expected.shape)} in {path.name}, "
            f"got {tuple(tensor.shape)}: the file is of a network of another size"
        )
    kind = str(tensor.dtype).removeprefix("torch.")
    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_meta:
        raise CheckpointError(f"expected {name} as plain numbers in {path.name}, got another form")
    for wanted, has in (
        ("floats", Tensor.is_floating_point),
        ("complex numbers", Tensor.is_complex),
    ):
        if has(expected) and not has(tensor):
            raise CheckpointError(f"expected {name} as {wanted} in {path.name}, got {kind}")


def _is_finite(tensor: Tensor) -> bool:
    # NaN and infinity stay in a sum, which is made in a fraction of the time of looking at
    # each number. One that only grows too large is looked at again; floats of 8 bits know no
    # comparison.
    if torch.isfinite(tensor.sum(dtype=None if tensor.is_complex() else torch.float32)):
        return True
    wide = tensor.float() if tensor.element_size() == 1 else tensor
    return bool(torch.isfinite(wide).all())
