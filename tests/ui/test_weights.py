"""The panel of weights: what it shows, what it does, and that nobody else may."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import (
    CheckpointError,
    FetchCancelledError,
    LicenceError,
    PlaygroundError,
    StorageError,
)
from sam3_playground.pipeline import manager as managing
from sam3_playground.pipeline.manager import WeightsManager
from sam3_playground.pipeline.service import Load, SegmenterService
from sam3_playground.server.owner import Owners
from sam3_playground.ui.weights import weights_route
from sam3_playground.weights.getting import Progress
from sam3_playground.weights.here import Found
from tests.api.conftest import running
from tests.fakes import FakeSegmenter
from tests.pipeline.test_service import until_said

TINY = Found("tiny", "bundled", Path("tiny.safetensors"), 17_600_000, True, None)
FILE = Found("mine.pt", "mine.pt", Path("folder/mine.pt"), 5, False, "Meta's sam3.pt")
SECRET = "hf_secret"


@dataclass
class Machine:
    """Weights and downloads that the test decides."""

    here: tuple[Found, ...] = (FILE, TINY)
    loaded: list[tuple[str, str | None]] = field(default_factory=list)
    broken: PlaygroundError | None = None
    fetches: list[dict[str, Any]] = field(default_factory=list)
    outcome: Found | PlaygroundError = FILE
    go_on: threading.Event = field(default_factory=threading.Event)
    moved: threading.Event = field(default_factory=threading.Event)

    def load(self, source: str, click_source: str | None) -> Load:
        """What loads the weights of a source."""

        def load(_: Callable[[str], None]) -> Segmenter:
            self.loaded.append((source, click_source))
            if self.broken:
                raise self.broken
            made = FakeSegmenter()
            made.weights = type(made.weights)(source, bundled=source == "tiny", path=Path(source))
            return cast("Segmenter", made)

        return load

    def fetch(
        self,
        source: str | None,
        *,
        folder: Path,
        token: str | None,
        licence_accepted: bool,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> Found:
        """A download."""
        self.fetches.append({"source": source, "folder": folder, "token": token})
        self.fetches[-1]["licence_accepted"] = licence_accepted
        progress(Progress(1000, 4000, 500.0, 6.0))
        self.moved.set()
        while not self.go_on.wait(0.02):
            if cancelled():
                raise FetchCancelledError("stopped")
        if isinstance(self.outcome, PlaygroundError):
            raise self.outcome
        return self.outcome


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(managing, "weights_here", lambda _: made.here)
    monkeypatch.setattr(managing, "get_weights", made.fetch)
    return made


@pytest.fixture
def service() -> SegmenterService:
    fake = FakeSegmenter()
    fake.weights = type(fake.weights)("tiny", bundled=True, path=Path("tiny"))
    return SegmenterService.of(cast("Segmenter", fake))


class Panel:
    """A browser's requests for the panel."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self.headers = {"origin": str(http.base_url).rstrip("/")}

    def send(self, body: Any, **headers: str) -> httpx.Response:
        return self._http.post("/page/weights", json=body, headers=self.headers | headers)

    def __call__(self, **wish: Any) -> dict[str, Any]:
        answer = self.send(wish)
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()
        return view

    def until_fetched(self) -> dict[str, Any]:
        for thread in threading.enumerate():
            if thread.name == "get-weights":
                thread.join(20)
        until_said()
        return self(do="look")


@pytest.fixture
def panel(machine: Machine, service: SegmenterService, tmp_path: Path) -> Iterator[Panel]:
    manager = WeightsManager(service, machine.load, tmp_path)
    owners = Owners(True, bound_to="127.0.0.1", other_names=False)
    route = weights_route(manager, owners, lambda: service.status)
    app = Starlette(routes=[route])
    with running(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
        yield Panel(http)
    machine.go_on.set()
    until_said()


def test_it_shows_what_is_here_and_what_runs(panel: Panel) -> None:
    view = panel(do="look")
    assert [(one["source"], one["runs"]) for one in view["here"]] == [
        ("mine.pt", False),
        ("tiny", True),
    ]
    assert view["here"][0] == {
        "source": "mine.pt",
        "name": "mine.pt",
        "bytes": 5,
        "published": "Meta's sam3.pt",
        "bundled": False,
        "runs": False,
        "fault": "",
    }
    assert view["status"]["bundled"]
    assert "folder" not in str(view)


def test_a_click_changes_over_and_back(
    panel: Panel, machine: Machine, service: SegmenterService
) -> None:
    networks = [service.current.key]
    for source in ("mine.pt", "tiny", "mine.pt"):
        panel(do="run", source=source)
        until_said()
        view = panel(do="look")
        assert [one["source"] for one in view["here"] if one["runs"]] == [source]
        assert view["status"]["network"] not in networks
        networks.append(view["status"]["network"])
    panel(do="run", source="mine.pt", click_source="tiny")
    until_said()
    assert machine.loaded[-1] == ("mine.pt", "tiny")


@pytest.mark.parametrize("source", ["/etc/passwd", "../mine.pt", "", "facebook/sam3", "mine.pt\0"])
def test_nothing_else_of_the_machine_is_loaded(source: str, panel: Panel, machine: Machine) -> None:
    for wish in ({"source": source}, {"source": "mine.pt", "click_source": source or "x"}):
        answer = panel.send({"do": "run", **wish})
        assert answer.status_code == 422
        assert "weights of this machine" in answer.json()["error"]
    assert machine.loaded == []


def test_weights_that_fail_leave_the_former_ones(
    panel: Panel, machine: Machine, service: SegmenterService
) -> None:
    former = service.current
    machine.broken = CheckpointError("mine.pt is a web page")
    panel(do="run", source="mine.pt")
    until_said()
    assert service.current is former
    assert panel(do="look")["refused"] == "mine.pt is a web page"


def test_what_is_fetched_runs(panel: Panel, machine: Machine, tmp_path: Path) -> None:
    panel(do="get", source=" facebook/sam3 ", token=SECRET)
    assert machine.moved.wait(20)
    fetch = panel(do="look")["fetch"]
    assert fetch["going_on"]
    assert fetch["progress"] == {
        "done": 1000,
        "total": 4000,
        "bytes_per_second": 500.0,
        "seconds_left": 6.0,
    }
    assert panel.send({"do": "get", "source": "other/one"}).status_code == 503
    machine.go_on.set()
    view = panel.until_fetched()
    assert (view["fetch"]["going_on"], view["fetch"]["error"]) == (False, "")
    assert [one["source"] for one in view["here"] if one["runs"]] == ["mine.pt"]
    (asked,) = machine.fetches
    assert asked == {
        "source": "facebook/sam3",
        "folder": tmp_path,
        "token": SECRET,
        "licence_accepted": False,
    }


@pytest.mark.parametrize(
    ("failure", "wants_licence"),
    [(StorageError("no room: 3 GB"), False), (LicenceError("accept it first"), True)],
)
def test_a_download_that_fails_says_why(
    failure: PlaygroundError,
    wants_licence: bool,
    panel: Panel,
    machine: Machine,
) -> None:
    machine.outcome = failure
    machine.go_on.set()
    panel(do="get", source="facebook/sam3")
    view = panel.until_fetched()
    assert view["fetch"]["error"] == str(failure)
    assert view["fetch"]["wants_licence"] is wants_licence
    assert machine.loaded == []


def test_a_download_is_cancelled_and_another_may_begin(panel: Panel, machine: Machine) -> None:
    panel(do="get", source="facebook/sam3")
    assert machine.moved.wait(20)
    panel(do="cancel")
    view = panel.until_fetched()
    assert (view["fetch"]["going_on"], view["fetch"]["error"]) == (False, "")
    assert machine.loaded == []
    machine.go_on.set()
    panel(do="get", source="other/one", licence_accepted=True)
    panel.until_fetched()
    assert machine.loaded == [("mine.pt", None)]
    assert machine.fetches[-1]["licence_accepted"] is True


def test_a_token_is_nowhere_to_be_seen(
    panel: Panel, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    machine.outcome = StorageError("no room")
    machine.go_on.set()
    with caplog.at_level("DEBUG"):
        bodies = [panel.send({"do": "get", "source": "a/b", "token": SECRET}).text]
        panel.until_fetched()
        bodies.append(panel.send({"do": "look"}).text)
        bodies.append(panel.send({"do": "get", "token": SECRET, "more": 1}).text)
        bodies.append(panel.send({"do": "get", "token": [SECRET]}).text)
    assert machine.fetches[0]["token"] == SECRET
    assert SECRET not in "".join(bodies)
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "body",
    [[], "look", {}, {"do": "delete"}, {"do": "run", "source": 4}, {"do": "look", "more": 1},
     {"do": "get", "token": "x" * 3000}, {"do": "look", "licence_accepted": "yes"}],
)  # fmt: skip
def test_what_is_no_wish_is_refused(body: Any, panel: Panel) -> None:
    answer = panel.send(body)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("expected ")


def test_too_much_is_refused(panel: Panel) -> None:
    assert panel.send({"do": "look", "source": "x" * 100_000}).status_code == 422


def test_others_may_not(panel: Panel, machine: Machine) -> None:
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}):
        for wish in ({"do": "look"}, {"do": "run", "source": "mine.pt"}):
            answer = panel.send(wish, **headers)
            assert answer.status_code == 403
            assert set(answer.json()) == {"error"}
    assert machine.loaded == []
