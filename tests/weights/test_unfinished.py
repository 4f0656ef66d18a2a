"""Downloads that broke off are shown with how to go on, and given up after a month."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sam3_playground.errors import WeightsUnavailableError
from sam3_playground.weights.getting import get_weights
from sam3_playground.weights.unfinished import unfinished_here
from tests.cli.conftest import run
from tests.weights.mirror import Mirror, Served
from tests.weights.test_download import CONTENT
from tests.weights.test_hub import TOKEN, publish

DAY = 86_400
MODELSCOPE = "/models/facebook/sam3/resolve/master/sam3.pt"

pytestmark = pytest.mark.usefixtures("accepted")


def broken_off(source: str, folder: Path) -> None:
    with pytest.raises(WeightsUnavailableError, match="broke off"):
        get_weights(source, folder=folder, token=TOKEN)


def test_list_shows_them_with_how_to_go_on(
    hub: Mirror,
    elsewhere: Mirror,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish(hub, elsewhere)
    elsewhere.files["/blob?signed=1"].drops = [200_000]
    elsewhere.files[MODELSCOPE] = Served(CONTENT, drops=[400_000])
    elsewhere.files["/mine.pt?key=secret"] = Served(CONTENT, drops=[300_000])
    for source in ("facebook/sam3", "modelscope:facebook/sam3"):
        broken_off(source, folder)
    broken_off(f"{elsewhere.url}/mine.pt?key=secret", folder)
    assert [(it.name, it.source, it.byte_count, it.total) for it in unfinished_here(folder)] == [
        ("facebook/sam3", "facebook/sam3", 200_000, 700_000),
        ("mine.pt", "", 300_000, 1_000_000),
        ("modelscope:facebook/sam3", "modelscope:facebook/sam3", 400_000, 1_000_000),
    ]
    monkeypatch.setenv("SAM3_WEIGHTS_DIR", str(folder))
    assert run("weights", "list") == 0
    goes_on = "came: `sam3-playground weights get"
    assert capsys.readouterr().out.splitlines()[2:] == [
        f"facebook/sam3, 0.2 MB of 0.7 MB {goes_on} facebook/sam3` goes on",
        f"mine.pt, 0.3 MB of 1.0 MB {goes_on} ADDRESS` goes on",
        f"modelscope:facebook/sam3, 0.4 MB of 1.0 MB {goes_on} modelscope:facebook/sam3` goes on",
    ]
    get_weights("modelscope:facebook/sam3", folder=folder)
    assert [it.name for it in unfinished_here(folder)] == ["facebook/sam3", "mine.pt"]
    then = time.time() - 99 * DAY
    (part,) = (it for it in unfinished_here(folder) if it.source)
    os.utime(part.path, (then, then))
    get_weights("facebook/sam3", folder=folder, token=TOKEN)
    assert elsewhere.ranges[-1] == "bytes=200000-"


def test_they_are_given_up_after_a_month_and_nothing_else_is(
    elsewhere: Mirror, folder: Path
) -> None:
    names = ("old.pt", "new.pt")
    for name in names:
        elsewhere.files[f"/{name}"] = Served(CONTENT, drops=[300_000])
        broken_off(f"{elsewhere.url}/{name}", folder)
    (folder / ".others.partial").write_bytes(b"of another program")
    for name, days in ((".old.pt", 31), (".new.pt", 29), (".others", 99)):
        then = time.time() - days * DAY
        os.utime(folder / f"{name}.partial", (then, then))
    elsewhere.files["/third.pt"] = Served(CONTENT)
    get_weights(f"{elsewhere.url}/third.pt", folder=folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        ".new.pt.partial",
        ".new.pt.partial.json",
        ".others.partial",
        "third.pt",
    ]
