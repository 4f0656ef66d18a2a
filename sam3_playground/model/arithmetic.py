"""How much arithmetic the encoding of an image is, from the network's sizes alone.

A product of (n, k) and (k, m) matrices counts 2 n k m operations, a convolution as the product
that it is. All else, normalisations, activations, rotations, is less than a hundredth.
"""

from __future__ import annotations

from itertools import accumulate

from sam3_playground.model.config import NetworkConfig


def encode_operations(config: NetworkConfig) -> int:
    """Floating-point operations of `Runner.encode`: 5.8e12 for the published network."""
    return sum(_block_operations(config)) + _other_operations(config)


def encode_shares(config: NetworkConfig) -> tuple[float, ...]:
    """Which part of `Runner.encode` is done after each of the trunk's blocks that run."""
    whole = encode_operations(config)
    return tuple(done / whole for done in accumulate(_block_operations(config)))


def _block_operations(config: NetworkConfig) -> list[int]:
    patches, width = config.grid**2, config.vit_width
    hidden = int(width * config.vit_mlp_ratio)
    linear = 2 * patches * (4 * width**2 + 2 * width * hidden)
    # Queries meet keys, and what comes of it the values.
    near, far = (4 * patches * seen * width for seen in (config.vit_window**2, patches))
    last = max(config.vit_global_blocks, default=-1)
    return [
        linear + (far if block in config.vit_global_blocks else near) for block in range(last + 1)
    ]


def _other_operations(config: NetworkConfig) -> int:
    patches, width, out = config.grid**2, config.vit_width, config.d_model
    embedding = 2 * patches * 3 * config.patch_size**2 * width
    # Levels of 1, 4 and 16 pixels a patch, from as many channels after transposed convolutions.
    enlarging = 2 * patches * (width * (width // 2) * 4 * 2 + 4 * (width // 2) * (width // 4) * 4)
    narrowing = 2 * patches * out * (width + 4 * (width // 2) + 16 * (width // 4))
    convolving = 2 * patches * 9 * out**2 * (1 + 4 + 16)
    for_masks = 2 * patches * 9 * out**2 * (4 + 16)
    attending = 2 * patches * 4 * out**2 + 4 * patches**2 * out
    return embedding + enlarging + narrowing + convolving + for_masks + attending
