"""Settings come from flags, the environment and a file, in this order, and wrong ones are named."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from sam3_playground.config import MEBIBYTE, SETTINGS, Settings, unknown_variables
from sam3_playground.errors import InvalidInputError

NUMBERS = ["cache_mb", "page_mb", "max_pixels", "max_image_mb", "max_waiting"]


@pytest.mark.parametrize(
    ("key", "text", "field", "value"),
    [
        ("weights", " tiny ", "weights", "tiny"),
        ("weights_dir", " ~/w ", "weights_folder", Path.home() / "w"),
        ("click_weights", "other.pt", "click_weights", "other.pt"),
        ("device", "cuda:1", "device", "cuda:1"),
        ("cache_mb", "0", "cache_bytes", 0),
        ("page_mb", "3", "page_bytes", 3 * MEBIBYTE),
        ("max_pixels", "5", "max_pixels", 5),
        ("api_keys", "one, two,,", "api_keys", {"one", "two"}),
        ("auth", "me:a:b, you:c", "auth", {"me:a:b", "you:c"}),
        ("allowed_hosts", "Inside.example", "allowed_hosts", {"inside.example"}),
        ("max_image_mb", "2", "max_image_bytes", 2 * MEBIBYTE),
        ("max_waiting", "7", "max_waiting", 7),
        ("cpu_bfloat16", "1", "cpu_bfloat16", True),
        ("cpu_bfloat16", "0", "cpu_bfloat16", False),
        ("cpu_bfloat16", "auto", "cpu_bfloat16", None),
        ("host", "0.0.0.0", "host", "0.0.0.0"),
        ("port", "0", "port", 0),
        ("root_path", "/sam3/", "root_path", "/sam3"),
        ("root_path", "/", "root_path", ""),
        ("root_path", "https://example.com/a/b", "root_path", "/a/b"),
        ("trusted_hosts", "a.example, *.b.example", "trusted_hosts", {"a.example", "*.b.example"}),
        ("trusted_proxies", "10.1.2.3/8,::1", "trusted_proxies", {"10.0.0.0/8", "::1/128"}),
        ("trusted_proxies", "none", "trusted_proxies", frozenset()),
        ("trusted_proxies", "10.0.0.1,*", "trusted_proxies", {"*"}),
        ("manage_weights", "1", "manage_weights", True),
        ("share", "1", "share", True),
        ("mcp", "1", "mcp", True),
        ("log_level", "Warning", "log_level", "warning"),
        ("access_log", "1", "access_log", True),
    ],
)
def test_a_setting_is_the_same_wherever_it_is_written(
    key: str, text: str, field: str, value: Any, tmp_path: Path
) -> None:
    (setting,) = (it for it in SETTINGS if it.key == key)
    file = tmp_path / "settings.toml"
    file.write_text(f'{key} = "{text.strip()}"\n', encoding="utf-8")
    given = text.split(",") if setting.many else text
    for settings in (
        Settings.from_environment({setting.variable: text}),
        Settings.read({key: given}, environment={}),
        Settings.read({}, file=file, environment={}),
    ):
        assert getattr(settings, field) == value
    assert Settings.from_environment({setting.variable: "  "}) == Settings()


def test_every_field_is_described_once() -> None:
    decided_by_the_hub = {"zero_gpu"}
    described = [setting.field for setting in SETTINGS]
    assert sorted(described) == sorted(
        {it.name for it in dataclasses.fields(Settings)} - decided_by_the_hub
    )


def test_flags_count_more_than_variables_and_these_more_than_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("cache_mb = 1\npage_mb = 1\nmax_waiting = 1\n", encoding="utf-8")
    environment = {"SAM3_CONFIG": str(file), "SAM3_CACHE_MB": "2", "SAM3_PAGE_MB": "2"}
    settings = Settings.read({"cache_mb": "3"}, environment=environment)
    assert settings.cache_bytes == 3 * MEBIBYTE
    assert settings.page_bytes == 2 * MEBIBYTE
    assert settings.max_waiting == 1
    assert settings.max_pixels == Settings().max_pixels


@pytest.mark.parametrize("key", [*NUMBERS, "cpu_bfloat16"])
@pytest.mark.parametrize("text", ["-1", "many", "1.5"])
def test_a_wrong_number_is_named(key: str, text: str, tmp_path: Path) -> None:
    (setting,) = (it for it in SETTINGS if it.key == key)
    with pytest.raises(InvalidInputError, match=f"{setting.variable}.*{text}"):
        Settings.from_environment({setting.variable: text})
    with pytest.raises(InvalidInputError, match=f"{setting.flag}.*{text}"):
        Settings.read({key: text}, environment={})
    file = tmp_path / "settings.toml"
    file.write_text(f'{key} = "{text}"\n', encoding="utf-8")
    with pytest.raises(InvalidInputError, match=f"{key} in .*settings.toml.*{text}"):
        Settings.read({}, file=file, environment={})


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("weights_dir", "~nobody-of-that-name/weights", "SAM3_WEIGHTS_DIR to be a folder"),
        ("root_path", "sam3", "SAM3_ROOT_PATH to be a path such as /sam3, got 'sam3'"),
        ("root_path", "/a//b", "a path such as /sam3"),
        ("root_path", "/a/../b", "a path such as /sam3"),
        ("root_path", "/a b", "a path such as /sam3"),
        ("trusted_proxies", "proxy.example", "addresses or networks such as 10.0.0.0/8, .*proxy"),
        ("log_level", "loud", "debug, info, warning or error, got 'loud'"),
        ("share", "yes", "SAM3_SHARE to be 0 or 1, got 'yes'"),
    ],
)
def test_what_a_setting_is_not(key: str, text: str, words: str) -> None:
    (setting,) = (it for it in SETTINGS if it.key == key)
    with pytest.raises(InvalidInputError, match=words):
        Settings.from_environment({setting.variable: text})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("cachemb = 1", "got 'cachemb'; the nearest is cache_mb"),
        ('"SAM3_CACHE_MB" = 1', "the nearest is cache_mb"),
        ("zzz = 1", "got 'zzz'; there are weights, "),
        ("[server]\nport = 1", "got 'server'; "),
        ("port = [1]", "port in .* to be a text or a number, got something else"),
        ("max_waiting = true", "max_waiting in .* to be a text or a number"),
        ("port = 1.5", "port in .* to be a text or a number"),
        ('share = "yes"', "share in .* to be 0 or 1"),
        ("share = [true]", "share in .* to be true or false"),
        ("trusted_hosts = [1]", "trusted_hosts in .* to be a text or a list of texts"),
        ("device = 'cpu'\nport\n", "lines of TOML in .* got others in line 2"),
        ("port = 1\nport = 2\n", "lines of TOML"),
        ("#" * (MEBIBYTE + 1), "got more than 1,048,576 bytes"),
        ("\xff", "it cannot be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(content: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(InvalidInputError, match=words):
        Settings.from_environment({"SAM3_CONFIG": str(file)})


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"expected a file of settings.*no such file"):
        Settings.read({}, file=tmp_path / "none.toml", environment={})


def test_a_files_own_kinds_of_values(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        "port = 8080\nshare = true\ncpu_bfloat16 = false\nmanage_weights = false\n"
        'auth = ["me:a,b"]\ntrusted_hosts = ["a.example", "b.example"]\ndevice = ""\n',
        encoding="utf-8",
    )
    settings = Settings.read({}, file=file, environment={})
    assert (settings.port, settings.share, settings.cpu_bfloat16) == (8080, True, False)
    assert settings.manage_weights is False
    assert settings.auth == {"me:a,b"}
    assert settings.trusted_hosts == {"a.example", "b.example"}
    assert settings.device is None


@pytest.mark.parametrize("key", ["api_keys", "auth"])
def test_secrets_come_from_files_and_are_never_shown(key: str, tmp_path: Path) -> None:
    (setting,) = (it for it in SETTINGS if it.key == key)
    file = tmp_path / "secrets"
    file.write_text("me:hidden, indeed\n\nyou:hidden too\n", encoding="utf-8")
    settings = Settings.from_environment({setting.variable: f"@{file}"})
    assert getattr(settings, setting.field) == {"me:hidden, indeed", "you:hidden too"}
    assert "hidden" not in repr(settings)
    with pytest.raises(InvalidInputError, match=f"the file of {setting.variable}.*no such file"):
        Settings.from_environment({setting.variable: f"@{tmp_path / 'none'}"})
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="expected lines in the file"):
        Settings.from_environment({setting.variable: f"@{file}"})
    with pytest.raises(InvalidInputError, match=f"expected {setting.flag} with a value, got none"):
        Settings.read({key: [""]}, environment={})  # as of --auth "$NOT_SET"


@pytest.mark.parametrize("login", ["hidden", "hidden:", ":hidden"])
def test_a_login_of_another_form_is_refused_without_being_shown(login: str) -> None:
    with pytest.raises(InvalidInputError, match="SAM3_AUTH to be USER:PASSWORD") as refused:
        Settings.from_environment({"SAM3_AUTH": f"me:right,{login}"})
    assert "hidden" not in str(refused.value)


def test_a_variable_that_is_none_is_told() -> None:
    """Above all one that was to close what is open."""
    (line,) = unknown_variables({"SAM3_API_KEY": "hidden", "SAM3_AUTH": "a:b", "SAM3_CONFIG": "x"})
    assert line == (
        "expected variables of settings, got SAM3_API_KEY, which is none; "
        "the nearest is SAM3_API_KEYS"
    )
