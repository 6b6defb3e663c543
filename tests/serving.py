"""A real server on a loopback port, run in a thread, with a doorman that remembers what it was asked."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from dataclasses import replace

from service.errors import ContentTooLarge, Unauthorized, problem
from service.messages import Response
from service.server import Limits, Server, build
from service.wire.listener import listen

PATIENCE = 10.0
LIMITS = Limits(
    host="127.0.0.1",
    port=0,
    threads=4,
    connection_limit=100,
    client_connections=0,
    request_deadline_seconds=5.0,
    drain_seconds=5.0,
    linger_seconds=0.3,
)
BODY_LIMIT = 65536


class FakeDoorman:
    """Allows 64 KiB, nothing on ``/none`` and 64 MiB on ``/upload``; ``/secret`` wants a token."""

    def __init__(self, exempt=()):
        self.exempt = exempt
        self.asked = []
        self.refused = []

    def body_limit(self, head):
        self.asked.append(head)
        if head.path == "/secret":
            raise Unauthorized("A token is required.")
        if head.path == "/none":
            raise ContentTooLarge("No body is allowed.")
        return 64 << 20 if head.path == "/upload" else BODY_LIMIT

    def refuse(self, refusal, head, peer):
        self.refused.append((refusal, head, peer))
        headers = [("Content-Type", "application/problem+json"), ("X-Request-ID", "refused-1"), *refusal.headers]
        return Response(refusal.status, problem(refusal, "refused-1"), headers)

    def at_once(self, environ):
        return environ["PATH_INFO"] == "/at-once"

    def comes_first(self, head):
        return head.path == "/first"

    def limits_connections(self, peer):
        return peer not in self.exempt


def echo(environ, start_response):
    """Answer with the path and the length of the body."""
    size = len(environ["wsgi.input"].read())
    body = f"{environ['PATH_INFO']} {size}".encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


class Running:
    """A server in a thread, and what became of it."""

    def __init__(self, app, doorman, limits, kind=Server, referee=None):
        self.doorman = doorman
        self.server = kind(app, listen(limits), limits, doorman, time.monotonic, referee)
        self.lost = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        self.lost = self.server.run()

    @property
    def loop_thread(self):
        """The name of the thread that turns the loop."""
        return self._thread.name

    def start(self):
        self._thread.start()

    def ended(self):
        """Wait for the end of a drain; return the number of lost requests."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the server did not end"
        return self.lost

    def connect(self):
        return socket.create_connection(self.server.address, PATIENCE)

    def exchange(self, raw):
        """Send bytes, return all that comes until the server closes."""
        with self.connect() as client:
            client.sendall(raw)
            return read_all(client)


@contextlib.contextmanager
def serving(app=echo, doorman=None, kind=Server, referee=None, **changes):
    running = Running(app, doorman or FakeDoorman(), replace(LIMITS, **changes), kind, referee)
    running.start()
    try:
        yield running
    finally:
        running.server.drain()
        running.server.drain()
        running.ended()


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@contextlib.contextmanager
def built(clock, referee=None):
    """A server that listens; its loop is never run, so that each step can be seen."""
    server = build(echo, LIMITS, FakeDoorman(), clock, referee)
    try:
        yield server
    finally:
        server.drain()
        server.drain()
        server.run()


def read_all(client):
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65536):
            received += part
    return received


def read_answer(client):
    """Read one answer with a Content-Length; return its head and body."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = client.recv(65536)
        assert part, f"closed in the head: {received!r}"
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    while len(body) < length:
        part = client.recv(65536)
        assert part, "closed in the body"
        body += part
    return head.decode(), body[:length]


def statuses(received):
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", received)]
