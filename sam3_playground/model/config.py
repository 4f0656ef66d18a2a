"""The sizes of the network: SAM 3 as published, and the same network built small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from sam3_playground.errors import CheckpointError

# Several times the published sizes; what lies beyond is no network but a broken file.
MAX_SIZE = 8192
MAX_LAYERS = 128
MAX_GRID = 256


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that decides the shape of a parameter. Defaults are the published SAM 3.

    Widths are channels, sizes are pixels or, where named so, tokens. The image is squashed
    to a square of `image_size`, cut into patches of `patch_size`; masks come at four times
    the grid of patches.
    """

    image_size: int = 1008
    patch_size: int = 14
    pretrain_image_size: int = 336
    vit_width: int = 1024
    vit_depth: int = 32
    vit_heads: int = 16
    vit_mlp_ratio: float = 4.625
    vit_window: int = 24
    vit_global_blocks: tuple[int, ...] = (7, 15, 23, 31)
    vit_drop_path: float = 0.1
    d_model: int = 256
    heads: int = 8
    feedforward: int = 2048
    dropout: float = 0.1
    encoder_layers: int = 6
    decoder_layers: int = 6
    geometry_layers: int = 3
    queries: int = 200
    text_width: int = 1024
    text_heads: int = 16
    text_layers: int = 24
    text_context: int = 32
    memory_width: int = 64
    memory_layers: int = 4
    memory_input_size: int = 1152
    click_feedforward: int = 2048
    click_iou_width: int = 256

    def __post_init__(self) -> None:
        if self.image_size % self.patch_size:
            raise CheckpointError(
                f"expected image_size to be a multiple of patch_size {self.patch_size}, "
                f"got {self.image_size}"
            )
        if self.grid > MAX_GRID:
            raise CheckpointError(
                f"expected a grid of at most {MAX_GRID} patches a side, got {self.grid}"
            )
        if self.grid % self.vit_window:
            raise CheckpointError(
                f"expected a grid of patches divisible by the window {self.vit_window}, "
                f"got {self.grid}"
            )
        if self.d_model % 16:
            raise CheckpointError(f"expected d_model to be a multiple of 16, got {self.d_model}")

    @property
    def grid(self) -> int:
        """Patches along one side of the squashed image."""
        return self.image_size // self.patch_size

    @property
    def mask_size(self) -> int:
        """Side of the mask logits, in pixels: 288 for the published network."""
        return 4 * self.grid

    @property
    def concept_bytes(self) -> int:
        """About what one concept takes while the network looks for it, in bytes of float32.

        Its largest tensors are its queries' masks and the pixel embeddings that they are
        made from, three of which live at once: 321 MB for the published network.
        """
        return 4 * self.mask_size**2 * (self.queries + 3 * self.d_model)

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values, to be kept beside a checkpoint."""
        return asdict(self)

    @property
    def least_parameters(self) -> int:
        """Fewer numbers than this no network of these sizes has: its largest tables alone."""
        vision = self.vit_depth * self.vit_width**2 * (4 + 2 * self.vit_mlp_ratio)
        patches = 3 * self.patch_size**2 * self.vit_width
        positions = (self.pretrain_image_size // self.patch_size) ** 2 * self.vit_width
        text = 12 * self.text_layers * self.text_width**2
        layers = self.encoder_layers + self.decoder_layers + self.geometry_layers
        attention = layers * self.d_model * (4 * self.d_model + 2 * self.feedforward)
        queries = self.queries * self.d_model
        return int(vision) + patches + positions + text + attention + queries

    @classmethod
    def from_json(cls, values: Any) -> NetworkConfig:
        """The configuration that `to_json` wrote; fields that are missing are the published ones.

        Args:
            values: What was read from JSON.

        Raises:
            CheckpointError: Not an object, a field that no network has, a value of another
                kind, or out of bounds.
        """
        if not isinstance(values, dict):
            raise CheckpointError(
                f"expected an object with the fields of NetworkConfig, got {_brief(values)}"
            )
        kinds = {field.name: type(field.default) for field in fields(cls)}
        unknown = sorted(set(values) - set(kinds))
        if unknown:
            raise CheckpointError(
                f"expected the fields of NetworkConfig, got also {_brief(unknown)}"
            )
        return cls(**{name: _CHECKS[kinds[name]](name, value) for name, value in values.items()})


def _size(name: str, value: Any) -> int:
    most = MAX_LAYERS if name.endswith(("_layers", "_depth")) else MAX_SIZE
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise CheckpointError(
            f"expected {name} to be a whole number from 1 to {most}, got {_brief(value)}"
        )
    return value


def _ratio(name: str, value: Any) -> float:
    most = 1.0 if "drop" in name else float(MAX_LAYERS)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
        raise CheckpointError(
            f"expected {name} to be a number from 0 to {most:g}, got {_brief(value)}"
        )
    return float(value)


def _blocks(name: str, value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(block, int) and not isinstance(block, bool) and 0 <= block < MAX_LAYERS
        for block in value
    ):
        raise CheckpointError(f"expected {name} to be a list of layers, got {_brief(value)}")
    return tuple(value)


_CHECKS: dict[type, Callable[[str, Any], Any]] = {int: _size, float: _ratio, tuple: _blocks}


def _brief(value: Any) -> str:
    shown = "a huge number" if isinstance(value, int) and abs(value) > 10**15 else repr(value)
    return shown if len(shown) <= 60 else shown[:60] + "..."


PUBLISHED = NetworkConfig()

TINY = NetworkConfig(
    image_size=588,
    # As large as the image: a position of its own for each patch. Repeated ones, as the
    # published network has them, leave masks of like objects hard to tell apart.
    pretrain_image_size=588,
    vit_width=128,
    vit_depth=8,
    vit_heads=4,
    vit_mlp_ratio=4.0,
    vit_window=6,
    vit_global_blocks=(1, 3, 5, 7),
    vit_drop_path=0.0,
    d_model=96,
    heads=8,
    feedforward=256,
    dropout=0.0,
    encoder_layers=2,
    decoder_layers=3,
    geometry_layers=1,
    queries=64,
    text_width=64,
    text_heads=4,
    text_layers=2,
    memory_width=16,
    memory_layers=1,
    memory_input_size=672,
    click_feedforward=256,
    click_iou_width=96,
)
