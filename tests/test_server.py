import errno
import socket
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import replace

import pytest

from service.errors import RequestTimeout
from tests.serving import LIMITS, PATIENCE, FakeDoorman, Running, read_all, read_answer, serving, statuses

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
LAST_GET = b"GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def post(path, *headers):
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


class Gated:
    """An application whose requests wait until they are let go."""

    def __init__(self):
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.environ = {}

    def __call__(self, environ, start_response):
        self.environ = environ
        self.entered.release()
        assert self.gate.wait(PATIENCE)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    def wait_for(self, requests=1):
        for _ in range(requests):
            assert self.entered.acquire(timeout=PATIENCE)


def until(condition):
    """Wait for a condition that another thread brings about."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.005)):
        if condition():
            return
        pause.wait(0.005)
    raise AssertionError("never came")


def refusing_app(environ, start_response):
    raise ValueError("a bug")


# Deadlines


def test_a_connection_that_never_sends_a_byte_is_closed_without_an_answer():
    with serving(request_deadline_seconds=0.2) as running, running.connect() as client:
        assert read_all(client) == b""


@pytest.mark.parametrize("raw", [b"GET /a HTTP/1.1\r\nHo", b"\r\n", post("/a", "Content-Length: 5") + b"ab"])
def test_a_request_that_does_not_arrive_in_time_gets_408_and_is_closed(raw):
    with serving(request_deadline_seconds=0.2) as running:
        received = running.exchange(raw)

        assert statuses(received) == [408]
        assert [type(refusal) for refusal, _, _ in running.doorman.refused] == [RequestTimeout]


def test_trickling_bytes_do_not_put_the_deadline_off():
    with serving(request_deadline_seconds=0.2) as running, running.connect() as client:
        client.settimeout(0.05)
        received = b""
        for _ in range(100):
            client.sendall(b"G")
            try:
                received = client.recv(65536)
                break
            except TimeoutError:
                continue

        assert statuses(received) == [408]


def test_a_large_upload_gets_time_by_its_length():
    with serving(request_deadline_seconds=0.1, upload_bytes_per_second=10) as running, running.connect() as client:
        client.sendall(post("/a", "Content-Length: 10", "Connection: close") + b"12345")
        client.settimeout(0.4)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(PATIENCE)
        client.sendall(b"67890")

        assert read_all(client).endswith(b"/a 10")


def test_a_kept_connection_is_closed_when_idle_for_too_long():
    with serving(request_deadline_seconds=0.2, idle_seconds=0.1) as running:
        assert statuses(running.exchange(GET)) == [200]


def test_a_kept_connection_may_idle_longer_than_a_request_may_take():
    with serving(request_deadline_seconds=0.1, idle_seconds=30) as running, running.connect() as client:
        client.sendall(GET)
        read_answer(client)
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(PATIENCE)
        client.sendall(LAST_GET)

        assert statuses(read_all(client)) == [200]


def test_a_running_request_may_take_longer_than_the_deadline_for_receiving():
    app = Gated()
    with serving(app, request_deadline_seconds=0.1, idle_seconds=0.1) as running, running.connect() as client:
        client.sendall(GET + b"GET /half")
        app.wait_for()
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)
        app.gate.set()
        client.settimeout(PATIENCE)

        # The half request behind it has its own deadline, counted from the answer.
        assert statuses(read_all(client)) == [200, 408]


def test_an_answer_that_nobody_reads_is_dropped():
    def app(environ, start_response):
        start_response("200 OK", [])
        return [b"x" * 30_000_000]

    with serving(app, request_deadline_seconds=0.4, stall_seconds=0.2) as running, running.connect() as client:
        client.sendall(GET)

        until(lambda: running.server.connections == 0)


# Bodies


def test_the_body_limit_is_decided_before_100_continue():
    with serving() as running:
        received = running.exchange(post("/secret", "Content-Length: 5", "Expect: 100-continue"))

        assert statuses(received) == [401]
        assert b"Www-Authenticate: Bearer" in received


def test_an_allowed_body_gets_100_continue_and_then_its_answer():
    with serving() as running, running.connect() as client:
        client.sendall(post("/a", "Content-Length: 5", "Expect: 100-continue", "Connection: close"))
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")

        assert read_all(client).endswith(b"/a 5")


def test_100_continue_without_a_body_is_just_answered():
    with serving() as running:
        received = running.exchange(post("/a", "Content-Length: 0", "Expect: 100-continue", "Connection: close"))

        assert statuses(received) == [200]


def test_a_large_allowed_upload_is_kept_in_a_file():
    kept = []

    def app(environ, start_response):
        kept.append(environ["wsgi.input"].fileno())
        size = 0
        while part := environ["wsgi.input"].read(65536):
            size += len(part)
        kept.append(size)
        start_response("204 No Content", [])
        return []

    length = 3_000_000
    with serving(app) as running:
        head = post("/upload", f"Content-Length: {length}", "Connection: close")
        assert statuses(running.exchange(head + b"x" * length)) == [204]

    assert kept[0] > 2
    assert kept[1] == length


def test_a_body_that_cannot_be_kept_is_refused_with_the_time_to_come_back(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with serving() as running:
        received = running.exchange(post("/upload", "Content-Length: 3000000") + b"x" * 3_000_000)

        assert statuses(received) == [503]
        assert b"Retry-After: 30" in received
        assert statuses(running.exchange(LAST_GET)) == [200]


def test_the_doorman_is_asked_only_about_requests_with_a_body_and_told_the_peer():
    with serving() as running:
        running.exchange(GET + post("/a?q=1", "Content-Length: 1", "Connection: close") + b"x")
        (head,) = running.doorman.asked

    assert (head.method, head.path, head.query, head.peer) == ("POST", "/a", "q=1", "127.0.0.1")


def test_a_doorman_with_a_bug_costs_one_connection_only(caplog):
    class Broken(FakeDoorman):
        def body_limit(self, head):
            raise KeyError(head.path)

    with serving(doorman=Broken()) as running:
        assert running.exchange(post("/a", "Content-Length: 1") + b"x") == b""
        assert statuses(running.exchange(LAST_GET)) == [200]


# Refusals and bugs


def test_a_refused_client_that_still_sends_reads_the_answer_and_not_a_reset():
    with serving(linger_seconds=5.0) as running, running.connect() as client:
        client.sendall(post("/a", "Content-Length: 50000000"))
        received = client.recv(65536)
        for _ in range(20):
            client.sendall(b"x" * 65536)
        received += client.recv(65536)

        assert statuses(received) == [413]


def test_a_refused_client_that_never_hangs_up_is_let_go():
    with serving(linger_seconds=0.5) as running, running.connect() as client:
        client.sendall(b"junk\r\n\r\n")
        assert statuses(read_all(client)) == [400]

        until(lambda: running.server.connections == 0)


def test_a_refusal_waits_for_the_answers_before_it_and_ends_the_connection():
    with serving() as running:
        assert statuses(running.exchange(GET + GET + b"junk\r\n\r\n" + GET)) == [200, 200, 400]


def test_a_client_may_not_pipeline_without_bound():
    with serving(pipelined_requests=4) as running:
        received = statuses(running.exchange(GET * 50))

    assert received[-1] == 400
    assert set(received[:-1]) == {200}


@pytest.mark.parametrize("fault", [ValueError("a bug"), OSError(errno.ENOENT, "no such file")])
def test_a_bug_in_the_application_is_a_500_of_the_doorman(fault, caplog):
    def app(environ, start_response):
        raise fault

    with serving(app) as running:
        received = running.exchange(GET)
        ((refusal, head, peer),) = running.doorman.refused

    assert statuses(received) == [500]
    assert b"bug" not in received
    assert (refusal.status, head.path, peer) == (500, "/a", "127.0.0.1")


def test_a_refusal_of_a_kept_http_1_0_connection_says_once_that_it_closes(caplog):
    with serving(refusing_app) as running:
        received = running.exchange(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert received.count(b"Connection:") == 1


def test_an_application_that_exits_closes_its_connection_and_keeps_its_thread(caplog):
    def app(environ, start_response):
        if environ["PATH_INFO"] == "/exit":
            raise SystemExit(3)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    with serving(app, threads=1) as running:
        for _ in range(3):
            assert running.exchange(get("/exit")) == b""
        assert statuses(running.exchange(LAST_GET)) == [200]


# Connections


def test_the_application_sees_the_peer_and_when_its_client_has_gone():
    app = Gated()
    with serving(app) as running:
        with running.connect() as client:
            client.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n")
            app.wait_for()
            gone = app.environ["waitress.client_disconnected"]
            assert not gone()
        until(gone)
        app.gate.set()

    assert app.environ["REMOTE_ADDR"] == "127.0.0.1"
    assert app.environ["HTTP_X_FORWARDED_FOR"] == "9.9.9.9"
    assert app.environ["wsgi.url_scheme"] == "http"


def test_one_client_may_open_only_so_many_connections_at_a_time():
    with serving(client_connections=2) as running, ExitStack() as stack:
        first, second = (stack.enter_context(running.connect()) for _ in range(2))
        for client in (first, second):
            client.sendall(GET)
            read_answer(client)
        with running.connect() as third:
            assert read_all(third) == b""
        first.close()
        until(lambda: running.server.connections == 1)

        assert statuses(running.exchange(LAST_GET)) == [200]


def test_an_exempt_peer_may_open_any_number_of_connections():
    with serving(doorman=FakeDoorman(exempt={"127.0.0.1"}), client_connections=1) as running, running.connect() as one:
        one.sendall(GET)
        read_answer(one)

        assert statuses(running.exchange(LAST_GET)) == [200]


def test_connections_beyond_the_limit_wait_as_long_as_all_others_are_served():
    app = Gated()
    with serving(app, connection_limit=2) as running, ExitStack() as stack:
        clients = [stack.enter_context(running.connect()) for _ in range(3)]
        for client in clients[:2]:
            client.sendall(GET)
        app.wait_for(2)
        clients[2].sendall(LAST_GET)
        clients[2].settimeout(0.1)
        with pytest.raises(TimeoutError):
            clients[2].recv(1)
        assert running.server.connections == 2
        app.gate.set()
        clients[2].settimeout(PATIENCE)

        assert statuses(read_all(clients[2])) == [200]


@pytest.mark.parametrize("held", [b"", b"GET /slow HTTP/1.1\r\n", GET])
def test_a_newcomer_to_a_full_house_is_served_and_one_that_only_waits_gives_way(held, caplog):
    with serving(connection_limit=4) as running, ExitStack() as stack:
        waiting = [stack.enter_context(running.connect()) for _ in range(4)]
        for client in waiting:
            client.sendall(held)
        until(lambda: running.server.connections >= 3)

        for _ in range(20):
            assert statuses(running.exchange(LAST_GET)) == [200]
        assert running.server.connections <= 4
    assert "All 4 connections are taken" in caplog.text
    assert len(caplog.records) == 1


def test_a_queued_request_shows_as_dispatch_delay():
    app = Gated()
    with serving(app, threads=1) as running, running.connect() as one, running.connect() as two:
        assert running.server.dispatch_delay() == 0.0
        one.sendall(GET)
        app.wait_for()
        two.sendall(GET)
        until(lambda: running.server.dispatch_delay() > 0.0)
        app.gate.set()
        read_answer(two)

        assert running.server.dispatch_delay() == 0.0


def test_a_taken_port_is_an_os_error():
    with serving() as running, pytest.raises(OSError):
        Running(refusing_app, FakeDoorman(), replace(LIMITS, port=running.server.address[1]))


# Draining


def test_a_drain_answers_what_was_received_and_then_closes():
    app = Gated()
    with serving(app) as running, running.connect() as client:
        client.sendall(GET)
        app.wait_for()
        running.server.drain()
        assert running.server.draining
        app.gate.set()
        received = read_all(client)

        assert statuses(received) == [200]
        assert b"Connection: close" in received
        assert running.ended() == 0


def test_a_drain_answers_a_pipelined_request_too_and_closes_behind_the_last():
    app = Gated()
    with serving(app) as running, running.connect() as client:
        client.sendall(get("/a") + get("/b"))
        app.wait_for()
        running.server.drain()
        app.gate.set()
        received = read_all(client)

        assert statuses(received) == [200, 200]
        assert received.count(b"Connection: close") == 1
        assert running.ended() == 0


def test_a_drain_waits_for_the_rest_of_a_request():
    with serving() as running, running.connect() as client:
        client.sendall(post("/a", "Content-Length: 4") + b"ab")
        until(lambda: running.server.connections == 1)
        running.server.drain()
        until(lambda: not running.server.accepting)
        client.sendall(b"cd")

        assert read_all(client).endswith(b"/a 4")
        assert running.ended() == 0


def test_a_drain_tells_an_http_1_0_client_once_that_it_closes():
    app = Gated()
    with serving(app) as running, running.connect() as client:
        client.sendall(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        app.wait_for()
        running.server.drain()
        app.gate.set()

        assert read_all(client).count(b"Connection:") == 1


def test_a_drain_accepts_what_waits_at_the_door_before_it_closes_it():
    app = Gated()
    app.gate.set()
    running = Running(app, FakeDoorman(), LIMITS)
    with ExitStack() as stack:
        clients = [stack.enter_context(running.connect()) for _ in range(5)]
        for client in clients:
            client.sendall(GET)
        running.server.drain()
        running.start()

        assert [statuses(read_all(client)) for client in clients] == [[200]] * 5
        assert running.ended() == 0
    with pytest.raises(ConnectionRefusedError):
        running.connect()


def test_a_drain_leaves_idle_connections_at_once():
    with serving() as running, running.connect() as client:
        client.sendall(GET)
        read_answer(client)
        running.server.drain()

        assert read_all(client) == b""
        assert running.ended() == 0


def test_a_drain_gives_up_after_its_time_and_counts_what_it_lost():
    app = Gated()
    with serving(app, drain_seconds=0.1) as running, running.connect() as client:
        client.sendall(get("/a") + get("/b"))
        app.wait_for()
        running.server.drain()

        assert running.ended() == 2
        app.gate.set()


def test_a_second_drain_leaves_at_once():
    app = Gated()
    with serving(app, drain_seconds=60) as running, running.connect() as client:
        client.sendall(GET)
        app.wait_for()
        running.server.drain()
        running.server.drain()

        assert running.ended() == 1
        app.gate.set()


def test_waking_a_server_that_has_ended_writes_nowhere():
    with serving() as running:
        running.server.drain()
        running.ended()
    running.server._pulled = False
    reader, writer = socket.socketpair()
    with reader, writer:
        running.server.wake()
        reader.setblocking(False)
        with pytest.raises(BlockingIOError):
            reader.recv(1)
