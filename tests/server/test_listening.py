"""A port that was taken for a server stays its own until the server listens."""

from __future__ import annotations

import os
import socket
from contextlib import closing

import pytest

from sam3_playground.errors import InvalidInputError
from sam3_playground.server.listening import ReservedAddress


def test_nobody_else_gets_a_port_while_its_server_is_being_built() -> None:
    with closing(ReservedAddress("127.0.0.1", 0)) as address:
        with pytest.raises(InvalidInputError, match=f"expected a free port, got {address.port}"):
            ReservedAddress("127.0.0.1", address.port)
        with pytest.raises(OSError), socket.create_server(("127.0.0.1", address.port)):
            pass
    with closing(ReservedAddress("127.0.0.1", address.port)) as again:
        assert again.port == address.port


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a port lingers for nobody")
def test_a_port_whose_last_server_has_just_ended_can_be_had() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()  # first, so that the server's side lingers
    with socket.socket() as alone, pytest.raises(OSError):
        alone.bind(("127.0.0.1", port))
    with closing(ReservedAddress("127.0.0.1", port)) as address:
        assert address.port == port
