"""From a name for weights to a segmenter that runs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sam3_playground.errors import (
    CheckpointError,
    NoClicksError,
    StorageError,
    WeightsUnavailableError,
)
from sam3_playground.model.device import torch_device
from sam3_playground.model.loading import load_runner
from sam3_playground.model.pace import pace_note
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.pipeline.zerogpu import ZeroGpuWork, find_zero_gpu
from sam3_playground.weights.resolving import Say, WeightsInfo, fallback_weights, resolve_weights

DEFAULT_CACHE_BYTES = 2 * 1024**3


def load_segmenter(
    weights: str | None = None,
    *,
    click_weights: str | None = None,
    device: str | None = None,
    cache_bytes: int = DEFAULT_CACHE_BYTES,
    fall_back: bool = False,
    cpu_bfloat16: bool | None = None,
    weights_folder: Path | None = None,
    zero_gpu: bool = False,
    say: Say = print,
) -> LocalSegmenter:
    """Load weights into a network of their size.

    Weights that nobody named fall back to the bundled checkpoint, with a note, and so they do
    where the click head asked for does not fit them.

    Args:
        weights: A file, a hub id, "tiny", or None for the best that can be had.
        click_weights: Others, named alike, whose click head is taken in place of their own.
        device: "cpu", "cuda", "cuda:1", "mps"; None takes CUDA where there is some.
        cache_bytes: How much memory the embeddings of images may hold.
        fall_back: Let named weights fall back as well: a server that starts is worth more
            than one that does not.
        cpu_bfloat16: Encode images in bfloat16 on a CPU; None where that pays.
        weights_folder: Where `weights` may name files; None takes the user's default one.
        zero_gpu: Run on ZeroGPU's GPUs: see `pipeline.zerogpu`.
        say: Told about progress, one line a call.

    Raises:
        WeightsUnavailableError: Weights asked for by name cannot be had.
        StorageError: The disk has too little room for them.
        CheckpointError: The file asked for does not fit, or the other one has no click head.
        InvalidInputError: There is no such device.
    """
    if not zero_gpu:
        torch_device(device)  # a wrong one is no reason to fetch anything

    def loaded(info: WeightsInfo, clicks: WeightsInfo | None = None) -> LocalSegmenter:
        runner, report = load_runner(
            info.path,
            clicks_from=None if clicks is None else clicks.path,
            device=device,
            cpu_bfloat16=cpu_bfloat16,
            lend=find_zero_gpu if zero_gpu else None,
        )
        told = [report.summary]
        if clicks is not None:
            told.append(f"Clicks are answered by the click head of {clicks.name}.")
        if not report.clicks:
            told.append(
                f"The weights hold no click head and answer concepts alone: {NoClicksError.remedy}."
            )
        note = " ".join(filter(None, [info.note, *told, pace_note(runner)]))
        info = replace(info, note=note, clicks=report.clicks)
        work = ZeroGpuWork(runner, find_zero_gpu()) if zero_gpu else None
        return LocalSegmenter(runner, info, cache_bytes=cache_bytes, work=work)

    def found(name: str | None) -> WeightsInfo:
        return resolve_weights(name, say=say, folder=weights_folder)

    try:
        info = found(weights)
        return loaded(info, found(click_weights) if click_weights else None)
    except (WeightsUnavailableError, CheckpointError, StorageError) as failure:
        if weights is not None and not fall_back:
            raise
        info = fallback_weights(failure)
    return loaded(info)
