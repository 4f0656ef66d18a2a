"""The corpus of image files through all four doors: they agree, in bounded time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sam3_playground.config import Settings
from sam3_playground.images import FORMATS
from tests.image_corpus import MAX_PIXELS, MODES, VARIANTS, CorpusFile, corpus
from tests.image_doors import Doors, Outcome, doors, use_segmenter

# Far more than any file takes; who hangs is told from who is slow.
SECONDS = 60.0
FILES = list(corpus())


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("uploads"), Settings(max_pixels=MAX_PIXELS)) as opened:
        yield opened


@pytest.fixture(scope="module")
def worker() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_all_doors_make_the_same_of_a_file(
    file: CorpusFile,
    ways: Doors,
    worker: ThreadPoolExecutor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SAM3_MAX_PIXELS", str(MAX_PIXELS))
    use_segmenter(monkeypatch, ways.segmenter)
    path = tmp_path / file.name
    path.write_bytes(file.data)

    def outcome(door: Callable[[], Outcome]) -> Outcome:
        return worker.submit(door).result(SECONDS)

    python = outcome(lambda: ways.by_python(path))
    rest = outcome(lambda: ways.by_rest(path))
    page = outcome(lambda: ways.by_page(path))
    command = outcome(lambda: ways.by_command(path, capsys))
    if file.size is not None:
        assert python == rest == page == command == Outcome(python.key, file.size)
        return
    assert {one.key for one in (python, rest, page, command)} == {""}
    assert python.code == rest.code
    assert python.code in {413, 422}
    assert command.code == 3
    if file.data:  # of no bytes, each door says so before they are looked at
        assert python.said == rest.said == page.said == command.said
    assert python.said.startswith("expected ")


def test_the_corpus_has_every_format_and_both_ends() -> None:
    assert set(MODES) == set(FORMATS)
    assert sum(file.size is not None for file in FILES) > 60
    assert sum(file.size is None for file in FILES) > 60
    assert len({file.name for file in FILES}) == len(FILES)


# Files are written by one process and decoded by another, each in a child of it: what a process
# has freed, it takes again, and then a peak is not seen.
SIDE = 2000
WRITE = """
import json, sys
from pathlib import Path
from tests.image_corpus import encode

for number, line in enumerate(sys.stdin):
    kind, mode, options = json.loads(line)
    if "tile_size" in options:
        options["tile_size"] = tuple(options["tile_size"])
    if "tiffinfo" in options:
        options["tiffinfo"] = {int(tag): value for tag, value in options["tiffinfo"].items()}
    for side in (64, int(sys.argv[2])):
        speed = {"speed": 10} if kind == "AVIF" else {}
        data = encode(kind, mode, (side, side), **options, **speed)
        Path(sys.argv[1], f"{number}-{side}").write_bytes(data)
"""
MEASURE = """
import json, os, sys
from pathlib import Path
from sam3_playground.images import decode_image
from sam3_playground.images.opening import opened
from tests.peak import peak_bytes

folder, side, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for number in range(count):
    decode_image((folder / f"{number}-64").read_bytes())
for number in range(count):
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        continue
    data = (folder / f"{number}-{side}").read_bytes()
    with opened(data, name="it") as file:
        stated = file.peak_bytes
    peak = peak_bytes(lambda: decode_image(data))
    print(json.dumps([peak / side**2, stated / side**2, len(data) / side**2]), flush=True)
    os._exit(0)
"""
# What is made of some rows at a time, whatever the image's size: 18 MiB.
ROWS = 18 * 2**20 / SIDE**2
ALL: list[tuple[str, str, str, dict[str, Any]]] = [
    (kind, mode, "", {}) for kind, modes in MODES.items() for mode in modes if kind != "ICO"
]
ALL += [variant for variant in VARIANTS if variant[0] != "ICO"]  # of 256 pixels at most


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory was taken")
def test_decoding_takes_what_is_said_and_no_more(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """`pytest -s` shows the table."""
    asked = "\n".join(json.dumps([kind, mode, options]) for kind, mode, _, options in ALL)
    _run(WRITE, str(tmp_path), str(SIDE), asked=asked)
    measured = _run(MEASURE, str(tmp_path), str(SIDE), str(len(ALL)))
    rows = [json.loads(line) for line in measured.splitlines()]
    table = [f"\n{'peak memory in bytes a pixel':32} measured  stated  file"]
    for (kind, mode, variant, _), (peak, stated, size) in zip(ALL, rows, strict=True):
        name = f"{kind} {mode} {variant}".strip()
        table.append(f"{name:32} {peak:8.2f} {stated:7.2f} {size:5.2f}")
        record_property(name, round(peak, 2))
    sys.stdout.write("\n".join([*table, ""]))
    for (kind, mode, variant, _), (peak, stated, _) in zip(ALL, rows, strict=True):
        assert peak < stated + ROWS, (kind, mode, variant)
        if kind not in {"JPEG2000", "AVIF", "HEIF"}:
            assert stated == 12, (kind, mode, variant)
        assert stated < 27, (kind, mode, variant)
        assert peak > 3, (kind, mode, variant)  # the RGB pixels themselves


def _run(script: str, *arguments: str, asked: str = "") -> str:
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        input=asked,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return ran.stdout
