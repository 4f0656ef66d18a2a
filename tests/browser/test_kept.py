"""Work is kept in the browser: over a reload, a crash, a new server, beside other tabs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.browser.bench import Bench
from tests.browser.chrome import FLAGS, on_system
from tests.browser.conftest import OpenBench
from tests.fakes import disc_image
from tests.servers import free_port, serving

REDS = {"one.png": 1, "two.png": 2}
PLACES = [(150, 120), (450, 150)]

# Every file and every record that the browser keeps, by their stores.
KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open("sam3-playground");
  opening.onsuccess = () => {
    const base = opening.result, kept = {}, names = ["files", "works", "tabs"];
    const transaction = base.transaction(names);
    for (const name of names) {
      const request = transaction.objectStore(name).getAll();
      request.onsuccess = () => {
        kept[name] = request.result.map((one) => one.file?.name ?? one.name ?? one.id);
      };
    }
    transaction.oncomplete = () => { base.close(); resolve(kept); };
  };
})"""


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("kept")
    for name, count in REDS.items():
        discs = [("red", *place, 50) for place in PLACES[:count]]
        image = disc_image([*discs, ("green", 320, 360, 60)], 480, 640)
        Image.fromarray(image.pixels).save(folder / name)
    return [folder / name for name in REDS]


@pytest.fixture
def bench(open_bench: OpenBench, paths: list[Path]) -> Bench:
    """Two images with words and a box on the second, which is on the screen."""
    return worked_on(open_bench(), paths)


@pytest.fixture(params=["locks", "none"])
def tab(open_bench: OpenBench, paths: list[Path], request: pytest.FixtureRequest) -> Bench:
    """The same; in browsers without locks too, as they are for pages over http from elsewhere."""
    visitor = open_bench()
    if request.param == "none":
        visitor.page.context.add_init_script(
            "Object.defineProperty(navigator, 'locks', { value: undefined });"
        )
        visitor.page.reload()
        visitor.page.wait_for_selector(".bench[data-ready]")
    return worked_on(visitor, paths)


def worked_on(visitor: Bench, paths: list[Path]) -> Bench:
    visitor.open_all(*paths)
    visitor.words("red")
    visitor.go("two.png")
    visitor.drag(95, 65, 205, 175)
    visitor.slide("score", 0.3)
    visitor.written()
    return visitor


def is_as_it_was(bench: Bench) -> None:
    assert list(bench.images()) == list(REDS)
    assert bench.shown == "two.png"
    assert (bench.counts(), bench.marks()) == ({"red": 2}, 1)
    assert bench.part("scoreOut").inner_text() == "0.30"
    assert bench.part("shared").is_checked()
    assert bench.masked(*PLACES[1])
    bench.do("undo")
    bench.settled()
    assert bench.marks() == 0
    bench.go("one.png")
    assert bench.counts() == {"red": 1}


def test_all_is_there_after_a_reload(bench: Bench) -> None:
    bench.page.reload()
    bench.loaded()
    is_as_it_was(bench)


def test_all_is_there_after_back(bench: Bench) -> None:
    bench.page.goto("about:blank")
    bench.page.go_back()
    bench.loaded()
    is_as_it_was(bench)


def test_a_new_tab_takes_over_what_a_crash_left(tab: Bench) -> None:
    tab.page.close()  # nothing of the page runs any more
    again = Bench(tab.page.context.new_page(), tab.url)
    again.loaded()
    again.written()
    again.page.reload()  # they are the new tab's for good
    again.loaded()
    is_as_it_was(again)


def test_tabs_beside_each_other_keep_their_own(tab: Bench, paths: list[Path]) -> None:
    other = Bench(tab.page.context.new_page(), tab.url)
    assert other.images() == {}
    other.open(paths[0])
    other.words("green")
    other.written()
    tab.page.reload()
    tab.loaded()
    other.page.reload()
    other.loaded()
    assert (list(other.images()), other.counts()) == (["one.png"], {"green": 1})
    is_as_it_was(tab)


def test_a_tab_that_was_duplicated_has_images_of_its_own(tab: Bench) -> None:
    context = tab.page.context
    storage = tab.page.evaluate("JSON.stringify({ ...sessionStorage })")
    page = context.new_page()
    page.add_init_script(f"if (!sessionStorage.length) Object.assign(sessionStorage, {storage});")
    twin = Bench(page, tab.url)
    twin.loaded()
    twin.do("closeAll")
    twin.written()
    tab.page.reload()
    tab.loaded()
    is_as_it_was(tab)


def test_who_closes_all_images_is_forgotten(bench: Bench) -> None:
    assert sorted(bench.page.evaluate(KEPT)["files"]) == list(REDS)
    bench.do("closeAll")
    bench.written()
    kept = bench.page.evaluate(KEPT)
    assert (kept["files"], kept["works"]) == ([], [])
    bench.page.reload()
    bench.page.wait_for_selector(".bench[data-ready]")
    bench.written()
    assert bench.images() == {}
    assert bench.part("empty").is_visible()


@pytest.mark.parametrize("state", ["{ version: 1 }", "'broken'", "undefined"])
def test_what_another_version_kept_costs_its_prompts_alone(bench: Bench, state: str) -> None:
    bench.page.goto(bench.url + "/theme.css")  # nothing of the page's own writes here
    bench.page.evaluate(
        f"""() => new Promise((resolve) => {{
          const opening = indexedDB.open("sam3-playground");
          opening.onsuccess = () => {{
            const transaction = opening.result.transaction("works", "readwrite");
            const works = transaction.objectStore("works");
            works.getAll().onsuccess = ({{ target }}) => {{
              for (const one of target.result) works.put({{ ...one, state: {state} }});
            }};
            transaction.oncomplete = () => {{ opening.result.close(); resolve(); }};
          }};
        }})"""
    )
    bench.page.goto(bench.url)
    bench.loaded()
    assert list(bench.images()) == list(REDS)
    assert bench.counts() == {}
    assert bench.part("message").get_attribute("class") == "message "
    assert bench.part("scoreOut").inner_text() == "0.50"
    bench.words("red")
    assert bench.counts() == {"red": 2}


def test_a_full_browser_says_so_and_shows_what_it_has(
    open_bench: OpenBench, paths: list[Path]
) -> None:
    bench = open_bench()
    bench.page.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (value) {
            if (this.name === "files") throw new DOMException("full", "QuotaExceededError");
            return put.call(this, value);
          };
        }"""
    )
    bench.open(paths[1])
    bench.words("red")
    assert bench.counts() == {"red": 2}
    assert "two.png" in bench.part("keptNote").inner_text()


def test_a_browser_without_storage_works(
    browser: Browser, fake_url: str, paths: list[Path]
) -> None:
    context = browser.new_context()
    context.add_init_script(
        "for (const name of ['indexedDB', 'sessionStorage']) Object.defineProperty(window, name,"
        " { get() { throw new DOMException('none here', 'SecurityError'); } });"
    )
    bench = Bench(context.new_page(), fake_url)
    bench.open_all(*paths)
    bench.words("red")
    bench.go("two.png")
    assert bench.counts() == {"red": 2}
    assert "stores nothing" in bench.part("keptNote").inner_text()
    assert bench.errors == []
    context.close()


def test_a_restart_of_the_server_loses_no_image(open_bench: OpenBench, paths: list[Path]) -> None:
    port = free_port()
    with serving("-m", "tests.browser.serve_fake", port=port) as url:
        bench = open_bench(url)
        bench.open_all(*paths)
        bench.words("red")
        bench.go("two.png")
        bench.go("one.png")
        bench.written()
    with serving("-m", "tests.browser.serve_fake", port=port):
        bench.page.reload()
        bench.loaded()
        assert bench.counts() == {"red": 1}
        bench.go("two.png")  # neither has the new server ever seen
        assert bench.counts() == {"red": 2}


def test_a_file_that_was_removed_since_is_asked_by_its_copy(
    browser: Browser, fake_url: str, paths: list[Path], tmp_path: Path
) -> None:
    own = [tmp_path / path.name for path in paths]
    for path, copy in zip(paths, own, strict=True):
        copy.write_bytes(path.read_bytes())
    # A private window, as all others here are, makes no copies on the disk.
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=on_system(), args=FLAGS
    )
    bench = Bench(context.new_page(), fake_url)
    bench.open_all(*own)
    bench.words("red")
    bench.written()
    for copy in own:
        copy.unlink()
    bench.go("two.png")
    assert bench.counts() == {"red": 2}
    context.close()
