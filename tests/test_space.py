"""Pushed as it is, the repository is a Hugging Face Space."""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import tomlkit
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from sam3_playground.config import Settings, default_host, environment, use_persistent_disk
from sam3_playground.weights.sources import HUB_FILES
from tests.dependencies import LOCK
from tests.device_server import device_server
from tests.servers import Visitor, discs_png, free_port, page_state, serving
from tests.weights.mirror import Served, mirror

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/space.md").read_text(encoding="utf-8")
PROJECT = tomlkit.parse((ROOT / "pyproject.toml").read_text(encoding="utf-8")).unwrap()["project"]
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
# As the hub starts a Gradio Space.
SPACE = {
    "SPACE_ID": "owner/name",
    "SYSTEM": "spaces",
    "GRADIO_SERVER_NAME": "0.0.0.0",
}
TOKEN = "hf_staged"
LOOPBACK = {"127.0.0.0/8", "::1/128"}


@pytest.fixture(scope="module")
def front() -> dict[str, Any]:
    match = re.match(r"---\n(.*?)\n---\n\n# ", README, re.DOTALL)
    assert match is not None
    found: dict[str, Any] = yaml.safe_load(match[1])
    return found


def test_the_front_matter_has_what_the_hub_reads(front: dict[str, Any]) -> None:
    assert set(front) == {
        "title",
        "emoji",
        "colorFrom",
        "colorTo",
        "sdk",
        "sdk_version",
        "python_version",
        "app_file",
        "license",
        "short_description",
        "thumbnail",
        "models",
    }
    assert front["sdk"] == "gradio"
    assert {front["colorFrom"], front["colorTo"]} < COLOURS
    assert 0 < len(front["short_description"]) <= 60
    assert not re.search(r"[\w\s]", front["emoji"])
    assert front["title"] == re.search(r"^# (.*)$", README, re.MULTILINE)[1]  # type: ignore[index]


def test_it_names_the_gradio_that_the_tests_run_with(front: dict[str, Any]) -> None:
    locked = dict(
        line.split("==") for line in LOCK.read_text(encoding="utf-8").splitlines() if "==" in line
    )
    assert front["sdk_version"] == locked["gradio"]
    listed = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    (gradio,) = (line for line in listed.splitlines() if line.startswith("gradio"))
    assert front["sdk_version"] in Requirement(gradio).specifier


def test_its_python_is_one_that_the_project_takes(front: dict[str, Any]) -> None:
    assert isinstance(front["python_version"], str)  # 3.10 as a number is 3.1
    assert front["python_version"] in SpecifierSet(PROJECT["requires-python"])


def test_its_licence_is_the_repositorys(front: dict[str, Any]) -> None:
    assert front["license"] == PROJECT["license"].lower() == "mit"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_what_it_points_at_is_there(front: dict[str, Any]) -> None:
    assert (ROOT / front["app_file"]).is_file()
    assert (ROOT / front["thumbnail"]).is_file()
    assert set(front["models"]) <= set(HUB_FILES)


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({}, "127.0.0.1"),
        ({"SYSTEM": "spaces"}, "0.0.0.0"),
        ({"SPACE_ID": "owner/name"}, "0.0.0.0"),
        ({"SYSTEM": "other"}, "127.0.0.1"),
    ],
)
def test_a_space_is_asked_from_elsewhere(variables: dict[str, str], host: str) -> None:
    assert default_host({"PATH": "", **variables}) == host
    settings = Settings.from_environment(variables)
    assert settings.trusted_hosts == ({"*"} if host == "0.0.0.0" else frozenset())
    assert settings.trusted_proxies == ({"*"} if host == "0.0.0.0" else LOOPBACK)
    assert settings.host == host
    assert settings.manage_weights is (False if host == "0.0.0.0" else None)
    assert settings.zero_gpu is False


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("T", True), ("0", False), ("", False)]
)
def test_zero_gpu_is_where_its_package_says_so(text: str, value: bool) -> None:
    assert Settings.from_environment({"SPACES_ZERO_GPU": text}).zero_gpu is value


def test_weights_go_to_the_disk_that_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HOME", "HF_HUB_CACHE", "SPACE_ID", "SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(environment, "SPACE_DISK", tmp_path)
    use_persistent_disk()
    assert "HF_HOME" not in os.environ  # no Space
    assert Settings.from_environment({}).weights_folder is None
    monkeypatch.setenv("SPACE_ID", "owner/name")
    monkeypatch.setenv("HF_HUB_CACHE", "/elsewhere")
    use_persistent_disk()
    assert "HF_HOME" not in os.environ  # somebody decided
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.setenv("HF_HOME", "")  # put back at the end, whatever is set now
    monkeypatch.delenv("HF_HOME")
    use_persistent_disk()
    assert os.environ["HF_HOME"] == str(tmp_path / ".huggingface")
    folder = Settings.from_environment(SPACE).weights_folder
    assert folder == tmp_path / "sam3-playground" / "weights"
    own = Settings.from_environment(SPACE | {"SAM3_WEIGHTS_DIR": "/own"}).weights_folder
    assert own == Path("/own")
    monkeypatch.setattr(environment, "SPACE_DISK", tmp_path / "none")
    assert Settings.from_environment(SPACE).weights_folder is None


def test_a_space_whose_token_is_refused_says_so_and_answers(tmp_path: Path) -> None:
    with mirror("localhost") as hub:
        hub.files["/facebook/sam3/resolve/main/sam3.pt"] = Served(token="another one")
        variables: dict[str, Any] = SPACE | {
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": TOKEN,
            "HF_HOME": str(tmp_path / "hub"),
            "HF_HUB_OFFLINE": "0",
            "XDG_DATA_HOME": str(tmp_path / "data"),
        }
        port = free_port()
        with serving("app.py", "--port", after=(), port=port, **variables) as url:
            own = {"Host": "owner-name.hf.space"}
            for _ in range(240):
                health = httpx.get(f"{url}/healthz", headers=own)
                if health.status_code != 503:
                    break
                time.sleep(0.25)
            page = httpx.get(url, headers=own)
            answer = httpx.post(
                f"{url}/sam3/concept_segment",
                json={
                    "image": {"type": "base64", "value": _base64(discs_png())},
                    "prompts": [{"type": "text", "text": "red circle"}],
                },
                headers=own,
                timeout=60,
            )
        tokens = {
            it.headers.get("authorization") for it in hub.asked if it.path.startswith("/facebook/")
        }
    assert tokens == {f"Bearer {TOKEN}"}
    assert health.status_code == 200
    assert health.json()["fallback"] is True
    assert "The hub refused facebook/sam3" in health.json()["message"]
    assert page.status_code == 200
    assert TOKEN not in page.text + health.text
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'self' https://huggingface.co https://*.hf.space" in policy
    assert "x-frame-options" not in page.headers
    assert answer.status_code == 200
    assert len(answer.json()["prompt_results"][0]["predictions"]) > 0
    assert answer.headers["x-sam3-fallback"] == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="Spaces run on Linux")
def test_a_space_on_zero_gpu_asks_for_a_gpu_in_the_visitors_name(tmp_path: Path) -> None:
    """There being none here, the page says so; what a GPU would do is in test_zerogpu.py."""
    with device_server() as (api, asked):
        variables: dict[str, Any] = SPACE | {
            "SPACES_ZERO_GPU": "true",
            "SPACES_ZERO_DEVICE_API_URL": api,
            "ZEROGPU_OFFLOAD_DIR": str(tmp_path / "tensors"),
            "HF_HUB_OFFLINE": "1",
            "SAM3_WEIGHTS": "tiny",
        }
        headers = {"Host": "owner-name.hf.space", "X-IP-Token": "a.e30.c"}
        with (
            serving("app.py", "--port", after=(), port=0, **variables) as url,
            Visitor(url, headers=headers) as visitor,
        ):
            health = httpx.get(f"{url}/healthz").json()
            answer = visitor.ask(page_state(visitor.upload(discs_png()), "red circle"))
    assert health["status"] == "ready"  # before the page opens
    assert answer["error"] == "ZeroGPU worker error: RuntimeError"
    paths = [path for path, _ in asked]
    assert paths == ["/startup-report", "/schedule", "/allow", "/release"]
    assert asked[1][1]["token"] == ["a.e30.c"]


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


COMMANDS = re.findall(r"^ {4,7}(?:HF_TOKEN=hf_\.\.\. )?(hf .*)$", GUIDE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_guides_commands_are_ones_that_the_hubs_program_takes(command: str) -> None:
    import click
    from huggingface_hub.cli.hf import app

    assert len(COMMANDS) > 8
    found: Any = app
    words = shlex.split(command)[1:]
    context = click.Context(found, info_name="hf")
    while hasattr(found, "resolve_command"):
        _, found, words = found.resolve_command(context, words)
        context = type(context)(found, parent=context)
    found.parse_args(context, words)  # raises at options and values that there are none of


def test_the_guide_names_the_projects_files_and_settings() -> None:
    for name in re.findall(r"`(SAM3_[A-Z_]+)`", GUIDE):
        assert f"| `{name}`" in README
    for target in re.findall(r"\]\((?!http)([^)#]+)", GUIDE):
        assert (ROOT / "docs" / target).exists(), target
