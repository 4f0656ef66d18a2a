"""A report says what a fault may come from, and nothing that is secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sam3_playground import __version__
from sam3_playground.cli.main import main
from sam3_playground.config import Settings

SECRETS = {
    "SAM3_API_KEYS": "open-sesame,swordfish",
    "SAM3_AUTH": "user:shibboleth",
    "HF_TOKEN": "hf_verysecret",
    "HF_ENDPOINT": "https://somebody:password@mirror.example",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path / "somebody"))
    monkeypatch.setenv("SAM3_WEIGHTS_DIR", str(tmp_path / "somebody" / "weights"))
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "somebody"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["info", *arguments])
    assert end.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--json"]], ids=["text", "json"])
def test_no_secret_and_no_users_name_is_in_it(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, *arguments)
    for secret in (
        "open-sesame",
        "swordfish",
        "shibboleth",
        "hf_verysecret",
        "password",
        "somebody",
    ):
        assert secret not in text
    assert "mirror.example" in text
    assert "2 set" in text


def test_it_holds_versions_device_weights_and_settings(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    (home / "weights").mkdir(parents=True)
    (home / "weights" / "mine.pt").touch()
    found = json.loads(printed(capsys, "--json"))
    assert list(found) == ["versions", "system", "devices", "weights", "settings", "variables"]
    assert found["versions"]["sam3-playground"] == __version__
    assert found["versions"]["torch"].startswith("2.")
    assert found["devices"][0]["device"] == "cpu"
    here = {it["source"]: it for it in found["weights"]["here"]}
    assert here["tiny"]["fault"] == ""
    assert here["mine.pt"]["fault"] == "is empty"
    assert "facebook/sam3" in found["weights"]["runs"]
    assert set(found["settings"]) == set(Settings.__dataclass_fields__)
    assert found["settings"]["weights_folder"] == "~/weights"
    assert found["variables"]["HF_TOKEN"] == found["variables"]["SAM3_API_KEYS"] == "set"
    assert "PATH" not in found["variables"]


def test_weights_that_are_named_are_the_ones_that_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAM3_WEIGHTS", "tiny")
    assert "  runs: tiny\n" in printed(capsys)


def test_a_wrong_setting_is_told_and_hides_nothing_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAM3_CACHE_MB", "much")
    text = printed(capsys)
    assert "expected SAM3_CACHE_MB to be a whole number of at least 0, got 'much'" in text
    assert "tiny" in text
