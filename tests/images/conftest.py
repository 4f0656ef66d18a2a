"""The API's server, for what an image does on its way in."""

from tests.api.conftest import start_api

__all__ = ["start_api"]
