"""`serve` has an option for each setting, and says of each how else it is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sam3_playground.cli.main import main
from sam3_playground.config import SETTINGS, Settings


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What a server would have run with."""
    found: list[Settings] = []
    monkeypatch.setattr("sam3_playground.cli.serve.serve_playground", found.append)
    for setting in SETTINGS:
        for name in setting.all_variables:
            monkeypatch.delenv(name, raising=False)
    return found


def serve(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["serve", *arguments])
    return int(end.value.code or 0)


def test_options_reach_the_server(taken: list[Settings], tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("max_waiting = 3\nshare = true\n", encoding="utf-8")
    code = serve(
        f"--config={file}",
        "--no-share",
        "--access-log",
        "--auth=me:a,b",
        "--auth=you:c",
        "--trusted-hosts=a.example,b.example",
        "--trusted-hosts=c.example",
        "--root-path=/sam3/",
        "--port=0",
        "--log-level=error",
        "--click-weights=head.pt",
    )
    assert code == 0
    assert taken == [
        Settings(
            max_waiting=3,
            share=False,
            access_log=True,
            auth=frozenset({"me:a,b", "you:c"}),
            trusted_hosts=frozenset({"a.example", "b.example", "c.example"}),
            root_path="/sam3",
            port=0,
            log_level="error",
            click_weights="head.pt",
        )
    ]
    assert serve() == 0
    assert taken[1] == Settings()


def test_every_setting_stands_in_the_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")
    assert serve("--help") == 0
    text = capsys.readouterr().out
    for setting in SETTINGS:
        assert re.search(rf"{setting.flag}\b", text), setting
        assert setting.variable in text, setting


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cachemb=1"], "--cache-mb"),  # the nearest
        (["--cache-mb=much"], "expected --cache-mb to be a whole number of at least 0, got 'much'"),
        (["--auth=hidden"], "expected --auth to be USER:PASSWORD"),
        (["--auth="], "expected --auth with a value, got none"),
        (["--config=none.toml"], "expected a file of settings, got none.toml: no such file"),
    ],
)
def test_a_wrong_option_is_told(
    arguments: list[str], words: str, taken: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve(*arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "hidden" not in said
    assert taken == []


def test_a_variable_that_is_no_setting_is_told_and_stops_nothing(
    taken: list[Settings], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAM3_API_KEY", "hidden")
    assert serve() == 0
    said = capsys.readouterr().err
    assert "warning: expected variables of settings, got SAM3_API_KEY" in said
    assert "the nearest is SAM3_API_KEYS" in said
    assert "hidden" not in said
    assert len(taken) == 1
