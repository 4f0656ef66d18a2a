"""Files that the transformers library wrote, into the package's names and forms.

Four forms differ. Attention's three projections are apart that the package has in one, the table
of positions lacks the row of the class token, whose place is never read, the projection of the
pooled text is transposed, and the click head's embeddings of points are one table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from sam3_playground.model.parts import CLICK_HEAD
from sam3_playground.model.transformers_names import SECTIONS

_DETECTOR = "detector_model."
_CLICKS = "tracker_model."
_PROJECTIONS = ("q", "k", "v")
_PROJECTION = re.compile(r"(.*\.)([qkv])_proj\.(weight|bias)")
_POSITIONS = "backbone.vision_backbone.trunk.pos_embed"
_POINTS = "tracker_model.prompt_encoder.point_embed.weight"


def from_video_model(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`Sam3VideoModel`: the detector, and of the tracker what answers clicks."""
    return _converted({name.removeprefix(_DETECTOR): value for name, value in tensors.items()})


def from_model(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`Sam3Model`: the detector alone, without a click head."""
    return _converted(tensors)


def from_tracker_model(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`Sam3TrackerModel` and `Sam3TrackerVideoModel`: the click head and the trunk under it."""
    renamed = {}
    for name, value in tensors.items():
        if name.startswith("vision_encoder.neck."):
            renamed["tracker_neck." + name.removeprefix("vision_encoder.neck.")] = value
        elif name.startswith("vision_encoder."):
            renamed[name] = value
        else:
            renamed[_CLICKS + name] = value
    return _converted(renamed)


def _converted(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    apart: dict[str, dict[str, Tensor]] = defaultdict(dict)
    for name, tensor in tensors.items():
        if name == _POINTS and tensor.ndim == 2:
            for place, row in enumerate(tensor):
                key = f"{CLICK_HEAD}sam_prompt_encoder.point_embeddings.{place}.weight"
                found[key] = row[None]
            continue
        section = next((it for it in SECTIONS if name.startswith(it.theirs)), None)
        if section is None:
            if not name.startswith(_CLICKS):  # the rest of the tracker is for video
                found[name] = tensor
            continue
        ours = section.rename(name.removeprefix(section.theirs))
        projection = _PROJECTION.fullmatch(ours) if section.joined else None
        if projection:
            stem, part, kind = projection.groups()
            apart[f"{stem}{section.joined}{kind}"][part] = tensor
        else:
            found[ours] = _FORMS.get(ours, _same)(tensor)
    for name, parts in apart.items():
        # One that is missing leaves the whole missing, which is told as such.
        if all(part in parts for part in _PROJECTIONS):
            found[name] = torch.cat([parts[part] for part in _PROJECTIONS])
    return found


def _same(tensor: Tensor) -> Tensor:
    return tensor


def _with_class_token(positions: Tensor) -> Tensor:
    """(1, N, C) to (1, 1 + N, C), the first row zeros."""
    if positions.ndim != 3:
        return positions
    return torch.cat([torch.zeros_like(positions[:, :1]), positions], dim=1)


_FORMS: dict[str, Callable[[Tensor], Tensor]] = {
    _POSITIONS: _with_class_token,
    "backbone.language_backbone.encoder.text_projection": lambda tensor: tensor.t(),
}
