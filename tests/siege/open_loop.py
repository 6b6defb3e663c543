"""Open-loop load: requests begin by the clock, answered or not, so that an overloaded server cannot slow it down.

A process of its own: ``python -m tests.siege.open_loop`` reads a plan as JSON from standard input (port, seconds,
settled, and streams by name: rate, target, headers) and writes what came of it to standard output. In a target or a
header ``{n}`` is a number that no other request has, ``{client}`` an address that changes with it. A latency counts
from the moment at which a request was due, so that a late generator cannot flatter the server; ``late`` tells how late
it was. Rates are those of answers between the ``settled`` second and the last, so that neither an empty queue at the
beginning nor a full one at the end counts.

It shares the machine with what it besieges, so it does as little as it can: one thread over epoll, requests made by
filling bytes into a form, answers looked at and not parsed. ``generator`` tells what processor time it took.
"""

from __future__ import annotations

import gc
import json
import os
import re
import select
import socket
import sys
import time

PATIENCE = 15.0
RETRY_AFTER = re.compile(rb"(?i)\r\nretry-after: \d+\r\n")
CACHE = re.compile(rb"(?i)\r\nx-cache: (\w+)")
LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
READ = select.EPOLLIN | select.EPOLLRDHUP


class Connection:
    """One connection of a stream: a request at a time, and what has come of its answer."""

    __slots__ = ("due_at", "received", "request", "socket", "stream")

    def __init__(self, stream):
        self.stream, self.socket = stream, socket.socket()
        self.request, self.received, self.due_at = None, b"", None
        self.socket.setblocking(False)


class Stream:
    """Requests of one kind, at one rate, with connections of their own."""

    def __init__(self, rate, target, headers):
        self.rate = rate
        self.form = form_of(target, headers)
        self.sent = 0
        self.late = []
        self.answers = []
        self.idle = []

    def request(self):
        number = self.sent
        client = b"10.%d.%d.%d" % (number >> 16 & 255, number >> 8 & 255, number & 255)
        return b"".join(number_or_client(part, number, client) for part in self.form)

    def told(self, settled, last):
        """Return what came of the stream: counts, rates and seconds by status."""
        kinds = {}
        for status, at, seconds, head in self.answers:
            kind = kinds.setdefault(str(status), {"count": 0, "rate": 0, "seconds": [], "retry_after": 0, "stale": 0})
            cache = CACHE.search(head)
            kind["count"] += 1
            kind["rate"] += settled <= at < last
            kind["seconds"].append(seconds)
            kind["retry_after"] += bool(RETRY_AFTER.search(head))
            kind["stale"] += bool(cache and cache[1] == b"stale")
        for kind in kinds.values():
            kind["rate"] /= last - settled
            kind |= quantiles(kind.pop("seconds"))
        return {
            "sent": self.sent,
            "unanswered": self.sent - len(self.answers),
            "late_p99": quantiles(self.late)["p99"],
            "by_status": kinds,
        }


NUMBER = b"%d-" % os.getpid()


def form_of(target, headers):
    """Return a request as a list of bytes, with None for its number and False for the client's address."""
    lines = [f"GET {target} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    parts = re.split(r"(\{n\}|\{client\})", "\r\n".join([*lines, "", ""]))
    places = {"{n}": None, "{client}": False}
    return [places[part] if part in places else part.encode() for part in parts]


def number_or_client(part, number, client):
    if part is None:
        return b"%b%d" % (NUMBER, number)
    return client if part is False else part


def quantiles(values):
    """Return p50, p99 and the longest of some seconds; zeros of none."""
    ordered = sorted(values) or [0.0]
    return {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "max": ordered[-1],
    }


class Generator:
    """Sends what is due and takes what comes."""

    def __init__(self, port, streams):
        self.address = ("127.0.0.1", port)
        self.streams = streams
        self.epoll = select.epoll()
        self.open = {}

    def run(self, seconds):
        """Carry the plan out; return when it began."""
        began = time.perf_counter()
        ends = began + seconds
        while (now := time.perf_counter()) < ends:
            soonest = ends
            for stream in self.streams:
                while (due_at := began + (stream.sent + 1) / stream.rate) <= now:
                    self.begin(stream, due_at)
                soonest = min(soonest, due_at)
            self.take(soonest - time.perf_counter())
        patient = time.perf_counter() + PATIENCE
        while time.perf_counter() < patient and any(stream.sent > len(stream.answers) for stream in self.streams):
            self.take(0.05)
        for connection in self.open.values():
            connection.socket.close()
        return began

    def begin(self, stream, due_at):
        request = stream.request()
        stream.sent += 1
        stream.late.append(time.perf_counter() - due_at)
        if stream.idle:
            connection = stream.idle.pop()
            connection.due_at, connection.received = due_at, b""
            self.send(connection, request)
            return
        connection = Connection(stream)
        connection.due_at, connection.request = due_at, request
        descriptor = connection.socket.fileno()
        self.open[descriptor] = connection
        connection.socket.connect_ex(self.address)
        self.epoll.register(descriptor, select.EPOLLOUT)

    def send(self, connection, request):
        try:
            connection.socket.send(request)
        except OSError:
            self.lose(connection)

    def take(self, seconds):
        for descriptor, events in self.epoll.poll(max(0.0, seconds)):
            connection = self.open[descriptor]
            if events & select.EPOLLOUT:
                self.epoll.modify(descriptor, READ)
                self.send(connection, connection.request)
            else:
                self.receive(connection)

    def receive(self, connection):
        try:
            part = connection.socket.recv(262144)
        except OSError:
            part = b""
        if not part:
            self.lose(connection)
            return
        received = connection.received = connection.received + part
        end = received.find(b"\r\n\r\n")
        if end < 0:
            return
        length = LENGTH.search(received, 0, end + 2)
        if len(received) < end + 4 + (int(length[1]) if length else 0):
            return
        self.note(connection, int(received[9:12]), received[: end + 2])
        if b"onnection: close" in received[:end]:
            self.forget(connection)
        else:
            connection.stream.idle.append(connection)

    def note(self, connection, status, head):
        now = time.perf_counter()
        connection.stream.answers.append((status, now, now - connection.due_at, head))
        connection.due_at = None

    def lose(self, connection):
        """Note that a connection is gone, and its request if it had one."""
        if connection.due_at is None:
            connection.stream.idle.remove(connection)
        else:
            self.note(connection, 0, b"")
        self.forget(connection)

    def forget(self, connection):
        del self.open[connection.socket.fileno()]
        connection.socket.close()


def run(plan):
    """Carry a plan out and return what came of it."""
    streams = {name: Stream(**about) for name, about in plan["streams"].items()}
    # No cycles are made, and a collection would be a pause.
    gc.disable()
    began = Generator(plan["port"], list(streams.values())).run(plan["seconds"])
    taken = time.process_time()
    settled, last = began + plan["settled"], began + plan["seconds"]
    told = {name: stream.told(settled, last) for name, stream in streams.items()}
    return told | {"generator": {"cpu_seconds": taken}}


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
