"""The Dockerfile read, and its steps taken without an engine: `python -m tests.dockerfile FOLDER`.

Each stage begins as a fresh Debian, made by `debootstrap` in FOLDER, and its steps are those of the
Dockerfile itself, in a chroot. Then the container's own command runs there as its own user, its
health check is asked until it agrees, and one image is segmented. Needs root and Debian's mirror;
PIP_CERT, where it is set, is what Python's packages are fetched with.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DOCKERFILE = ROOT / "Dockerfile"
_TRIES = 120


@dataclass(frozen=True)
class Step:
    """An instruction, its words as they stand there."""

    name: str
    text: str


@dataclass
class Stage:
    image: str
    name: str = ""
    steps: list[Step] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [step.text for step in self.steps if step.name == name]

    def variables(self) -> dict[str, str]:
        """Those of ENV."""
        words = [word for text in self.all("ENV") for word in shlex.split(text)]
        return dict(word.split("=", 1) for word in words)

    def words(self, name: str) -> list[str]:
        """The last such instruction in its JSON form."""
        found: list[str] = json.loads(self.all(name)[-1])
        return found


def stages(text: str) -> list[Stage]:
    """What a Dockerfile builds, stage by stage."""
    found: list[Stage] = []
    lines = "\n".join(it for it in text.splitlines() if not it.lstrip().startswith("#"))
    for line in re.sub(r"\\\n\s*", "", lines).splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            image, _, stage = rest.partition(" AS ")
            found.append(Stage(image, stage))
        elif name:
            found[-1].steps.append(Step(name, rest))
    return found


def health_command(stage: Stage) -> list[str]:
    """What the health check runs."""
    found: list[str] = json.loads(stage.all("HEALTHCHECK")[0].partition("CMD ")[2])
    return found


def context() -> list[Path]:
    """The files that `.dockerignore` lets through: it names them after forbidding everything."""
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    taken = [ROOT / rule[1:] for rule in rules if rule.startswith("!")]
    files = [file for path in taken for file in ([path] if path.is_file() else path.rglob("*"))]
    return sorted(it for it in files if it.is_file() and "__pycache__" not in it.parts)


class Chroot:
    """A stage's own Debian."""

    def __init__(self, folder: Path, arguments: Mapping[str, str]) -> None:
        self.folder = folder
        self.place = "/"
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **arguments,
        }

    def command(self, words: list[str], *, user: str = "0") -> list[str]:
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        inside = f"cd {shlex.quote(self.place)} && exec {shlex.join(words)}"
        who = f"--userspec={user}:{user}"
        return ["chroot", who, str(self.folder), "env", "-i", *variables, "sh", "-c", inside]

    def run(self, words: list[str], *, user: str = "0") -> str:
        done = subprocess.run(
            self.command(words, user=user), check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def copy(self, text: str, others: Mapping[str, Chroot]) -> None:
        words = shlex.split(text)
        home = None
        if words[0].startswith("--from="):
            home = others[words.pop(0).partition("=")[2]].folder
        *sources, target = words
        there = self.folder / str(Path(self.place) / target).lstrip("/")
        for source in sources:
            if home is not None:
                _copy(home / source.lstrip("/"), there)
            elif source == ".":
                for file in context():
                    aim = there / file.relative_to(ROOT)
                    aim.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(file, aim)
            else:
                there.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / source, there)

    def take(self, step: Step, others: Mapping[str, Chroot]) -> None:
        if step.name == "RUN":
            self.run(["sh", "-c", step.text])
        elif step.name == "WORKDIR":
            self.place = step.text
            (self.folder / step.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif step.name == "COPY":
            self.copy(step.text, others)
        elif step.name == "ARG":
            name, _, value = step.text.partition("=")
            self.environment.setdefault(name, value)


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """What every process expects: its own list of processes, and devices."""
    subprocess.run(["mount", "-t", "proc", "proc", folder / "proc"], check=True)
    subprocess.run(["mount", "--rbind", "--make-rslave", "/dev", folder / "dev"], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--recursive", "--lazy", folder / "dev"], check=True)
        subprocess.run(["umount", "--lazy", folder / "proc"], check=True)


def _copy(source: Path, target: Path) -> None:
    """With owners, links and devices."""
    subprocess.run(["cp", "--archive", source, target], check=True)


def build(folder: Path) -> tuple[Chroot, Stage]:
    """Take the Dockerfile's steps; the last stage as it comes out."""
    base = folder / "base"
    parts = stages(DOCKERFILE.read_text(encoding="utf-8"))
    release = parts[0].image.partition(":")[2].removesuffix("-slim")
    if not (base / "etc/debian_version").exists():
        subprocess.run(["debootstrap", "--variant=minbase", release, base], check=True)
    given = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    made: dict[str, Chroot] = {}
    for number, part in enumerate(parts):
        home = folder / (part.name or f"stage-{number}")
        shutil.rmtree(home, ignore_errors=True)
        _copy(base, home)
        shutil.copy2("/etc/resolv.conf", home / "etc/resolv.conf")
        if "PIP_CERT" in given:
            shutil.copy2(os.environ["PIP_CERT"], home / "etc/own-certificates.crt")
            given["PIP_CERT"] = "/etc/own-certificates.crt"
        stage = Chroot(home, given)
        with mounted(home):
            for step in part.steps:
                print(step.name, step.text[:100], flush=True)
                stage.take(step, made)
        made[part.name or str(number)] = stage
    last = stage
    last.environment = part.variables() | {"HOME": "/home/sam3", "LANG": "C.UTF-8"}
    last.environment["PATH"] = last.environment["PATH"].replace("$PATH", "/usr/bin:/bin")
    return last, part


def check(container: Chroot, stage: Stage) -> None:
    """Run what was built as an engine would."""
    user = stage.all("USER")[-1]
    command = stage.words("ENTRYPOINT")
    container.place = stage.all("WORKDIR")[-1]
    with mounted(container.folder):
        print("user", container.run(["id", "-u"], user=user).strip())
        print(
            "compilers", container.run(["sh", "-c", "command -v cc gcc c++ || echo none"]).strip()
        )
        container.run(["touch", f"{stage.all('VOLUME')[-1]}/can-write"], user=user)
        print(container.run([*command, "info"], user=user))
        container.environment["GRADIO_SERVER_PORT"] = "17860"
        words = container.command([*command, *stage.words("CMD")], user=user)
        with subprocess.Popen(words) as server:
            try:
                _wait(container.command(health_command(stage), user=user), server)
                print("the health check agrees")
            finally:
                server.terminate()
        print("ended with", server.returncode)
        where = (
            "from sam3_playground.bundled import bundled_folder as folder; "
            "print(folder('examples') / 'rockets.jpg')"
        )
        image = container.run(["python", "-c", where], user=user).strip()
        asked = [*command, "segment", image, "--concept", "rocket", "--json"]
        print(len(json.loads(container.run(asked, user=user))["prompt_results"]), "concept found")
    size: Any = subprocess.check_output(["du", "-sm", container.folder], text=True).split()[0]
    print("MiB", size)


def _wait(command: list[str], server: subprocess.Popen[bytes]) -> None:
    for _ in range(_TRIES):
        if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return
        if server.poll() is not None:
            raise SystemExit("the server ended")
        time.sleep(1)
    raise SystemExit("the health check never agreed")


if __name__ == "__main__":
    check(*build(Path(sys.argv[1]).absolute()))
