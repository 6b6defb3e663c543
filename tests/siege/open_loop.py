"""Open-loop load: requests begin by the clock, answered or not, so that an overloaded server cannot slow it down.

A process of its own: ``python -m tests.siege.open_loop`` reads a plan as JSON from standard input (port, seconds,
settled, and streams by name: rate, target, headers) and writes what came of it to standard output. In a target or a
header ``{n}`` is a number that no other request has, ``{client}`` an address that changes with it. A latency counts
from the moment at which a request was due, so that a late generator cannot flatter the server; ``late`` tells how late
it was. Rates are those of answers between the ``settled`` second and the last, so that neither an empty queue at the
beginning nor a full one at the end counts.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from dataclasses import dataclass, field

PATIENCE = 15.0
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
_RETRY_AFTER = re.compile(rb"(?i)\r\nretry-after: \d+\r\n")
_CACHE = re.compile(rb"(?i)\r\nx-cache: (\w+)")


class Connection(asyncio.Protocol):
    """One connection: a request at a time; ``done(status, head)`` is called with its answer, or with 0."""

    def __init__(self):
        self.transport, self.done, self.buffer = None, None, b""

    def connection_made(self, transport):
        self.transport = transport

    def ask(self, request, done):
        self.done, self.buffer = done, b""
        self.transport.write(request)

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[: end + 2]
        length = _LENGTH.search(head)
        if len(self.buffer) >= end + 4 + (int(length[1]) if length else 0):
            self._tell(int(head[9:12]), head)

    def connection_lost(self, error):
        self.transport = None
        self._tell(0, b"")

    def _tell(self, status, head):
        done, self.done = self.done, None
        if done is not None:
            done(status, head)


@dataclass
class Stream:
    """Requests of one kind, at one rate, with connections of their own."""

    port: int
    rate: float
    target: str
    headers: dict
    sent: int = 0
    late: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    idle: list = field(default_factory=list)

    def due(self, elapsed):
        """Return how many requests have to have begun after some seconds."""
        return int(elapsed * self.rate)

    def request(self):
        values = {
            "n": f"{os.getpid()}x{self.sent}",
            "client": f"10.{self.sent >> 16 & 255}.{self.sent >> 8 & 255}.{self.sent & 255}",
        }
        lines = [f"GET {self.target.format(**values)} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value.format(**values)}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def begin(self, loop, due_at):
        request = self.request()
        self.sent += 1
        self.late.append(time.perf_counter() - due_at)
        if self.idle:
            self._ask(self.idle.pop(), request, due_at)
        else:
            loop.create_task(self._connect(loop, request, due_at))

    async def _connect(self, loop, request, due_at):
        try:
            _, connection = await loop.create_connection(Connection, "127.0.0.1", self.port)
        except OSError:
            self._note(0, due_at, b"")
            return
        self._ask(connection, request, due_at)

    def _ask(self, connection, request, due_at):
        def done(status, head):
            self._note(status, due_at, head)
            if connection.transport is not None and b"onnection: close" not in head:
                self.idle.append(connection)

        if connection.transport is None:  # closed while it was idle
            done(0, b"")
            return
        connection.ask(request, done)

    def _note(self, status, due_at, head):
        now, cache = time.perf_counter(), _CACHE.search(head)
        retry_after = bool(_RETRY_AFTER.search(head))
        self.answers.append((status, now, now - due_at, retry_after, cache[1].decode() if cache else ""))

    def close(self):
        for connection in self.idle:
            if connection.transport is not None:
                connection.transport.close()

    def told(self, settled, last):
        """Return what came of the stream: counts, rates and seconds by status."""
        kinds = {}
        for status, at, seconds, retry_after, cache in self.answers:
            kind = kinds.setdefault(str(status), {"count": 0, "rate": 0, "seconds": [], "retry_after": 0, "stale": 0})
            kind["count"] += 1
            kind["rate"] += settled <= at < last
            kind["seconds"].append(seconds)
            kind["retry_after"] += retry_after
            kind["stale"] += cache == "stale"
        for kind in kinds.values():
            kind["rate"] /= last - settled
            kind |= quantiles(kind.pop("seconds"))
        return {
            "sent": self.sent,
            "unanswered": self.sent - len(self.answers),
            "late_p99": quantiles(self.late)["p99"],
            "by_status": kinds,
        }


def quantiles(values):
    """Return p50, p99 and the longest of some seconds; zeros of none."""
    ordered = sorted(values) or [0.0]
    return {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "max": ordered[-1],
    }


async def run(plan):
    """Carry a plan out and return what came of it."""
    loop = asyncio.get_running_loop()
    streams = {name: Stream(plan["port"], **about) for name, about in plan["streams"].items()}
    began = time.perf_counter()
    while (elapsed := time.perf_counter() - began) < plan["seconds"]:
        for stream in streams.values():
            while stream.sent < stream.due(elapsed):
                stream.begin(loop, began + (stream.sent + 1) / stream.rate)
        await asyncio.sleep(0.001)
    ended = time.perf_counter() + PATIENCE
    while time.perf_counter() < ended and any(stream.sent > len(stream.answers) for stream in streams.values()):
        await asyncio.sleep(0.01)
    for stream in streams.values():
        stream.close()
    settled, last = began + plan["settled"], began + plan["seconds"]
    return {name: stream.told(settled, last) for name, stream in streams.items()}


if __name__ == "__main__":
    json.dump(asyncio.run(run(json.load(sys.stdin))), sys.stdout)
