"""The page's own scripts: ES modules in `web/`, served as they are.

Gradio runs one string when the canvas is there. It holds no more than an import of `main.js`,
which gets what Gradio hands over; all else follows by the modules' own imports. Their path names
their content, so a browser keeps them for good, and never mixes those of two versions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sam3_playground.ui.paths import SCRIPTS

FOREVER = {"cache-control": "public, max-age=31536000, immutable"}

# All are asked for at once: by their imports alone a browser would learn of them one by one.
_LOADER = """
const folder = new URL(FOLDER, document.baseURI).href;
for (const name of NAMES) {
  const link = document.createElement("link");
  document.head.append(Object.assign(link, { rel: "modulepreload", href: folder + name }));
}
import(folder + "main.js").then(
  ({ start }) => start({ element, props, trigger, watch }),
  () => element.replaceChildren("The page's scripts could not be loaded: load the page again."),
);
"""


@dataclass(frozen=True)
class Scripts:
    """The scripts.

    Attributes:
        sources: UTF-8 by name, as `main.js` or `state/store.js`.
    """

    sources: Mapping[str, bytes]

    @cached_property
    def version(self) -> str:
        """Another one for every other content."""
        digest = hashlib.sha256()
        for name, source in sorted(self.sources.items()):
            digest.update(f"{name} {len(source)}\n".encode() + source)
        return digest.hexdigest()[:16]

    @property
    def loader(self) -> str:
        """The body of a function of `element`, `props`, `trigger` and `watch`: starts them."""
        folder = f"{SCRIPTS[1:]}/{self.version}/"
        names = json.dumps(sorted(self.sources))
        return _LOADER.replace("FOLDER", json.dumps(folder)).replace("NAMES", names)


def read_scripts() -> Scripts:
    """Those that lie in `web/` and its folders."""
    folder = Path(__file__).with_name("web")
    paths = sorted(folder.rglob("*.js"))
    return Scripts({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})
