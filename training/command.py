"""What `python -m training train`, `evaluate`, `exclusions`, `habits` and `history` do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError
from tqdm import tqdm

from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import CheckpointError, InvalidInputError
from sam3_playground.model.checkpoint import write_checkpoint
from sam3_playground.model.config import TINY, NetworkConfig
from sam3_playground.model.device import torch_device
from sam3_playground.model.network import build_network
from sam3_playground.model.runner import Runner
from sam3_playground.outputs import check_outputs, whole_file
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.weights.resolving import WeightsInfo
from training.averages import EVEN, averaged_network, averaged_with, floats
from training.calibration import Presence, fit_presence, set_presence
from training.contact_sheet import draw_contact_sheet
from training.evaluation import evaluate
from training.exclusion_sheet import draw_exclusion_sheet
from training.exclusions import evaluate_exclusions
from training.habits import evaluate_habits
from training.history import history_table, measure_history
from training.loop import Run, train
from training.recipe import RECIPE

SHEET_QUALITY = 88
SHEET_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
CALIBRATION_SCENES = 500


def train_command(
    folder: Path,
    device: str,
    processes: int,
    workers: int,
    minutes: float | None,
    begin_with: Path | None,
    first_stage: str | None,
    publish: Path | None,
    say: Callable[[str], None],
    *,
    keep_every: int | None = None,
    average_with: Path | None = None,
    average_share: float | None = None,
    overwrite: bool = False,
) -> None:
    """Train with the recipe, then write the checkpoint if one is wanted.

    Raises:
        InvalidInputError: The folder is none that can be written to, or the checkpoint would
            replace a file, which only `overwrite` allows, or one that is read; or there is no
            such device, or nothing is published that could be averaged, or averaged that has a
            share.
        CheckpointError: The file to average with is none of this network.
    """
    torch_device(device)
    share = EVEN if average_share is None else average_share
    if average_with is not None:
        if publish is None:
            raise InvalidInputError("expected --publish with --average-with, got none")
        averaged_with(build_network(TINY), TINY, average_with, share=share)
    elif average_share is not None:
        raise InvalidInputError("expected --average-with with --average-share, got none")
    # Its own files go on where a former run stopped.
    check_outputs([folder / "state.pt", folder / "log.jsonl"], overwrite=True)
    if publish is not None:
        read = [folder / "state.pt", folder / "log.jsonl"]
        read += [path for path in (begin_with, average_with) if path is not None]
        check_outputs([publish], inputs=read, overwrite=overwrite)
    run = Run(
        folder,
        TINY,
        RECIPE,
        device,
        processes,
        workers,
        seconds=None if minutes is None else 60.0 * minutes,
        begin_with=begin_with,
        first_stage=0 if first_stage is None else stage_number(first_stage),
        keep_every=keep_every,
    )
    train(run, say)
    if publish is not None:
        presence = publish_run(
            folder,
            publish,
            calibration_scenes=CALIBRATION_SCENES,
            average_with=average_with,
            average_share=share,
            overwrite=overwrite,
        )
        say(
            f"wrote {publish}, its presence logit times {presence.gain:g}, "
            f"shifted by {presence.shift:.3f}"
        )


def stage_number(name: str) -> int:
    """A stage's place in the recipe.

    Raises:
        InvalidInputError: There is none of that name.
    """
    names = [stage.name for stage in RECIPE]
    if name not in names:
        raise InvalidInputError(f"expected a stage of {names}, got {name!r}")
    return names.index(name)


def publish_run(
    folder: Path,
    path: Path,
    *,
    calibration_scenes: int,
    average_with: Path | None = None,
    average_share: float = EVEN,
    overwrite: bool = False,
) -> Presence:
    """Write a run's averaged weights as a checkpoint of the configuration it was asked for.

    Args:
        folder: The run's.
        path: Where to write.
        calibration_scenes: On how many scenes to fit presence; 0 leaves it alone.
        average_with: A checkpoint whose weights are averaged with the run's, as one that the run
            kept at the end of an earlier stage.
        average_share: What that checkpoint counts in the mean, from 0 to 1.
        overwrite: Whether a file that stands there may be replaced.

    Returns:
        What was made of the presence logit.

    Raises:
        CheckpointError: The folder holds no state of a run, the file cannot be written, or the
            one to average with is none of this network.
        PlaygroundError: A file stands there.
    """
    state_file = folder / "state.pt"
    if not state_file.is_file():
        raise CheckpointError(f"expected the state of a training run in {folder}, got none")
    state = torch.load(state_file, map_location="cpu", weights_only=True)
    config = NetworkConfig.from_json(state["config"])
    network = averaged_network(config, floats(state["average"]))
    if average_with is not None:
        network = averaged_with(network, config, average_with, share=average_share)
    presence = Presence()
    if calibration_scenes:
        weights = WeightsInfo(path.name, bundled=False, path=path)
        runner = Runner(network, config, torch.device("cpu"))
        segmenter = LocalSegmenter(runner, weights, cache_bytes=0)
        presence = fit_presence(segmenter, scenes=calibration_scenes, progress=tqdm)
        set_presence(network, presence)
    with whole_file(path, overwrite=overwrite) as partial:
        try:
            write_checkpoint(partial, network, config)
        except SafetensorError as error:
            raise CheckpointError(
                f"expected to write {path}, got a file system that refuses"
            ) from error
    return presence


def evaluate_command(
    weights: str | None,
    device: str | None,
    scenes: int,
    sheet: Path | None,
    say: Callable[[str], None],
    *,
    overwrite: bool = False,
) -> dict[str, float]:
    """The scores of weights on scenes of the evaluation seed, by name.

    Raises:
        InvalidInputError: The sheet is no picture by its name, or would replace a file, which
            only `overwrite` allows, or one that is read.
    """
    segmenter = _with_sheet(weights, device, sheet, draw_contact_sheet, say, overwrite=overwrite)
    return evaluate(segmenter, scenes=scenes, progress=tqdm).to_json()


def _with_sheet(
    weights: str | None,
    device: str | None,
    sheet: Path | None,
    draw: Callable[[Segmenter], NDArray[np.uint8]],
    say: Callable[[str], None],
    *,
    overwrite: bool,
) -> LocalSegmenter:
    """The weights, once the sheet of them is drawn if one is wanted."""
    if sheet is not None:
        if sheet.suffix.lower() not in SHEET_SUFFIXES:
            raise InvalidInputError(
                f"expected --sheet to end in one of {', '.join(SHEET_SUFFIXES)}, got {sheet}"
            )
        check_outputs([sheet], inputs=[Path(weights)] if weights else [], overwrite=overwrite)
    segmenter = load_segmenter(weights, device=device, say=say)
    if sheet is not None:
        drawn = Image.fromarray(draw(segmenter))
        with whole_file(sheet, overwrite=overwrite) as partial:
            drawn.save(partial, quality=SHEET_QUALITY)
        say(f"wrote {sheet}")
    return segmenter


def exclusions_command(
    weights: str | None,
    device: str | None,
    scenes: int,
    sheet: Path | None,
    say: Callable[[str], None],
    *,
    overwrite: bool = False,
) -> dict[str, Any]:
    """What negative boxes do with weights, as `evaluate_exclusions` has it.

    Raises:
        InvalidInputError: As `evaluate_command` has it.
    """
    segmenter = _with_sheet(weights, device, sheet, draw_exclusion_sheet, say, overwrite=overwrite)
    return evaluate_exclusions(segmenter, scenes=scenes, progress=tqdm)


def habits_command(
    weights: str | None, device: str | None, scenes: int, say: Callable[[str], None]
) -> dict[str, dict[str, float]]:
    """What users run into with weights, as `evaluate_habits` has it."""
    segmenter = load_segmenter(weights, device=device, say=say)
    return evaluate_habits(segmenter, scenes=scenes, progress=tqdm)


def history_command(
    folder: Path, device: str | None, scenes: int, say: Callable[[str], None]
) -> str:
    """The figures of all weights that a run kept, as a table in Markdown.

    Raises:
        CheckpointError: It kept none.
    """
    return history_table(measure_history(folder, scenes=scenes, device=device, say=say))
