"""A playground for SAM 3: one pipeline behind a page, a REST API and a command line."""

__version__ = "0.1.0"
