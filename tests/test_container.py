"""The Dockerfile keeps its rules, and the example below a proxy hangs together."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

from sam3_playground.config import Settings
from sam3_playground.server.proxies import TrustedProxies
from tests.dockerfile import DOCKERFILE, ROOT, Stage, context, health_command, stages

BUILD, LAST = stages(DOCKERFILE.read_text(encoding="utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load(
    (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
)["services"]


def test_a_linter_finds_nothing() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint has no program for this machine")
    done = subprocess.run(
        [linter, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0)


def test_it_is_for_a_cpu_and_one_argument_makes_it_for_cuda() -> None:
    assert BUILD.all("ARG") == ["TORCH=cpu"]
    assert not LAST.all("ARG")
    assert any("whl/${TORCH}" in text for text in BUILD.all("RUN"))


@pytest.mark.parametrize("stage", [BUILD, LAST], ids=["build", "last"])
def test_it_is_slim_and_installs_no_compiler(stage: Stage) -> None:
    assert re.fullmatch(r"debian:[a-z]+-slim", stage.image)
    installed = " ".join(stage.all("RUN"))
    assert not re.search(r"build-essential|\b(gcc|g\+\+|clang|make|python3-dev)\b", installed)
    assert "--no-install-recommends" in installed
    assert "rm -rf /var/lib/apt/lists/*" in installed


def test_what_runs_is_no_root_and_may_write_weights_alone() -> None:
    (user,) = LAST.all("USER")
    assert user.isdecimal()
    assert int(user) > 0
    order = [step.name for step in LAST.steps]
    assert order.index("USER") > order.index("COPY")
    assert LAST.all("VOLUME") == ["/weights"]
    assert "--owner sam3 --group sam3 /weights" in " ".join(LAST.all("RUN"))
    assert f"--uid {user}" in " ".join(LAST.all("RUN"))


def test_everything_that_is_fetched_goes_to_the_volume() -> None:
    variables = LAST.variables()
    places = {name: value for name, value in variables.items() if value.startswith("/weights")}
    assert set(places) == {
        "SAM3_WEIGHTS_DIR",
        "HF_HOME",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
    }
    assert Settings.from_environment(variables).weights_folder == Path("/weights")
    assert LAST.all("EXPOSE") == [variables["GRADIO_SERVER_PORT"]]
    assert variables["GRADIO_SERVER_NAME"] == "0.0.0.0"


def test_its_health_is_asked_and_its_end_is_orderly() -> None:
    assert "/healthz" in health_command(LAST)[-1]
    compile(health_command(LAST)[-1], "healthcheck", "exec")
    # In the JSON form the program itself is told to end, not a shell around it.
    assert [*LAST.words("ENTRYPOINT"), *LAST.words("CMD")] == ["sam3-playground", "serve"]


def test_only_what_the_wheel_is_made_of_goes_to_the_engine() -> None:
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert [rule for rule in rules if rule and rule[0] not in "#!"] == ["*", "**/__pycache__"]
    sent = {path.relative_to(ROOT).as_posix() for path in context()}
    needed = {"pyproject.toml", "setup.py", "requirements.txt", "requirements.lock", "LICENSE"}
    assert needed | {"sam3_playground/__init__.py", "licences/SAM_LICENSE"} <= sent
    assert not [name for name in sent if name.startswith((".", "tests/", "training/", "runs/"))]
    assert sum(path.stat().st_size for path in context()) < 64 * 2**20


def test_the_example_is_below_a_path_that_both_know() -> None:
    proxy = (ROOT / "deploy/Caddyfile").read_text(encoding="utf-8")
    playground = COMPOSE["playground"]["environment"]
    settings = Settings.from_environment(
        {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in playground.items()}
    )
    below = settings.root_path
    assert below
    assert f"handle_path {below}/*" in proxy
    assert f"redir {below} {below}/" in proxy
    engine = TrustedProxies(settings.trusted_proxies)  # its networks, and nobody's beyond
    addresses = {it: engine.trusts(ip_address(it)) for it in ("172.18.0.3", "8.8.8.8")}
    assert addresses == {"172.18.0.3": True, "8.8.8.8": False}
    port = LAST.all("EXPOSE")[0]
    assert f"playground:{port}" in proxy
    names = {name for name in playground if name.startswith("SAM3_")}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in readme for name in names)
    assert "ports" not in COMPOSE["playground"]  # by the proxy alone
    assert COMPOSE["playground"]["volumes"] == ["weights:/weights"]
