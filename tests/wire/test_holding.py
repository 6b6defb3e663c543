"""The socket that keeps the interpreter: it moves the same bytes as any other, and never waits."""

import select
import socket
import struct
from contextlib import contextmanager, suppress

import pytest

from service.wire.holding import HoldingSocket


@contextmanager
def pair():
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as theirs:
        accepted, _ = listener.accept()
        with HoldingSocket.of(accepted) as ours:
            assert accepted.fileno() == -1
            yield ours, theirs


def test_bytes_go_both_ways_zeros_and_all():
    with pair() as (ours, theirs):
        assert ours.send(b"a\0b") == 3
        assert theirs.recv(10) == b"a\0b"
        theirs.sendall(b"\0\0c")
        theirs.shutdown(socket.SHUT_WR)
        received = b""
        while len(received) < 3:
            with suppress(BlockingIOError):
                received += ours.recv(2)
        assert received == b"\0\0c"


def test_no_bytes_mean_the_end():
    with pair() as (ours, theirs):
        theirs.close()
        assert select.select([ours], [], [], 10)[0]
        assert ours.recv(10) == b""


def test_it_never_waits_though_its_socket_would():
    with pair() as (ours, _):
        ours.setblocking(True)
        with pytest.raises(BlockingIOError):
            ours.recv(10)
        sent = 0
        with pytest.raises(BlockingIOError):
            while True:
                sent += ours.send(b"x" * 1_000_000)
        assert sent > 0


def test_a_connection_that_was_reset_is_an_error_of_its_kind_and_no_signal():
    with pair() as (ours, theirs):
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        theirs.close()
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            while True:
                ours.send(b"x")


def test_a_closed_socket_is_an_error():
    with pair() as (ours, _):
        ours.close()
        with pytest.raises(OSError):
            ours.send(b"x")
