"""A playground for SAM 3: one pipeline behind a page, a REST API and a command line."""

import os

__version__ = "0.1.0"

# Before torch is loaded. Its OpenMP threads wait for each other in a busy loop of a fraction of
# a second, during which nothing else runs: on two cores, with a browser beside the server, a
# prompt of 15 ms then takes a second. A thousand turns of that loop cost nothing elsewhere.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
