"""What a fault report needs to say of an installation, without secrets."""

from __future__ import annotations

import dataclasses
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from sam3_playground import __version__
from sam3_playground.config import SETTINGS, Settings, variables_set
from sam3_playground.errors import PlaygroundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sam3_playground.weights.here import Found

# Those that faults come from.
PACKAGES = (
    "torch",
    "torchvision",
    "triton",
    "sam3",
    "gradio",
    "gradio_client",
    "fastapi",
    "huggingface_hub",
    "numpy",
    "pillow",
    "opencv-python-headless",
    "supervision",
    "spaces",
)

Report = dict[str, Any]


def report() -> Report:
    """All of it as JSON values; what cannot be found out is a sentence in its place."""
    settings = _settings()
    return {
        "versions": {"sam3-playground": __version__, "python": platform.python_version()}
        | {name: _version(name) for name in PACKAGES},
        "system": {
            "platform": platform.platform(),
            "cores": os.cpu_count(),
            "memory_mib": psutil.virtual_memory().total // 2**20,
        },
        "devices": _devices(),
        "weights": _weights(settings if isinstance(settings, Settings) else Settings()),
        "settings": _shown(settings) if isinstance(settings, Settings) else settings,
        "variables": {name: _without_home(value) for name, value in variables_set().items()},
    }


def lines(report: Report) -> Iterator[str]:
    """The same for people, a section after the other."""
    for section, content in report.items():
        yield f"{section}:"
        items = content.items() if isinstance(content, dict) else enumerate(_listed(content))
        for name, value in items:
            label = "" if isinstance(name, int) else f"{name}: "
            if isinstance(value, list):
                yield f"  {label}"
                yield from (f"    {_line(one)}" for one in value)
            else:
                yield f"  {label}{_line(value)}"


def _listed(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items() if one not in {None, ""})
    return "none" if value is None else str(value)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _devices() -> Any:
    from sam3_playground.model.device import devices_here

    return devices_here()


def _settings() -> Settings | str:
    try:
        return Settings.from_environment()
    except PlaygroundError as error:
        return str(error)


def _weights(settings: Settings) -> Report:
    from sam3_playground.weights.here import best_here, weights_here
    from sam3_playground.weights.hub import has_token

    here = weights_here(settings.weights_folder)
    best = best_here(here)
    if settings.weights is not None:
        runs = _without_home(settings.weights)
    elif has_token() and (best is None or best.bundled):
        runs = "facebook/sam3, if the hub's token lets it be fetched"
    else:
        runs = "none" if best is None else best.source
    return {
        "runs": runs,
        "token for the hub": "set" if has_token() else "none",
        "here": [_found(it) for it in here],
    }


def _found(found: Found) -> Report:
    return {
        "source": _without_home(found.source),
        "bytes": found.byte_count,
        "published": found.published,
        "fault": found.fault,
    }


def _shown(settings: Settings) -> Report:
    shown: Report = {}
    secret = {setting.field for setting in SETTINGS if setting.secret}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.name in secret:
            shown[field.name] = f"{len(value)} set" if value else None
        elif isinstance(value, frozenset):
            shown[field.name] = ", ".join(sorted(value)) or None
        else:
            shown[field.name] = (
                _without_home(str(value)) if isinstance(value, Path | str) else value
            )
    return shown


def _without_home(text: str) -> str:
    """A path without the user's name in it."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text
