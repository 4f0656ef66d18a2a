"""The sizes of the network: SAM 3 as published, and the same network built small."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from sam3_playground.errors import CheckpointError


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

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> NetworkConfig:
        """The configuration that `to_json` wrote.

        Raises:
            CheckpointError: A field that no network has.
        """
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise CheckpointError(f"expected the fields of NetworkConfig, got also {unknown}")
        blocks = tuple(values.get("vit_global_blocks", cls.vit_global_blocks))
        return cls(**{**values, "vit_global_blocks": blocks})


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
