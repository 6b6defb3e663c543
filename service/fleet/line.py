"""One connection to Redis that lives in the loop of the HTTP server: it never waits, and takes questions ahead.

Waitress' loop sees it as one of its connections. What Redis replies is handed on in its order; whatever goes wrong is
told once, and the line is dead then.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Sequence

from service.fleet.replies import Garbled, Replies, Reply

READ_BYTES = 16384
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Line:
    """``connection`` is a socket that never blocks. ``heard`` is told replies, ``lost`` why it ended: None where Redis
    hung up."""

    accepting = False

    def __init__(
        self,
        connection: socket.socket,
        heard: Callable[[Sequence[Reply]], None],
        lost: Callable[[Exception | None], None],
    ) -> None:
        self.watched = -1
        self._socket = connection
        self._fileno: int | None = connection.fileno()
        self._heard = heard
        self._lost = lost
        self._replies = Replies()
        self._unsent = b""

    def send(self, data: bytes) -> None:
        """Send bytes, or as many as can go; the rest goes when the loop finds room for it."""
        self._unsent += data
        self.handle_write_event()

    def close(self) -> None:
        """Hang up; nothing is told any more."""
        self._fileno, self._heard, self._lost = None, lambda replies: None, lambda error: None
        with contextlib.suppress(OSError):
            self._socket.close()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return bool(self._unsent)

    def handle_write_event(self) -> None:
        """Send what waits."""
        try:
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except _NOT_NOW:
            return
        except OSError as error:
            self._lost(error)

    def handle_read_event(self) -> None:
        """Hand on what has come."""
        try:
            data = self._socket.recv(READ_BYTES)
            # TLS has read more than it gave, of which the loop knows nothing.
            while isinstance(self._socket, ssl.SSLSocket) and (more := self._socket.pending()):
                data += self._socket.recv(more)
            replies = self._replies.feed(data)
        except _NOT_NOW:
            return
        except (OSError, Garbled) as error:
            self._lost(error)
            return
        if not data:
            self._lost(None)
        elif replies:
            self._heard(replies)

    def handle_expt_event(self) -> None:
        """Redis sends nothing out of band."""

    def handle_close(self) -> None:
        """Notice that the other side is gone."""
        self.handle_read_event()
        self._lost(None)

    def handle_error(self) -> None:
        """Log a bug that was met while replies were dealt with, and end: whoever waits must not wait for ever."""
        logging.getLogger(__name__).exception("What Redis replied could not be dealt with")
        self._lost(RuntimeError("a bug"))
