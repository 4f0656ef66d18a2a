"""The collector rests while a process starts and when it ends, and works in between."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import Any

import pytest
from PIL import Image

from sam3_playground.cli.main import main
from sam3_playground.collector import collecting_nothing
from sam3_playground.pipeline import loading
from tests.fakes import disc_image


def test_it_rests_in_a_block_and_works_afterwards() -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError, match=r"^it$"), collecting_nothing():
        raise ValueError("it" if not gc.isenabled() else "it works")
    assert gc.isenabled()


def test_who_had_switched_it_off_finds_it_so() -> None:
    gc.disable()
    try:
        with collecting_nothing():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.usefixtures("commands_run_bundled")
def test_a_command_loads_while_it_rests(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    noted = []
    load = loading.load_segmenter

    def loaded(*arguments: Any, **options: Any) -> Any:
        noted.append(gc.isenabled())
        return load(*arguments, **options)

    monkeypatch.setattr(loading, "load_segmenter", loaded)
    image = tmp_path / "disc.png"
    Image.fromarray(disc_image().pixels).save(image)
    with pytest.raises(SystemExit) as ended:
        main(["segment", str(image), "--concept", "circle", "--out", str(tmp_path / "out")])
    assert ended.value.code == 0
    assert noted == [False]
    assert gc.isenabled()


def test_a_command_ends_without_a_last_look() -> None:
    code = """
import atexit, gc
from sam3_playground.cli.main import main
atexit.register(lambda: print("frozen", gc.get_freeze_count() > 0))
main(["--version"])
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    # What was registered last runs first.
    assert run.stdout.split()[-2:] == ["frozen", "True"]
