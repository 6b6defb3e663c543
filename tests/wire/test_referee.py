"""Requests that somebody elsewhere is asked about before they are answered, while the loop goes on."""

import socket
import threading
from contextlib import ExitStack, closing

import pytest

from service.server import Server
from service.wire.loop import UNKNOWN, Best, Poll
from tests.running import wait_for
from tests.serving import Clock, built, echo, read_answer, serving

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
AT_ONCE = GET.replace(b"/a", b"/at-once")


class Visitor:
    """A socket of the referee's, as the loop sees it."""

    accepting = False
    watched = UNKNOWN

    def __init__(self, sock):
        self.socket, self._fileno = sock, sock.fileno()
        self.read = b""

    def readable(self):
        return True

    def writable(self):
        return False

    def handle_read_event(self):
        self.read += self.socket.recv(100)


class Umpire:
    """A referee that is asked about all but ``/free`` and says nothing until it is told to."""

    def __init__(self):
        self.aside, self.turns, self.left = [], 0, 0
        self.waits, self.seats = float("inf"), None

    def enter(self, seats):
        self.seats = seats

    def ask(self, environ, then):
        if environ["PATH_INFO"] == "/free":
            return False
        self.aside.append(then)
        return True

    def turn(self, now):
        self.turns += 1
        return self.waits

    def leave(self):
        self.left += 1

    def tell(self):
        while self.aside:
            self.aside.pop(0)()


class Told(Umpire):
    """Tells in the next turn of the loop after ``ready`` was set."""

    def __init__(self):
        super().__init__()
        self.ready = threading.Event()

    def turn(self, now):
        if self.ready.is_set():
            self.tell()
        return super().turn(now)


class Polling(Server):
    loop_class = Poll


@pytest.mark.parametrize("kind", [Server, Polling])
@pytest.mark.parametrize("raw", [GET, AT_ONCE])
def test_a_request_waits_for_the_word_and_nobody_else_does(kind, raw):
    umpire = Told()
    with serving(kind=kind, referee=umpire) as running, running.connect() as asked, running.connect() as free:
        asked.sendall(raw)
        wait_for(lambda: umpire.aside)
        free.sendall(GET.replace(b"/a", b"/free"))
        assert read_answer(free)[1] == b"/free 0"
        asked.setblocking(False)
        with pytest.raises(BlockingIOError):
            asked.recv(1)
        asked.settimeout(10)

        umpire.ready.set()
        running.server.wake()
        assert read_answer(asked)[1] == raw.split()[1] + b" 0"
    assert umpire.left == 1


def test_requests_on_one_connection_are_asked_about_one_after_the_other():
    umpire = Told()
    with serving(referee=umpire) as running, running.connect() as client:
        client.sendall(AT_ONCE * 3)
        wait_for(lambda: umpire.aside)
        turns = umpire.turns
        running.server.wake()
        wait_for(lambda: umpire.turns > turns)
        assert len(umpire.aside) == 1

        umpire.ready.set()
        running.server.wake()
        received = b""
        while received.count(b"/at-once 0") < 3:
            # Several answers may come at a time.
            received += client.recv(65536)


def test_what_cannot_be_asked_for_a_bug_is_walked_all_the_same(caplog):
    class Broken(Umpire):
        def ask(self, environ, then):
            raise KeyError("a bug")

    with serving(referee=Broken()) as running, running.connect() as client:
        client.sendall(GET)
        assert read_answer(client)[1] == b"/a 0"
    assert "could not be told" in caplog.text


def test_nobody_is_asked_about_what_is_no_request():
    umpire = Umpire()
    with serving(referee=umpire) as running:
        assert b" 400 " in running.exchange(b"nonsense\r\n\r\n")
    assert umpire.aside == []


def test_the_socket_of_a_visitor_is_looked_at_until_its_seat_is_given_back():
    umpire = Umpire()
    with ExitStack() as stack, serving(referee=umpire) as running:
        ours, theirs = (stack.enter_context(closing(sock)) for sock in socket.socketpair())
        visitor = Visitor(ours)
        umpire.seats.seat(visitor)
        umpire.seats.wake()
        theirs.sendall(b"hello")
        wait_for(lambda: visitor.read == b"hello")

        umpire.turn = lambda now: umpire.seats.unseat(visitor) or float("inf")
        umpire.seats.wake()
        wait_for(lambda: visitor._fileno not in running.server._map)
        theirs.sendall(b"you")
        with running.connect() as client:
            client.sendall(GET.replace(b"/a", b"/free"))
            read_answer(client)
        assert visitor.read == b"hello"


class Hurried(Clock):
    """Time goes on by some milliseconds whenever somebody looks."""

    def __call__(self):
        self.now += 0.004
        return self.now


def test_a_crowd_that_is_told_at_once_is_answered_over_several_turns():
    umpire, order = Umpire(), []

    def answer(environ, start_response):
        order.append(environ["PATH_INFO"])
        return echo(environ, start_response)

    with ExitStack() as stack:
        server = stack.enter_context(built(Hurried(), umpire))
        server.application = answer
        server._turned_by = threading.get_ident()
        for _ in range(10):
            stack.enter_context(socket.create_connection(server.address, 5)).sendall(AT_ONCE)
        wait_for(lambda: server._turn() or len(umpire.aside) == 10)
        umpire.tell()
        answered = [server._counter.hand_out() or len(order) for _ in range(3)]

        assert 0 < answered[0] < answered[1] < answered[2] < 10
        wait_for(lambda: server._counter.hand_out() or len(order) == 10)


def test_the_loop_sleeps_no_longer_than_the_referee_does():
    slept = []

    class Sleepless(Best):
        def turn(self, seconds, connections, always):
            slept.append(seconds)
            super().turn(0.0, connections, always)

    umpire = Umpire()
    with built(Clock(), umpire) as server:
        server.loop.close()
        server.loop = Sleepless()
        for umpire.waits in (0.25, -1.0, float("inf"), 0.0):
            server._turn()

    assert slept[1:3] == [0.25, 0.0]
    assert slept[3] > 0.25
