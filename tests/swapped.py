"""The bundled checkpoint with two words changed over: what others say is known beforehand."""

from __future__ import annotations

from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from sam3_playground.model.tokenizer import build_tokenizer
from sam3_playground.model.word_rows import WORDS, with_all_rows
from sam3_playground.weights.resolving import bundled_path


def bundled_tensors() -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of the bundled checkpoint, all words among them, and what it says of itself."""
    with safe_open(bundled_path(), framework="pt") as file:
        return with_all_rows("the bundled file", load_file(bundled_path())), file.metadata()


def write_swapped(path: Path, one: str, other: str) -> Path:
    """Write weights that find the second word's objects by the first one, and the other way."""
    tensors, metadata = bundled_tensors()
    tokenizer = build_tokenizer()
    (first,), (second,) = tokenizer.encode(one), tokenizer.encode(other)
    rows = tensors[WORDS]
    rows[[first, second]] = rows[[second, first]].clone()
    save_file(tensors, path, metadata=metadata)
    return path


def write_without_click_head(path: Path) -> Path:
    """Write weights that answer concepts alone, as those of Meta's trainer do."""
    tensors, metadata = bundled_tensors()
    kept = {
        name: value
        for name, value in tensors.items()
        if not name.startswith("inst_interactive_predictor.") and ".sam2_convs." not in name
    }
    save_file(kept, path, metadata=metadata)
    return path


def write_spoiled(path: Path) -> Path:
    """Write weights with a number that is none."""
    tensors, metadata = bundled_tensors()
    tensors[WORDS].view(-1)[0] = float("nan")
    save_file(tensors, path, metadata=metadata)
    return path
