"""The project can be imported where triton is missing: macOS, and torch for CPUs alone."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "triton" else find(name, *a)

seen = set()

class Missing:
    def find_spec(self, name, path=None, target=None):
        # What another thread would see, in the middle of it all.
        seen.update(name for name in sys.modules if name.startswith("triton"))
        if name.split(".")[0] == "triton":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from sam3_playground.model.config import TINY
from sam3_playground.model.network import build_network
build_network(TINY)
try:
    import triton
except ModuleNotFoundError:
    print("built, and triton is still missing", *seen)
"""


def test_the_network_is_built_without_triton_and_nobody_is_ever_told_it_is_there() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "built, and triton is still missing", done.stderr[-2000:]
