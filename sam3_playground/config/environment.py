"""What the environment says, beside settings: where this runs, and what a report may tell."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from sam3_playground.config.described import SETTINGS

# The variable that names the file of settings.
FILE_VARIABLE = "SAM3_CONFIG"

# What a report tells of the environment: all else is nobody's business.
_OWN_VARIABLES = (
    "SAM3_",
    "GRADIO_SERVER_",
    "GRADIO_ROOT_PATH",
    "HF_",
    "SPACE_ID",
    "SPACES_ZERO_GPU",
    "SYSTEM",
    "CUDA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
)
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|AUTH")
_USER_OF_URL = re.compile(r"//[^/@\s]*@")

# Where the hub mounts a Space's persistent disk or storage bucket.
SPACE_DISK = Path("/data")

# Read as settings, and a second time by Gradio as it is imported, which fails with a trace at
# what is no number.
_SERVER_VARIABLES = ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_NUM_PORTS")


def variables_set() -> dict[str, str]:
    """Which variables that matter here are set, secrets without their values, for a report."""
    found = {
        name: value
        for name, value in sorted(os.environ.items())
        if value.strip() and name.startswith(_OWN_VARIABLES)
    }
    return {
        name: "set" if _SECRET.search(name) else _USER_OF_URL.sub("//", value)
        for name, value in found.items()
    }


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each variable that looks like a setting and is none.

    Args:
        environment: Names to values; None takes the process's own.
    """
    known = [FILE_VARIABLE, *(name for setting in SETTINGS for name in setting.all_variables)]
    found = []
    for name in sorted(os.environ if environment is None else environment):
        if name.startswith("SAM3_") and name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; the nearest is {near[0]}" if near else ""
            found.append(f"expected variables of settings, got {name}, which is none{hint}")
    return found


def default_host(environment: Mapping[str, str] | None = None) -> str:
    """The address to listen on if nobody names one: on a Space the hub asks from elsewhere.

    Args:
        environment: Names to values; None takes the process's own.
    """
    return "0.0.0.0" if on_space(environment or os.environ) else "127.0.0.1"  # noqa: S104


def use_persistent_disk() -> None:
    """Keep the hub's files on a Space's persistent disk, where it has one, unless told otherwise.

    To be called before huggingface_hub is imported, which reads its variables once.
    """
    disk = _space_disk(os.environ)
    if disk is not None and not {"HF_HOME", "HF_HUB_CACHE"} & {*os.environ}:
        os.environ["HF_HOME"] = str(disk / ".huggingface")


def forget_server_variables() -> None:
    """Take out of the environment what has been read here, and what others would go by."""
    for name in _SERVER_VARIABLES:
        os.environ.pop(name, None)
    # uvicorn would believe every proxy on this machine, before `server.proxies` is asked.
    os.environ["FORWARDED_ALLOW_IPS"] = ""


def own_environment() -> Mapping[str, str]:
    """The process's own."""
    return os.environ


def on_space(values: Mapping[str, str]) -> bool:
    """Whether this is a Hugging Face Space."""
    return bool(values.get("SPACE_ID")) or values.get("SYSTEM") == "spaces"


def folder_on_space(values: Mapping[str, str]) -> Path | None:
    """Where weights stay over a Space's restarts, if it has a disk for them."""
    disk = _space_disk(values)
    return None if disk is None else disk / "sam3-playground" / "weights"


def _space_disk(values: Mapping[str, str]) -> Path | None:
    """Where a Space's persistent disk is, if it has one that can be written to."""
    can_write = SPACE_DISK.is_dir() and os.access(SPACE_DISK, os.W_OK)
    return SPACE_DISK if on_space(values) and can_write else None
