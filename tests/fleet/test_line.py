"""One connection to Redis as the loop sees it."""

import socket
from contextlib import closing

import pytest

from service.fleet.line import Line
from service.fleet.replies import Failure, Garbled


class End:
    """A line, what it told, and the socket at its other end."""

    def __init__(self, started):
        ours, self.theirs = (started(closing(sock)) for sock in socket.socketpair())
        ours.setblocking(False)
        self.told = []
        self.line = Line(ours, self.told.extend, self.told.append)


@pytest.fixture
def end(started):
    return End(started)


def test_replies_are_told_as_they_come(end):
    end.theirs.sendall(b"$2\r\nok\r\n-NOSCRIPT no")
    end.line.handle_read_event()
    assert end.told == [b"ok"]

    end.theirs.sendall(b"ne\r\n")
    end.line.handle_read_event()
    assert end.told == [b"ok", Failure("NOSCRIPT none")]


def test_what_the_socket_does_not_take_waits_for_the_loop(end):
    much = b"x" * (1 << 22)
    end.line.send(much)
    assert end.line.writable()

    received = b""
    while len(received) < len(much):
        received += end.theirs.recv(1 << 20)
        end.line.handle_write_event()

    assert received == much
    assert not end.line.writable()


def test_nothing_to_be_read_is_no_news(end):
    end.line.handle_read_event()

    assert end.told == []


def test_the_end_of_it_is_told_and_garbage_is_told_as_such(end, started):
    end.theirs.sendall(b"$1\r\na\r\n")
    end.theirs.close()
    end.line.handle_read_event()
    end.line.handle_read_event()
    assert end.told == [b"a", None]

    other = End(started)
    other.theirs.sendall(b"SSH-2.0\r\n")
    other.line.handle_read_event()
    [error] = other.told
    assert isinstance(error, Garbled)


def test_a_question_to_a_socket_that_is_gone_is_told_as_lost(end):
    end.theirs.close()

    end.line.send(b"x")

    [error] = end.told
    assert isinstance(error, OSError)


def test_a_closed_line_tells_nothing_whatever_the_loop_still_has_for_it(end):
    end.theirs.sendall(b"$1\r\na\r\n")
    end.line.close()

    end.line.send(b"x")
    for event in (end.line.handle_read_event, end.line.handle_write_event, end.line.handle_close):
        event()

    assert end.told == []
