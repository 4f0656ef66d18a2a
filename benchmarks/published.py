"""The published size with random weights: what loading takes, and what running does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from safetensors.torch import save_file

from benchmarks.measure import (
    Row,
    growth,
    in_own_process,
    mebibytes,
    median_seconds,
    seconds,
    timed,
    times,
)
from benchmarks.network import CLICK, DOG, devices, embed_next, scene
from sam3_playground.model.arithmetic import encode_operations
from sam3_playground.model.checkpoint import load_checkpoint
from sam3_playground.model.config import PUBLISHED, NetworkConfig
from sam3_playground.model.network import build_network
from sam3_playground.model.pace import has_bfloat16, matrix_speed
from sam3_playground.model.package import import_sam3
from sam3_playground.model.runner import Runner
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.weights.resolving import resolve_weights

KINDS = ("safetensors", "pt")


def rows(config: NetworkConfig = PUBLISHED) -> Iterator[Row]:
    """Loading from files of both kinds, then encoding, a concept and a click."""
    with TemporaryDirectory() as folder:
        in_own_process(write_files, Path(folder), config)
        for kind in KINDS:
            yield load_row(Path(folder, f"random.{kind}"), config)
        path = Path(folder, "random.safetensors")
        for device in devices():
            for bfloat16 in (False, True) if device == "cpu" and has_bfloat16() else (False,):
                yield from use_rows(path, config, device, bfloat16=bfloat16)


def write_files(folder: Path, config: NetworkConfig) -> None:
    """A network's random weights, in a file of each kind."""
    state = build_network(config).state_dict()
    tensors = {name: value for name, value in state.items() if value.is_floating_point()}
    for value in tensors.values():
        torch.nan_to_num_(value, nan=0.0, posinf=0.0, neginf=0.0)
    save_file(tensors, folder / "random.safetensors")
    torch.save(tensors, folder / "random.pt")


def load_row(path: Path, config: NetworkConfig) -> Row:
    """A network that takes the file's weights, and one that is random before it copies them."""
    (time, peak), (other_time, other_peak) = (
        in_own_process(load, path, config, valueless) for valueless in (True, False)
    )
    return Row(
        f"loading a .{path.suffix[1:]}, published size, random weights",
        f"{seconds(time)}, {mebibytes(peak)}",
        f"{seconds(other_time)}, {mebibytes(other_peak)}",
        f"{times(time, other_time)}, memory {100 * peak / max(other_peak, 1):.0f} %",
        f"other: random numbers, then a copy; the file has {mebibytes(path.stat().st_size)}",
    )


def load(path: Path, config: NetworkConfig, valueless: bool) -> tuple[float, int]:  # noqa: FBT001
    """Seconds, and the peak in bytes."""
    import_sam3()

    def work() -> None:
        load_checkpoint(build_network(config, valueless=valueless), path)

    (taken, _), peak = growth(lambda: timed(work))
    return taken, peak


def use_rows(path: Path, config: NetworkConfig, device: str, *, bfloat16: bool) -> Iterator[Row]:
    """Encoding beside the speed that the same cores have at plain matrices, and prompts."""
    spent, speed, peak = in_own_process(use, path, config, device, bfloat16)
    kind = f"{device}, bfloat16" if bfloat16 or device == "cuda" else f"{device}, float32"
    for name, value in spent.items():
        what, note = f"{name}, published size, random weights, {kind}", ""
        if name == ENCODING and speed:
            reached = encode_operations(config) / value
            note = (
                f"{reached / 1e9:.0f} GFLOP/s, {reached / speed:.0%} of a matrix product's "
                f"{speed / 1e9:.0f} in the same run"
            ).replace("%", " %")
        yield Row(what, seconds(value), note=note)
    yield Row(f"peak memory of all that, {kind}", mebibytes(peak), note="the weights included")


ENCODING = "encoding an image"


def use(
    path: Path,
    config: NetworkConfig,
    device: str,
    bfloat16: bool,  # noqa: FBT001
) -> tuple[dict[str, float], float, int]:
    """Seconds of each step, operations a second of a CPU, and the peak in bytes.

    Of the device's memory, or on a CPU of the process.
    """
    is_cpu = device == "cpu"
    dtype = torch.bfloat16 if bfloat16 else torch.float32
    before = matrix_speed(dtype) if is_cpu else 0.0
    spent, grown = growth(lambda: _seconds(path, config, torch.device(device), bfloat16=bfloat16))
    speed = max(before, matrix_speed(dtype)) if is_cpu else 0.0
    return spent, speed, grown if is_cpu else torch.cuda.max_memory_allocated()


def _seconds(
    path: Path, config: NetworkConfig, device: torch.device, *, bfloat16: bool
) -> dict[str, float]:
    network = build_network(config, valueless=True)
    load_checkpoint(network, path)
    runner = Runner(network, config, device, cpu_bfloat16=bfloat16)
    info = resolve_weights("tiny", say=lambda _: None)
    segmenter = LocalSegmenter(runner, info, cache_bytes=2 * 2**30)
    images = map(scene, count())
    kept = scene(0)
    # What a CPU takes half a minute for needs neither a second time nor a warm-up.
    turns = {"repeats": 1, "warm_up": 0} if device.type == "cpu" else {"repeats": 3}
    return {
        ENCODING: median_seconds(partial(embed_next, segmenter, images), **turns),
        "a concept": median_seconds(partial(segmenter.segment_concepts, kept, [DOG]), repeats=2),
        "a first click": timed(partial(segmenter.segment_visual, kept, CLICK))[0],
        "a click": median_seconds(partial(segmenter.segment_visual, kept, CLICK), repeats=5),
    }
