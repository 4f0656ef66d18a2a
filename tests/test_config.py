"""Settings come from the environment once, and wrong ones are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sam3_playground.config import MEBIBYTE, Settings
from sam3_playground.errors import InvalidInputError


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("SAM3_WEIGHTS", " tiny ", "weights", "tiny"),
        ("SAM3_WEIGHTS_DIR", " ~/w ", "weights_folder", Path.home() / "w"),
        ("SAM3_DEVICE", "cuda:1", "device", "cuda:1"),
        ("SAM3_CACHE_MB", "0", "cache_bytes", 0),
        ("SAM3_PAGE_MB", "3", "page_bytes", 3 * MEBIBYTE),
        ("SAM3_MAX_PIXELS", "5", "max_pixels", 5),
        ("SAM3_API_KEYS", "one, two,,", "api_keys", {"one", "two"}),
        ("SAM3_ALLOWED_HOSTS", "Inside.example", "allowed_hosts", {"inside.example"}),
        ("SAM3_MAX_IMAGE_MB", "2", "max_image_bytes", 2 * MEBIBYTE),
        ("SAM3_MAX_WAITING", "7", "max_waiting", 7),
        ("SAM3_CPU_BFLOAT16", "1", "cpu_bfloat16", True),
        ("SAM3_CPU_BFLOAT16", "0", "cpu_bfloat16", False),
        ("SAM3_CPU_BFLOAT16", "auto", "cpu_bfloat16", None),
    ],
)
def test_a_variable_sets_its_field(name: str, text: str, field: str, value: Any) -> None:
    assert getattr(Settings.from_environment({name: text}), field) == value
    assert Settings.from_environment({name: "  "}) == Settings()


@pytest.mark.parametrize(
    "name",
    [
        "SAM3_CACHE_MB",
        "SAM3_PAGE_MB",
        "SAM3_MAX_PIXELS",
        "SAM3_MAX_IMAGE_MB",
        "SAM3_MAX_WAITING",
        "SAM3_CPU_BFLOAT16",
    ],
)
@pytest.mark.parametrize("text", ["-1", "many", "1.5"])
def test_a_wrong_number_is_named(name: str, text: str) -> None:
    with pytest.raises(InvalidInputError, match=f"{name}.*{text}"):
        Settings.from_environment({name: text})


def test_keys_are_not_shown() -> None:
    assert "secret" not in repr(Settings(api_keys=frozenset({"secret"})))


def test_a_folder_of_a_user_whom_nobody_knows() -> None:
    with pytest.raises(InvalidInputError, match="expected SAM3_WEIGHTS_DIR to be a folder"):
        Settings.from_environment({"SAM3_WEIGHTS_DIR": "~nobody-of-that-name/weights"})
