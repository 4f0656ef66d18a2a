"""What to expect of a processor, and in which numbers it encodes."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import pytest
import torch

from sam3_playground.model import Runner, pace
from sam3_playground.model.arithmetic import encode_operations
from sam3_playground.model.config import PUBLISHED, TINY
from sam3_playground.model.loading import load_runner
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.weights.resolving import bundled_path
from tests.model.conftest import SMALL

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
CPUINFO = Path("/proc/cpuinfo")


def processor(monkeypatch: pytest.MonkeyPatch, *instructions: str) -> None:
    """Another processor, that has these instructions and no others."""
    found = dict.fromkeys(instructions, True)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found, raising=False)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)


@pytest.mark.skipif(not CPUINFO.exists(), reason="needs Linux's word on the processor")
@pytest.mark.skipif(not hasattr(torch.cpu, "get_capabilities"), reason="torch cannot tell")
def test_the_instructions_are_those_that_the_system_knows() -> None:
    words = set(CPUINFO.read_text().split())
    names = {"bf16"} if platform.machine() == "aarch64" else {"avx512_bf16", "amx_bf16"}
    backend: Any = torch.backends.mkldnn
    assert pace.has_bfloat16() == bool(words & names and backend.is_available())


@pytest.mark.parametrize("instruction", ["avx512_bf16", "amx_bf16", "bf16"])
def test_large_networks_take_bfloat16_where_there_are_instructions(
    instruction: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor(monkeypatch, instruction)
    assert pace.takes_bfloat16(PUBLISHED, CPU, wanted=None)
    assert not pace.takes_bfloat16(TINY, CPU, wanted=None)
    assert not pace.takes_bfloat16(PUBLISHED, CUDA, wanted=None)
    assert not pace.takes_bfloat16(PUBLISHED, CPU, wanted=False)
    assert pace.takes_bfloat16(TINY, CPU, wanted=True)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert not pace.takes_bfloat16(PUBLISHED, CPU, wanted=None)


def test_no_network_takes_it_by_itself_where_there_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    processor(monkeypatch, "avx512_f", "avx512_vnni")
    assert not pace.takes_bfloat16(PUBLISHED, CPU, wanted=None)
    assert pace.takes_bfloat16(PUBLISHED, CPU, wanted=True)
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert not pace.takes_bfloat16(PUBLISHED, CPU, wanted=None)


def test_what_is_asked_for_in_vain_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    processor(monkeypatch, "avx512_f")
    segmenter = load_segmenter("tiny", device="cpu", cpu_bfloat16=True)
    assert "no instructions for it" in segmenter.weights.note
    assert segmenter.runner.cpu_bfloat16
    processor(monkeypatch, "avx512_bf16")
    for wanted in (True, None):
        assert load_segmenter("tiny", device="cpu", cpu_bfloat16=wanted).weights.note == ""
    assert not load_runner(bundled_path(), device="cpu")[0].cpu_bfloat16


@pytest.mark.parametrize(
    ("speed", "said"),
    [
        (1.6e11, "about 45 s before"),
        (2e10, "about 6 minutes before"),
        (1e12, "about 7 s before"),
        (2e12, ""),
    ],
)
def test_a_long_wait_is_told_ahead(
    speed: float, said: str, small_network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Runner(small_network, SMALL, CPU)
    monkeypatch.setattr(pace, "matrix_speed", lambda _dtype: speed)
    assert pace.pace_note(runner) == ""
    monkeypatch.setattr(runner, "config", PUBLISHED)
    assert said in pace.pace_note(runner)
    assert bool(pace.pace_note(runner)) == bool(said)


def test_small_networks_are_not_measured_for(
    small_network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "matrix_speed", None)
    assert pace.pace_note(Runner(small_network, SMALL, CPU)) == ""


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_processor_multiplies_between_a_million_and_a_quadrillion_times_a_second(
    dtype: torch.dtype,
) -> None:
    assert 1e6 < pace.matrix_speed(dtype) < 1e15
    assert encode_operations(PUBLISHED) > pace.WORTH_BFLOAT16 > 10 * encode_operations(TINY)
