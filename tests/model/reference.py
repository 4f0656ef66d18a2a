"""The package's own way to the same results, made to run on a CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch.overrides import TorchFunctionMode

from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.model.package import import_sam3

_RANDOM_FILLS = {"normal_", "uniform_", "trunc_normal_", "erfinv_", "kaiming_uniform_"}


class CudaOnCpu(TorchFunctionMode):
    """Let code that names the device "cuda" as a literal run where there is none."""

    def __init__(self, *, skip_random_fills: bool = False) -> None:
        super().__init__()
        self._skip = skip_random_fills

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        if str(kwargs.get("device")) == "cuda":
            kwargs["device"] = "cpu"
        name = getattr(func, "__name__", "")
        if name == "pin_memory" or (self._skip and name in _RANDOM_FILLS):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def pretend_original(network: Any) -> Any:
    """The same network with the package's own class where this project has a subclass."""
    from sam3.model.geometry_encoders import SequenceGeometryEncoder

    network.geometry_encoder.__class__ = SequenceGeometryEncoder
    return network


def processor_answer(
    network: Any, side: int, image: RgbImage, prompt: ConceptPrompt
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Scores (N,), boxes (N, 4) and full-size mask probabilities (N, H, W) of Sam3Processor."""
    import_sam3()
    from sam3.model.sam3_image_processor import Sam3Processor

    with CudaOnCpu():
        processor = Sam3Processor(network, resolution=side, device="cpu", confidence_threshold=-1.0)
        state = processor.set_image(Image.fromarray(image.pixels))
        if prompt.text:
            state = processor.set_text_prompt(prompt.text, state)
        height, width = image.size
        for exemplar in prompt.exemplars:
            x0, y0, x1, y1 = exemplar.box_xyxy
            box = [
                (x0 + x1) / 2 / width,
                (y0 + y1) / 2 / height,
                (x1 - x0) / width,
                (y1 - y0) / height,
            ]
            state = processor.add_geometric_prompt(box, exemplar.positive, state)
    return (
        state["scores"].numpy(),
        state["boxes"].numpy(),
        state["masks_logits"][:, 0].numpy(),
    )


def predict_inst(
    network: Any, side: int, image: RgbImage, **prompt: Any
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Predicted IoU (C,) and low-resolution logits (C, m, m) of the package's click predictor."""
    from sam3.model.sam3_image_processor import Sam3Processor

    with CudaOnCpu():
        state = Sam3Processor(network, resolution=side, device="cpu").set_image(
            Image.fromarray(image.pixels)
        )
        _, scores, low_res = network.predict_inst(state, **prompt)
    return scores, low_res
