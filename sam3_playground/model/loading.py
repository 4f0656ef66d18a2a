"""From a name for weights to a segmenter that runs them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sam3_playground.errors import CheckpointError, WeightsUnavailableError
from sam3_playground.model.checkpoint import check_checkpoint, load_checkpoint, read_config
from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.device import torch_device
from sam3_playground.model.network import build_network
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.model.weights import Say, WeightsInfo, fallback_weights, resolve_weights

DEFAULT_CACHE_BYTES = 2 * 1024**3


def load_segmenter(
    weights: str | None = None,
    *,
    device: str | None = None,
    cache_bytes: int = DEFAULT_CACHE_BYTES,
    fall_back: bool = False,
    cpu_bfloat16: bool = False,
    say: Say = print,
) -> Segmenter:
    """Load weights into a network of their size.

    Weights that nobody named fall back to the bundled checkpoint, with a note.

    Args:
        weights: A file, a hub id, "tiny", or None for the best that can be had.
        device: "cpu", "cuda", "cuda:1", "mps"; None takes CUDA where there is some.
        cache_bytes: How much memory the embeddings of images may hold.
        fall_back: Let named weights fall back as well: a server that starts is worth more
            than one that does not.
        cpu_bfloat16: Encode images in bfloat16 on a CPU.
        say: Told about progress, one line a call.

    Raises:
        WeightsUnavailableError: Weights asked for by name cannot be had.
        CheckpointError: The file asked for does not fit.
        InvalidInputError: There is no such device.
    """
    options = {
        "device": torch_device(device),
        "cache_bytes": cache_bytes,
        "cpu_bfloat16": cpu_bfloat16,
    }
    try:
        info = resolve_weights(weights, say=say)
        return _loaded(info, say, options)
    except (WeightsUnavailableError, CheckpointError) as failure:
        if weights is not None and not fall_back:
            raise
        info = fallback_weights(failure)
    return _loaded(info, say, options)


def _loaded(info: WeightsInfo, say: Say, options: dict[str, Any]) -> Segmenter:
    check_checkpoint(info.path)
    config = read_config(info.path)
    network = _built(config, info.path.name)
    report = load_checkpoint(network, info.path)
    if report.summary:
        say(report.summary)
        info = replace(info, note=" ".join(filter(None, [info.note, report.summary])))
    return Segmenter(network, config, info, **options)


def _built(config: NetworkConfig, name: str) -> Any:
    try:
        return build_network(config)
    except (MemoryError, RuntimeError) as error:
        raise CheckpointError(
            f"expected memory for the network of {name}, got too little"
        ) from error
    # What the network's classes raise for sizes that do not go together.
    except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"expected sizes of a network in {name}, got some that do not go together"
        ) from error
