"""A listening socket at its end, on loopback."""

import socket
import sys

import pytest

from service.wire.closing import refuse_newcomers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such filters")


def test_who_waits_is_let_in_and_who_comes_later_is_not():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as waiting:
            refuse_newcomers(listener)
            accepted, _ = listener.accept()
            with accepted:
                waiting.sendall(b"hello")
                assert accepted.recv(5) == b"hello"
        with pytest.raises(TimeoutError):
            socket.create_connection(listener.getsockname(), 0.05)
        address = listener.getsockname()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 5)
