"""A network made without values, once it has those of a file, is the network made with others."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from sam3_playground.core.prompts import Click, VisualPrompt
from sam3_playground.errors import CheckpointError
from sam3_playground.model import Runner
from sam3_playground.model.checkpoint import load_checkpoint, write_checkpoint
from sam3_playground.model.config import TINY, NetworkConfig
from sam3_playground.model.network import build_network
from sam3_playground.model.valueless import give_values, without_values
from tests.model.conftest import PROMPTS, SMALL, look, noise_image, random_network
from tests.model.layout_files import learned, multiplex, released
from tests.model.state import differences, state_of
from tests.model.test_checkpoint import write

MAPS = Path("/proc/self/maps")
NOT_NEEDED = "inst_interactive_predictor.model.no_mem_pos_enc"


@pytest.fixture(scope="module")
def source() -> Any:
    """The network whose values are in the files."""
    return random_network(seed=5, config=SMALL)


def loaded(path: Path, *, valueless: bool, config: NetworkConfig = SMALL) -> Any:
    network = build_network(config, valueless=valueless)
    load_checkpoint(network, path)
    return network


@pytest.mark.parametrize("config", [SMALL, TINY], ids=["small", "tiny"])
def test_what_is_computed_has_its_values_and_what_is_learned_none(config: NetworkConfig) -> None:
    empty, full = build_network(config, valueless=True), build_network(config)
    assert all(value.is_meta for value in empty.parameters())
    random = "positional_encoding_gaussian_matrix"
    computed = [name for name, _ in full.named_buffers() if not name.endswith(random)]
    buffers = dict(empty.named_buffers())
    assert len(computed) == config.vit_depth + 1
    for name in computed:
        assert torch.equal(buffers[name], full.get_buffer(name)), name


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors", "half.pt", "own.safetensors"])
def test_nothing_on_it_differs(name: str, source: Any, tmp_path: Path) -> None:
    """Parameters, buffers, flags, and all else that its modules remember."""
    path = tmp_path / name
    content = released(learned(source))
    if name == "own.safetensors":
        write_checkpoint(path, source, SMALL)
        content = {name: value.half() for name, value in learned(source).items()}
        with safe_open(path, framework="pt") as file:  # what results need, and the sizes
            assert set(file.keys()) < content.keys()
            content |= {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            save_file(content, path, metadata=file.metadata())
    else:
        half = name.startswith("half")
        write(path, {k: v.half() if half else v for k, v in content.items()})
    one, other = (loaded(path, valueless=valueless) for valueless in (True, False))
    assert differences(state_of(one), state_of(other)) == []
    assert {value.dtype for value in one.parameters()} == {torch.float32}


@pytest.mark.skipif(not MAPS.exists(), reason="needs the list of what is mapped")
@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
def test_the_mapped_file_is_the_only_copy(name: str, source: Any, tmp_path: Path) -> None:
    path = write(tmp_path / name, released(learned(source)))
    one, other = (loaded(path, valueless=valueless) for valueless in (True, False))
    places = mapped(path)
    assert all(inside(value, places) for value in one.parameters())
    assert not any(inside(value, places) for value in other.parameters())


def mapped(path: Path) -> list[range]:
    """Where a file lies in this process's memory."""
    lines = [line for line in MAPS.read_text().splitlines() if line.endswith(str(path))]
    bounds = ([int(end, 16) for end in line.split()[0].split("-")] for line in lines)
    return [range(first, last) for first, last in bounds]


def inside(value: torch.Tensor, places: list[range]) -> bool:
    return any(value.data_ptr() in place for place in places)


def test_changing_it_leaves_the_file_as_it_was(source: Any, tmp_path: Path) -> None:
    for name in ("a.pt", "a.safetensors"):
        path = write(tmp_path / name, released(learned(source)))
        before = path.read_bytes()
        with torch.no_grad():
            loaded(path, valueless=True).transformer.decoder.query_embed.weight.zero_()
        assert path.read_bytes() == before


def test_what_a_file_lacks_and_no_result_needs_is_there_and_changes_nothing(
    source: Any, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.pt", multiplex(learned(source)))
    one, other = (loaded(path, valueless=valueless) for valueless in (True, False))
    assert not any(value.is_meta for value in one.state_dict().values())
    assert not one.get_parameter(NOT_NEEDED).any()
    one = pickle.loads(pickle.dumps(one.to("cpu").state_dict()))
    assert one.keys() == other.state_dict().keys()
    runners = [
        Runner(loaded(path, valueless=True), SMALL, torch.device("cpu")),
        Runner(other, SMALL, torch.device("cpu")),
    ]
    answers = [answered(runner) for runner in runners]
    assert len(answers[0]) > 10
    assert answers[0] == answers[1]


def answered(runner: Runner) -> list[tuple[float, bytes]]:
    """Scores and masks of concepts and of a click, to the last bit."""
    image = noise_image(1)
    found = [item for one in look(runner, image, PROMPTS, score_floor=0) for item in one.candidates]
    click = VisualPrompt((Click(9, 9),))
    found += runner.propose_visual(runner.encode(image), click).candidates
    return [(item.score, item.mask_logits.tobytes()) for item in found]


def test_too_little_memory_for_another_type_is_said() -> None:
    layer = nn.Linear(2**23, 2**22, bias=False, device="meta")
    half = torch.zeros(1, 1, dtype=torch.float16).expand(2**22, 2**23)
    with pytest.raises(CheckpointError, match="expected memory for the weights, got too little"):
        give_values(layer, {"weight": half})


def test_other_threads_make_theirs_with_values() -> None:
    made: list[nn.Module] = []
    make: Callable[[], None] = lambda: made.append(nn.Linear(3, 4))  # noqa: E731
    with without_values():
        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        make()
    make()
    assert [layer.weight.is_meta for layer in made if isinstance(layer, nn.Linear)] == [
        False,
        True,
        False,
    ]
