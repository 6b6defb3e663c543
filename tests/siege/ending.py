"""Clients that ask without a pause while a service is told to end, and what became of each request.

A request is lost if its connection was accepted, all of it was sent, and no whole answer came. One on a kept connection
that the service was just closing is not: a client may send it again (RFC 9112, section 9.5), and is told apart here.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import socket
import threading
from collections import Counter

PATIENCE = 10.0


class Crowd:
    """Threads that ask until they are refused a connection; ``outcomes`` counts what came of it."""

    def __init__(self, address: tuple[str, int], target: str = "/api/signals?spec=cars+{}") -> None:
        self._address = address
        self._target = target
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.outcomes: Counter[str] = Counter()

    def start(self, fresh: int, kept: int) -> None:
        """Start threads that connect for each request, and threads that keep their connections."""
        for number in range(fresh + kept):
            work = self._ask_freshly if number < fresh else self._ask_on
            # Each from an address of its own: nobody is turned away for having too many connections.
            self._threads.append(threading.Thread(target=work, args=(f"127.0.90.{number + 1}",), daemon=True))
        for thread in self._threads:
            thread.start()

    def join(self, seconds: float = 30.0) -> None:
        """Wait until every thread was refused."""
        for thread in self._threads:
            thread.join(seconds)
        self._over.set()

    def asked(self) -> int:
        return sum(self.outcomes.values())

    def _ask_freshly(self, source: str) -> None:
        while not self._over.is_set():
            with self._connection(source) as connection:
                if connection is None or self._once(connection, "lost") is None:
                    return

    def _ask_on(self, source: str) -> None:
        while not self._over.is_set():
            with self._connection(source) as connection:
                if connection is None:
                    return
                used = 0
                while self._once(connection, "closed while kept" if used else "lost"):
                    used += 1

    @contextlib.contextmanager
    def _connection(self, source: str):
        try:
            client = socket.create_connection(self._address, PATIENCE, (source, 0))
        except OSError:
            self._note("not accepted")
            yield None
            return
        with client:
            yield client

    def _once(self, client: socket.socket, failure: str) -> bool | None:
        """Ask once; return whether the connection stays, None if nothing came."""
        target = self._target.format(next(self._numbers))
        try:
            client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            response = http.client.HTTPResponse(client)
            response.begin()
            response.read()
        except (OSError, http.client.HTTPException):
            self._note(failure)
            return None
        self._note(str(response.status))
        return not response.will_close

    def _note(self, outcome: str) -> None:
        with self._lock:
            self.outcomes[outcome] += 1
