"""From a name for weights to a segmenter that runs them."""

from __future__ import annotations

from dataclasses import replace

from sam3_playground.errors import CheckpointError, WeightsUnavailableError
from sam3_playground.model.device import torch_device
from sam3_playground.model.loading import load_runner
from sam3_playground.model.pace import pace_note
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.weights.resolving import Say, WeightsInfo, fallback_weights, resolve_weights

DEFAULT_CACHE_BYTES = 2 * 1024**3


def load_segmenter(
    weights: str | None = None,
    *,
    device: str | None = None,
    cache_bytes: int = DEFAULT_CACHE_BYTES,
    fall_back: bool = False,
    cpu_bfloat16: bool | None = None,
    say: Say = print,
) -> LocalSegmenter:
    """Load weights into a network of their size.

    Weights that nobody named fall back to the bundled checkpoint, with a note.

    Args:
        weights: A file, a hub id, "tiny", or None for the best that can be had.
        device: "cpu", "cuda", "cuda:1", "mps"; None takes CUDA where there is some.
        cache_bytes: How much memory the embeddings of images may hold.
        fall_back: Let named weights fall back as well: a server that starts is worth more
            than one that does not.
        cpu_bfloat16: Encode images in bfloat16 on a CPU; None where that pays.
        say: Told about progress, one line a call.

    Raises:
        WeightsUnavailableError: Weights asked for by name cannot be had.
        CheckpointError: The file asked for does not fit.
        InvalidInputError: There is no such device.
    """
    torch_device(device)  # a wrong one is no reason to fetch anything

    def loaded(info: WeightsInfo) -> LocalSegmenter:
        runner, report = load_runner(info.path, device=device, cpu_bfloat16=cpu_bfloat16)
        if report.summary:
            say(report.summary)
        notes = [info.note, report.summary, pace_note(runner)]
        info = replace(info, note=" ".join(filter(None, notes)))
        return LocalSegmenter(runner, info, cache_bytes=cache_bytes)

    try:
        return loaded(resolve_weights(weights, say=say))
    except (WeightsUnavailableError, CheckpointError) as failure:
        if weights is not None and not fall_back:
            raise
        info = fallback_weights(failure)
    return loaded(info)
