"""One point in time at which a call of the AI is over, whatever the other side does.

Time-outs of HTTP packages are for each read: a server that sends a byte a second outlives them all. So whoever opens a
socket for a call has it watched, and at the deadline the watchdog shuts it, which wakes whoever waits on it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType

CONNECT_SECONDS = 5.0
"""Longest attempt to connect to one address of a host: it may have many, and in an outage none of them answers."""


class Deadline:
    """A deadline ``seconds`` from now, in force while its block runs. Thread-safe.

    ``clock`` is monotonic seconds, for ``remaining``; the watchdog goes by real time. It calls ``missed`` when the
    block still runs at the deadline: what hangs elsewhere than on a socket, in a look-up of names, cannot be woken.
    """

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        missed: Callable[[], object] = lambda: None,
    ) -> None:
        self._missed = missed
        self._clock = clock
        self._at = clock() + seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._watchdog = threading.Timer(seconds, self._shut)
        self._watchdog.daemon = True
        self._over = False

    def __enter__(self) -> Deadline:
        self._watchdog.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.cancel()
        self._watchdog.join()
        for twin in self._watched:
            twin.close()
        self._watched.clear()

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return self._over or self.remaining() <= 0

    def remaining(self) -> float:
        """Return the seconds that are left, 0 when it is over."""
        return max(self._at - self._clock(), 0.0)

    def watch(self, sock: socket.socket) -> None:
        """Have a socket shut at the deadline, at once if that is past, however it is wrapped later."""
        # A twin of its descriptor: TLS takes the socket over, and would race with a shutdown of its own.
        twin = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            self._watched.append(twin)
            over = self._over
        if over:
            _shut(twin)

    def _shut(self) -> None:
        with self._lock:
            self._over = True
            watched = list(self._watched)
        for twin in watched:
            _shut(twin)
        self._missed()


def _shut(twin: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side was quicker
        twin.shutdown(socket.SHUT_RDWR)
