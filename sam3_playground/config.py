"""Settings: the one reader of the environment. Read once, frozen, passed down."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sam3_playground.errors import InvalidInputError

MEBIBYTE = 2**20

# What a report tells of the environment: all else is nobody's business.
_OWN_VARIABLES = (
    "SAM3_",
    "GRADIO_SERVER_",
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

# Read by the command line, and a second time by Gradio as it is imported, which fails with a
# trace at what is no number.
_SERVER_VARIABLES = ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_NUM_PORTS")


@dataclass(frozen=True)
class Settings:
    """What an installation decides, as opposed to a request.

    Attributes:
        weights: Checkpoint file, hub id or "tiny"; None takes the best that can be had.
        weights_folder: Where fetched weights go that are not the hub's, and where `weights` may
            name files; None takes `weights.places`' default.
        click_weights: Where else the click head comes from, as weights; None takes their own.
        device: A torch device such as "cpu" or "cuda:0"; None takes the best there is.
        cache_bytes: The most that kept image embeddings may take; 0 keeps none.
        page_bytes: The most that the page may keep for all its visitors; 0 keeps nothing.
        max_pixels: The most pixels (width x height) that an image may have, and all images
            together while they are decoded.
        api_keys: Keys that the REST API accepts; empty lets everybody in.
        allowed_hosts: Hosts that image URLs may name although their addresses are private,
            in lower case.
        max_image_bytes: The most bytes that an image file may have in a request or behind
            a URL.
        max_waiting: Requests that the REST API holds at once, and asks of the page that wait;
            more are sent away.
        cpu_bfloat16: Whether a CPU encodes images in bfloat16; None where that pays.
        trusted_hosts: Names under which the server may be asked, besides loopback names;
            `*.example.com` for all under one, `*` for all.
        access_log: Whether each request is noted in one line.
        zero_gpu: Whether this is a Space on ZeroGPU: a GPU is there only while a call lasts.
        manage_weights: Whether all who reach the page may change its weights; None lets those
            at the server's own machine. On a Space nobody may.
    """

    weights: str | None = None
    weights_folder: Path | None = None
    click_weights: str | None = None
    device: str | None = None
    cache_bytes: int = 1024 * MEBIBYTE
    page_bytes: int = 768 * MEBIBYTE
    max_pixels: int = 100_000_000
    api_keys: frozenset[str] = field(default=frozenset(), repr=False)
    allowed_hosts: frozenset[str] = frozenset()
    max_image_bytes: int = 32 * MEBIBYTE
    max_waiting: int = 32
    cpu_bfloat16: bool | None = None
    trusted_hosts: frozenset[str] = frozenset()
    access_log: bool = False
    manage_weights: bool | None = None
    zero_gpu: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that the environment asks for; an empty variable counts as unset.

        Reads SAM3_WEIGHTS, SAM3_WEIGHTS_DIR, SAM3_CLICK_WEIGHTS, SAM3_DEVICE, SAM3_CACHE_MB and
        SAM3_PAGE_MB (MiB), SAM3_MAX_PIXELS, SAM3_API_KEYS and SAM3_ALLOWED_HOSTS (separated by
        commas), SAM3_MAX_IMAGE_MB (MiB), SAM3_MAX_WAITING, SAM3_TRUSTED_HOSTS (separated by
        commas), SAM3_CPU_BFLOAT16 (auto, 0 or 1), SAM3_ACCESS_LOG and SAM3_MANAGE_WEIGHTS (0 or
        1). On a Hugging Face Space, which sets SPACE_ID and SYSTEM=spaces, every host name is
        trusted, and nobody may change the weights: it is public by design; what is fetched goes to
        its persistent disk, if it has one, and SPACES_ZERO_GPU says whether it has ZeroGPU. The
        hub's own variables, such as HF_TOKEN, are huggingface_hub's business.

        Args:
            environment: Names to values; None takes the process's own.

        Raises:
            InvalidInputError: A variable that does not hold what it should.
        """
        source = os.environ if environment is None else environment
        values = {name: value.strip() for name, value in source.items() if value.strip()}
        cache_mb = _whole_number(values, "SAM3_CACHE_MB", cls.cache_bytes // MEBIBYTE, least=0)
        page_mb = _whole_number(values, "SAM3_PAGE_MB", cls.page_bytes // MEBIBYTE, least=0)
        image_mb = _whole_number(
            values, "SAM3_MAX_IMAGE_MB", cls.max_image_bytes // MEBIBYTE, least=1
        )
        return cls(
            weights=values.get("SAM3_WEIGHTS"),
            weights_folder=_folder(values, "SAM3_WEIGHTS_DIR") or _folder_on_space(values),
            click_weights=values.get("SAM3_CLICK_WEIGHTS"),
            device=values.get("SAM3_DEVICE"),
            cache_bytes=cache_mb * MEBIBYTE,
            page_bytes=page_mb * MEBIBYTE,
            max_pixels=_whole_number(values, "SAM3_MAX_PIXELS", cls.max_pixels, least=1),
            api_keys=_names(values, "SAM3_API_KEYS"),
            allowed_hosts=frozenset(host.lower() for host in _names(values, "SAM3_ALLOWED_HOSTS")),
            max_image_bytes=image_mb * MEBIBYTE,
            max_waiting=_whole_number(values, "SAM3_MAX_WAITING", cls.max_waiting, least=1),
            cpu_bfloat16=_switch_or_auto(values, "SAM3_CPU_BFLOAT16"),
            trusted_hosts=_names(values, "SAM3_TRUSTED_HOSTS")
            or frozenset({"*"} if _on_space(values) else ()),
            access_log=_switch(values, "SAM3_ACCESS_LOG"),
            manage_weights=_manage_weights(values),
            # As the package `spaces` reads it.
            zero_gpu=values.get("SPACES_ZERO_GPU", "").lower() in {"1", "t", "true"},
        )


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


def default_host(environment: Mapping[str, str] | None = None) -> str:
    """The address to listen on if nobody names one: on a Space the hub asks from elsewhere.

    Args:
        environment: Names to values; None takes the process's own.
    """
    return "0.0.0.0" if _on_space(environment or os.environ) else "127.0.0.1"  # noqa: S104


def use_persistent_disk() -> None:
    """Keep the hub's files on a Space's persistent disk, where it has one, unless told otherwise.

    To be called before huggingface_hub is imported, which reads its variables once.
    """
    disk = _space_disk(os.environ)
    if disk is not None and not {"HF_HOME", "HF_HUB_CACHE"} & {*os.environ}:
        os.environ["HF_HOME"] = str(disk / ".huggingface")


def _on_space(values: Mapping[str, str]) -> bool:
    return bool(values.get("SPACE_ID")) or values.get("SYSTEM") == "spaces"


def _space_disk(values: Mapping[str, str]) -> Path | None:
    """Where a Space's persistent disk is, if it has one that can be written to."""
    can_write = SPACE_DISK.is_dir() and os.access(SPACE_DISK, os.W_OK)
    return SPACE_DISK if _on_space(values) and can_write else None


def _folder_on_space(values: Mapping[str, str]) -> Path | None:
    disk = _space_disk(values)
    return None if disk is None else disk / "sam3-playground" / "weights"


def forget_server_variables() -> None:
    """Take the variables for host and port, which have been read, out of the environment."""
    for name in _SERVER_VARIABLES:
        os.environ.pop(name, None)


def _folder(values: Mapping[str, str], name: str) -> Path | None:
    text = values.get(name)
    if text is None:
        return None
    try:
        return Path(text).expanduser()
    except RuntimeError as error:  # a user whom the machine does not know
        raise InvalidInputError(f"expected {name} to be a folder, got {text!r}") from error


def _names(values: Mapping[str, str], name: str) -> frozenset[str]:
    parts = (part.strip() for part in values.get(name, "").split(","))
    return frozenset(part for part in parts if part)


def _manage_weights(values: Mapping[str, str]) -> bool | None:
    wanted = _switch(values, "SAM3_MANAGE_WEIGHTS")
    if _on_space(values):
        return False
    return wanted if "SAM3_MANAGE_WEIGHTS" in values else None


def _switch(values: Mapping[str, str], name: str) -> bool:
    text = values.get(name, "0")
    if text not in {"0", "1"}:
        raise InvalidInputError(f"expected {name} to be 0 or 1, got {text!r}")
    return text == "1"


def _switch_or_auto(values: Mapping[str, str], name: str) -> bool | None:
    text = values.get(name, "auto")
    if text not in {"auto", "0", "1"}:
        raise InvalidInputError(f"expected {name} to be auto, 0 or 1, got {text!r}")
    return None if text == "auto" else text == "1"


def _whole_number(values: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = values.get(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        message = f"expected {name} to be a whole number of at least {least}, got {text!r}"
        raise InvalidInputError(message)
    return number
