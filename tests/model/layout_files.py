"""Files of weights in every layout that circulates, made from one small network's tensors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.model.conftest import SMALL

# Of everything as little as there can be, but windows in the trunk, and repeated positions.
LEAST = replace(
    SMALL,
    image_size=84,
    pretrain_image_size=42,
    vit_width=32,
    vit_depth=2,
    vit_heads=2,
    vit_window=3,
    vit_global_blocks=(1,),
    d_model=32,
    feedforward=64,
    encoder_layers=1,
    decoder_layers=2,
    queries=8,
    text_width=32,
    text_heads=2,
    text_layers=1,
    click_feedforward=64,
    click_iou_width=32,
)
CLICK = "inst_interactive_predictor.model."
NECK = "backbone.vision_backbone.sam2_convs."
Tensors = dict[str, Tensor]


def learned(network: Any) -> Tensors:
    """Without tables that are computed, in storages of their own."""
    return without_tables(whole(network))


def whole(network: Any) -> Tensors:
    """With tables that are computed, as released files have them."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def without_tables(tensors: Tensors) -> Tensors:
    return {name: value for name, value in tensors.items() if value.is_floating_point()}


def detector_only(tensors: Tensors) -> Tensors:
    return {k: v for k, v in tensors.items() if not k.startswith((CLICK, NECK))}


def without_click_head(tensors: Tensors) -> Tensors:
    """Its neck is there, of which nothing is made."""
    return released({k: v for k, v in tensors.items() if not k.startswith(CLICK)})


def released(tensors: Tensors) -> Tensors:
    return {
        "tracker." + k.removeprefix(CLICK) if k.startswith(CLICK) else "detector." + k: v
        for k, v in tensors.items()
    }


def multiplex(tensors: Tensors) -> Tensors:
    """SAM 3.1: the click head beside a video tracker of another shape, no coarsest level."""
    renamed = {
        "tracker.model.transformer.layer.weight": torch.zeros(3),
        "detector.backbone.vision_backbone.propagation_convs.0.conv_1x1.bias": torch.zeros(3),
    }
    for name, value in tensors.items():
        if "convs.3." in name:
            continue
        if name.startswith(CLICK):
            inner = name.removeprefix(CLICK)
            if inner.startswith(("sam_", "obj_ptr")):
                renamed["tracker.model.interactive_" + inner] = value
            elif inner == "no_mem_embed":
                renamed["tracker.model.interactivity_" + inner] = value
        else:
            renamed["detector." + name.replace(".sam2_convs.", ".interactive_convs.")] = value
    return renamed


def before_release(tensors: Tensors) -> dict[str, Any]:
    return {
        "model": {
            "sam2_predictor.model." + k.removeprefix(CLICK)
            if k.startswith(CLICK)
            else "sam3_model." + k: v
            for k, v in tensors.items()
        }
    }


def trained(tensors: Tensors) -> dict[str, Any]:
    """Meta's own trainer: the detector alone, beside an optimiser and its best scores."""
    return {
        "model": detector_only(tensors),
        "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}, "param_groups": [{"lr": 1e-4}]},
        "epoch": 7,
        "loss": {},
        "steps": {"train": 100, "val": 0},
        "time_elapsed": 12.5,
        "best_meter_values": {"coco_AP": np.float64(0.5), "other": np.float32(1), "n": np.int64(3)},
        "random": np.random.default_rng(0).integers(0, 9, 5),
    }


def fine_tuned(tensors: Tensors) -> dict[str, Any]:
    return {"model": tensors, "epoch": 3}


def on_several_devices(tensors: Tensors) -> dict[str, Any]:
    return {"model": {"module." + k: v for k, v in released(tensors).items()}}


def lightning(tensors: Tensors) -> dict[str, Any]:
    return {"state_dict": {"model._orig_mod." + k: v for k, v in tensors.items()}, "epoch": 1}


def converted(
    layout: Callable[[Tensors], Tensors], kind: torch.dtype
) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {
        name: value.to(kind) for name, value in without_tables(layout(tensors)).items()
    }


@dataclass(frozen=True)
class Made:
    """A kind of file.

    Attributes:
        file: Its name; one that ends with a slash is a folder's, whose index is in it.
        make: Its content, of a network's tensors.
        layout: What the layout is called.
        clicks: Whether it has a click head.
        kind: What its numbers are rounded to.
        legacy: Whether torch writes it as it did before its version 1.6.
        inside: What it is, where that is not what its name says.
    """

    file: str
    make: Callable[[Tensors], dict[str, Any]]
    layout: str
    clicks: bool = True
    kind: torch.dtype = torch.float32
    legacy: bool = False
    inside: str = ""

    def write(self, folder: Path, tensors: Tensors) -> Path:
        """The path to be given as weights."""
        path, content = folder / self.file, self.make(tensors)
        if path.name.endswith(".index.json") or self.file.endswith("/"):
            return write_shards(path, content)
        if (self.inside or path.suffix) == ".safetensors":
            save_file({k: v.contiguous() for k, v in content.items()}, path)
        else:
            torch.save(content, path, _use_new_zipfile_serialization=not self.legacy)
        return path


def write_shards(path: Path, content: Tensors) -> Path:
    """Two files and their index, as transformers writes them."""
    folder = path.parent if path.name.endswith(".json") else path
    folder.mkdir(exist_ok=True)
    index = path if path != folder else folder / "model.safetensors.index.json"
    names, places = sorted(content), {}
    for number, part in enumerate((names[::2], names[1::2]), start=1):
        tensors = {name: content[name] for name in part}
        if "safetensors" in index.name:
            shard = f"model-{number:05}-of-00002.safetensors"
            save_file(tensors, folder / shard)
        else:
            shard = f"pytorch_model-{number:05}-of-00002.bin"
            torch.save(tensors, folder / shard)
        places.update(dict.fromkeys(part, shard))
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": places}))
    return path


OWN, SAM3, SAM31 = "SAM 3's image model", "SAM 3", "SAM 3.1"
HALF, SHORT = torch.float16, torch.bfloat16

MADE = (
    Made("own.safetensors", without_tables, OWN),
    Made("own.pt", dict, OWN),
    Made("released.pt", released, SAM3),
    Made("released.safetensors", released, SAM3),
    Made("fp16.safetensors", converted(released, HALF), SAM3, kind=HALF),
    Made("bf16.pt", converted(released, SHORT), SAM3, kind=SHORT),
    Made("old.pth", released, SAM3, legacy=True),
    Made("really-safetensors.pt", released, SAM3, inside=".safetensors"),
    Made("really-pt.safetensors", released, SAM3, inside=".pt"),
    Made("multiplex.pt", multiplex, SAM31),
    Made("multiplex_fp16.safetensors", converted(multiplex, HALF), SAM31, kind=HALF),
    Made("checkpoint.pt", trained, OWN, clicks=False),
    Made("neck.pt", without_click_head, SAM3, clicks=False),
    Made("fine_tuned.pt", fine_tuned, OWN),
    Made("devices.pt", on_several_devices, SAM3),
    Made("lightning.ckpt", lightning, OWN),
    Made("research.pt", before_release, "SAM 3 before its release"),
    Made("model.safetensors.index.json", released, SAM3),
    Made("pytorch_model.bin.index.json", multiplex, SAM31),
    Made("folder/", released, SAM3),
)
