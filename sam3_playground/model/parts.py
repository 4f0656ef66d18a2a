"""What of the network's tensors a task needs, by name."""

from __future__ import annotations

from collections.abc import Iterable

CLICK_HEAD = "inst_interactive_predictor.model."
CLICK_NECK = "backbone.vision_backbone.sam2_convs."
MASK_HEAD = "segmentation_head."
# Whatever finds concepts has these.
CONCEPTS = ("transformer.", "dot_prod_scoring.")

# Parameters that no result for a single image depends on: the pooled text, the coarsest
# levels of the necks (thrown away), point exemplars, which nobody can ask for, and what the
# tracker keeps for video.
_NOT_NEEDED = (
    "backbone.language_backbone.encoder.text_projection",
    "backbone.vision_backbone.convs.3.",
    f"{CLICK_NECK}3.",
    "geometry_encoder.points_direct_project.",
    "geometry_encoder.points_pool_project.",
    "geometry_encoder.points_pos_enc_project.",
    *(
        CLICK_HEAD + name
        for name in (
            "mask_downsample.",
            "maskmem_tpos_enc",
            "maskmem_backbone.",
            "transformer.",
            "no_mem_pos_enc",
            "no_obj_ptr",
            "no_obj_embed_spatial",
            "obj_ptr_proj.",
            "obj_ptr_tpos_proj.",
        )
    ),
)


def needed(names: Iterable[str]) -> list[str]:
    """Those that results depend on, sorted."""
    return sorted(name for name in names if not name.startswith(_NOT_NEEDED))


def is_of_clicks(name: str) -> bool:
    """Whether a tensor belongs to the click head or to its neck."""
    return name.startswith((CLICK_HEAD, CLICK_NECK))


def has_click_head(names: Iterable[str]) -> bool:
    """Whether anything of a click head is there; its neck alone is none."""
    return any(name.startswith(CLICK_HEAD) for name in needed(names))
