"""The loop: looks at those connections that have something to do, misses none, and sleeps as long as it can."""

import os
import socket
import threading
from contextlib import ExitStack, suppress

import pytest

from service.server import Server
from service.wire.channel import Channel
from service.wire.counter import FIRST_A_TURN
from service.wire.listener import listen
from service.wire.loop import READS, UNKNOWN, Epoll, Poll
from tests.running import wait_for
from tests.serving import LIMITS, Clock, FakeDoorman, built, echo, read_answer, serving, statuses

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
LOOPS = [Epoll, Poll]


class Peeking(Channel):
    """Counts how often the loop asked whether connections want to be read."""

    looks = 0

    def readable(self):
        Peeking.looks += 1
        return super().readable()


class Looking(Epoll):
    """Counts how often it looked at connections."""

    looks = 0

    def _watch(self, connection):
        super()._watch(connection)
        self.looks += isinstance(connection, Channel)


class Counting(Server):
    """Counts how often a worker woke the loop."""

    channel_class = Peeking
    loop_class = Looking
    wakes = 0

    def wake(self):
        self.wakes += 1
        super().wake()


class Polling(Server):
    loop_class = Poll


class End:
    """One end of a pair of sockets, as the loop sees a connection."""

    accepting = False
    watched = UNKNOWN

    def __init__(self, sock):
        self.socket, self._fileno = sock, sock.fileno()
        self.reads, self.writes = True, False
        self.seen = []
        self.then = lambda: None

    def readable(self):
        return self.reads

    def writable(self):
        return self.writes

    def handle_read_event(self):
        self.seen.append(self.socket.recv(100))
        self.then()

    def handle_write_event(self):
        self.seen.append("write")

    def handle_close(self):
        self.seen.append("close")


class Table:
    """A loop with some connections, and what is at their other ends."""

    def __init__(self, stack, kind=Epoll):
        self.loop, self.map, self.stack = kind(), {}, stack
        stack.callback(self.loop.close)

    def sit(self):
        ours, theirs = (self.stack.enter_context(sock) for sock in socket.socketpair())
        end = End(ours)
        self.map[end._fileno] = end
        self.loop.changed(end)
        return end, theirs

    def turn(self):
        self.loop.turn(0.0, self.map, [])


@pytest.fixture
def stack():
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize("kind", LOOPS)
def test_what_comes_is_read_and_what_may_go_is_written(stack, kind):
    table = Table(stack, kind)
    end, theirs = table.sit()
    table.turn()
    assert end.seen == []

    theirs.send(b"x")
    table.turn()
    end.writes = True
    table.loop.changed(end)
    table.turn()
    assert end.seen == [b"x", "write"]


@pytest.mark.parametrize("kind", LOOPS)
def test_a_connection_that_wants_nothing_is_not_even_told_of_a_hang_up(stack, kind):
    table = Table(stack, kind)
    end, theirs = table.sit()
    table.turn()
    end.reads = False
    table.loop.changed(end)
    theirs.close()

    table.turn()
    assert end.seen == []
    end.reads = True
    table.loop.changed(end)
    table.turn()
    assert end.seen[0] == b""


def test_a_change_that_nobody_told_is_found_when_all_are_looked_at(stack):
    table = Table(stack)
    end, _ = table.sit()
    table.turn()
    end.writes = True
    table.turn()
    assert end.seen == []

    table.loop.look_at([end])
    table.turn()
    assert end.seen == ["write"]


def test_an_event_of_a_closed_connection_never_reaches_who_has_its_number_now(stack):
    """Both ends get something in one turn; the first closes the second, and a newcomer takes its descriptor."""
    table = Table(stack)
    pairs = [table.sit() for _ in range(2)]
    table.turn()
    for _, theirs in pairs:
        theirs.send(b"x")
    newcomers = []

    def replace(other):
        number = other._fileno
        table.loop.forget(number)
        del table.map[number]
        other.socket.close()
        ours, theirs = (stack.enter_context(sock) for sock in socket.socketpair())
        if number == theirs.fileno():
            ours, theirs = theirs, ours
        elif number != ours.fileno():
            os.dup2(ours.fileno(), number)
            ours = stack.enter_context(socket.socket(fileno=number))
        newcomer = End(ours)
        table.map[number] = newcomer
        table.loop.changed(newcomer)
        newcomers.append((newcomer, theirs))

    (first, _), (second, _) = pairs
    first.then, second.then = lambda: replace(second), lambda: replace(first)
    table.turn()
    [(newcomer, theirs)] = newcomers
    assert newcomer.seen == []

    theirs.send(b"new")
    table.turn()
    assert newcomer.seen == [b"new"]


def test_while_the_loop_looks_nothing_is_known_to_a_worker_that_compares(stack):
    table = Table(stack)
    end, _ = table.sit()
    known = []
    end.writable = lambda: known.append(end.watched)

    table.turn()
    assert known == [UNKNOWN]
    assert end.watched == READS


def test_a_request_costs_the_same_number_of_looks_however_many_connections_are_idle():
    with ExitStack() as opened:
        running = opened.enter_context(serving(kind=Counting, connection_limit=400, request_deadline_seconds=600))
        client = opened.enter_context(running.connect())
        costs = []
        for idle in (0, 300):
            for _ in range(idle):
                opened.enter_context(running.connect())
            wait_for(lambda wanted=idle + 1: running.server.connections == wanted)
            before = Peeking.looks
            for _ in range(20):
                client.sendall(GET)
                read_answer(client)
            costs.append(Peeking.looks - before)

    # Once a second all are looked at; that may fall between, but not in each of the twenty.
    assert costs[1] <= costs[0] + 10 * 300


def test_behind_an_ordinary_answer_the_loop_sleeps_on():
    looks = 0

    def patient(environ, start_response):
        # The loop looks when a connection was opened, and behind each request; an answer that is there before the loop
        # has looked away would wake it for nothing.
        wait_for(lambda: running.server.loop.looks >= looks + 2)
        return echo(environ, start_response)

    with serving(patient, kind=Counting, request_deadline_seconds=600) as running:
        for _ in range(20):
            looks = running.server.loop.looks
            with running.connect() as client:
                client.sendall(GET)
                read_answer(client)
            wait_for(lambda: not running.server.connections)
        assert running.server.wakes == 0

        looks = running.server.loop.looks
        running.exchange(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert running.server.wakes == 1


@pytest.mark.parametrize("kind", [Server, Polling])
def test_an_answer_that_does_not_fit_into_the_socket_arrives_whole(kind):
    size = 8_000_000

    def big(environ, start_response):
        start_response("200 OK", [("Content-Length", str(size))])
        return [b"x" * size]

    with serving(big, kind=kind) as running, running.connect() as client:
        for _ in range(2):
            client.sendall(GET)
            assert len(read_answer(client)[1]) == size


def test_without_epoll_the_loop_of_waitress_serves():
    last = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with serving(kind=Polling) as running:
        assert statuses(running.exchange(GET + GET + last)) == [200, 200, 200]


def test_a_server_listens_again_on_the_same_number_after_one_has_ended():
    for _ in range(3):
        bound = listen(LIMITS)
        server = Server(echo, bound, LIMITS, FakeDoorman(), lambda: 0.0)
        server.close()
    assert not server.accepting


def test_what_is_to_be_answered_at_once_needs_no_worker():
    threads, release = [], threading.Event()

    def app(environ, start_response):
        threads.append(threading.current_thread().name)
        if environ["PATH_INFO"] == "/slow":
            assert release.wait(10)
        return echo(environ, start_response)

    with serving(app, threads=1) as running, running.connect() as slow, running.connect() as quick:
        slow.sendall(GET.replace(b"/a", b"/slow"))
        wait_for(lambda: threads)
        for _ in range(3):
            quick.sendall(GET.replace(b"/a", b"/at-once"))
            assert read_answer(quick)[1] == b"/at-once 0"
        assert {*threads[1:]} == {running.loop_thread}

        release.set()
        read_answer(slow)
        last = GET.replace(b"/a HTTP/1.1\r\n", b"/at-once HTTP/1.1\r\nConnection: close\r\n")
        assert statuses(running.exchange(GET.replace(b"/a", b"/at-once") + GET + last)) == [200, 200, 200]


def test_a_bug_in_what_is_answered_at_once_ends_that_connection_and_nothing_else():
    def app(environ, start_response):
        if environ["PATH_INFO"] == "/at-once":
            raise SystemExit("a bug")
        return echo(environ, start_response)

    with serving(app) as running:
        running.exchange(GET.replace(b"/a", b"/at-once"))
        with running.connect() as client:
            client.sendall(GET)
            assert read_answer(client)[1] == b"/a 0"


def test_a_client_that_sends_ahead_gets_one_short_answer_a_turn_so_that_others_have_theirs():
    with built(Clock()) as server, ExitStack() as stack:
        greedy, polite = (stack.enter_context(socket.create_connection(server.address, 5)) for _ in range(2))
        server._turned_by = threading.get_ident()
        wait_for(lambda: server._turn() or server.connections == 2)
        greedy.sendall(GET.replace(b"/a", b"/at-once") * 5)
        polite.sendall(GET.replace(b"/a", b"/at-once"))
        answered = []
        for client in (greedy, polite):
            client.setblocking(False)

        def turn():
            server._turn()
            for client in (greedy, polite):
                with suppress(BlockingIOError):
                    answered.extend([client] * client.recv(65536).count(b"HTTP/1.1 200"))
            return len(answered) == 6

        wait_for(turn)

    assert polite in answered[:3]


def test_whether_a_request_is_short_may_fail_to_be_told_and_a_worker_answers_it(caplog):
    class Broken(FakeDoorman):
        def at_once(self, environ):
            raise KeyError("a bug")

    with serving(doorman=Broken()) as running, running.connect() as client:
        client.sendall(GET)
        assert read_answer(client)[1] == b"/a 0"
    assert "could not be told" in caplog.text


class Shop:
    """A server whose loop is turned by the test, with requests that wait; ``order`` is what was answered of them."""

    def __init__(self, stack, paths, clock):
        self.order = []
        self.server = stack.enter_context(built(clock))
        self.server.application = self.answer
        self.server.doorman.at_once = lambda environ: True
        self.server._turned_by = threading.get_ident()
        for path in paths:
            client = stack.enter_context(socket.create_connection(self.server.address, 5))
            client.sendall(GET.replace(b"/a", path))
        wait_for(lambda: self.server.loop.turn(0, self.server._map, [self.server]) or len(self.counter) == len(paths))

    @property
    def counter(self):
        return self.server._counter

    def answer(self, environ, start_response):
        self.order.append(environ["PATH_INFO"])
        return echo(environ, start_response)

    def turn(self):
        self.counter.hand_out()
        return len(self.order)


def test_what_comes_first_is_answered_before_those_who_came_before_it():
    with ExitStack() as stack:
        shop = Shop(stack, [b"/a", b"/b", b"/c", b"/first"], Clock())
        shop.turn()

    assert shop.order == ["/first", "/a", "/b", "/c"]


def test_a_flood_of_what_comes_first_keeps_nobody_else_out():
    with ExitStack() as stack:
        shop = Shop(stack, [b"/a", *[b"/first"] * 40], Clock())
        wait_for(lambda: shop.turn() == 41)

    assert shop.order.index("/a") <= FIRST_A_TURN


def test_a_crowd_of_short_requests_is_answered_over_several_turns():
    class Hurried(Clock):
        """Time goes on by some milliseconds whenever somebody looks."""

        def __call__(self):
            self.now += 0.004
            return self.now

    with ExitStack() as stack:
        shop = Shop(stack, [b"/a"] * 10, Hurried())
        answered = [shop.turn() for _ in range(3)]
        assert 0 < answered[0] < answered[1] < answered[2] < 10
        wait_for(lambda: shop.turn() == 10)
