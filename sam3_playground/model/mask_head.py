"""Masks of concepts: the package's segmentation head, rearranged to do less and answer the same.

The head adds each prompt's coarse features, enlarged, to the image's finer ones and convolves
the sum, twice; a last convolution gives the pixel embeddings that queries are multiplied with.
All of this is linear up to a normalisation, so that

- the image's own share is convolved once for all prompts, when the image is encoded;
- a 3x3 convolution of features that were enlarged to twice their size, each pixel repeated, is
  a transposed 4x4 convolution of the small ones, at 4/9 of the work;
- the last convolution meets the queries, of which there are dozens, instead of the pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

# Which taps of a 3-tap kernel over repeated pixels fall on the same small pixel, for each of
# the four taps of the transposed kernel.
_FOLD = ((0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 0.0))


class MaskHead:
    """The segmentation head of one network, whose weights must not change afterwards.

    Args:
        head: The package's `UniversalSegmentationHead`.
    """

    @torch.inference_mode()
    def __init__(self, head: Any) -> None:
        self._head = head
        self._kernels = [folded(conv.weight) for conv in head.pixel_decoder.conv_layers]
        last = head.instance_seg_head
        self._weight, self._bias = last.weight[:, :, 0, 0], last.bias

    def image_features(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """What masks need of the image alone, the coarsest first.

        Args:
            levels: (1, C, h, w) features, the finest first, the coarsest, which the prompts'
                own take the place of, last; each twice as large as the next.

        Returns:
            All but the last, convolved.
        """
        convs = self._head.pixel_decoder.conv_layers
        return [
            conv(level.contiguous(memory_format=torch.channels_last))
            for conv, level in zip(convs, reversed(levels[:-1]), strict=False)
        ]

    def masks(
        self,
        image_features: Sequence[Tensor],
        queries: Tensor,
        memory: Tensor,
        prompt: Tensor,
        prompt_padding: Tensor,
    ) -> Tensor:
        """Mask logits of K queries for each of P prompts.

        Args:
            image_features: From `image_features`.
            queries: (P, K, C), the decoder's last layer.
            memory: (grid * grid, P, C), what the fusion encoder made of the image.
            prompt: (L, P, C). prompt_padding: (P, L), True at padding.

        Returns:
            (P, K, m, m), as the package's head gives them up to rounding.
        """
        told = self._head.cross_attend_prompt(
            query=self._head.cross_attn_norm(memory),
            key=prompt,
            value=prompt,
            key_padding_mask=prompt_padding,
        )[0]
        pixels = (memory + told).transpose(0, 1)  # (P, grid * grid, C)
        side = round(pixels.shape[1] ** 0.5)
        pixels = pixels.unflatten(1, (side, side)).permute(0, 3, 1, 2)
        norms = self._head.pixel_decoder.norms
        for level, kernel, norm in zip(image_features, self._kernels, norms, strict=False):
            enlarged = torch.nn.functional.conv_transpose2d(pixels, kernel, stride=2, padding=1)
            pixels = norm(enlarged.add_(level)).relu_()
        products: Tensor = self._head.mask_predictor.mask_embed(queries)
        shifts = (products @ self._bias)[..., None, None]
        return torch.einsum("pkc,pchw->pkhw", products @ self._weight, pixels).add_(shifts)


def folded(weight: Tensor) -> Tensor:
    """The transposed (C_in, C_out, 4, 4) kernel, of stride 2, for a (C_out, C_in, 3, 3) one.

    Applied to small features it gives what `weight`, with a border of zeros, gives on them
    enlarged to twice their size by repeating each pixel.
    """
    fold = weight.new_tensor(_FOLD)
    kernel = torch.einsum("ua,vb,oiab->iouv", fold, fold, weight)
    return kernel.contiguous(memory_format=torch.channels_last)
