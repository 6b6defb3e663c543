"""One connection: Waitress' channel, bound by deadlines and able to end politely.

Stands between the server's loop and the tasks. Promises: ``overdue`` tells a connection that makes no progress from one
that does, a refused client reads its answer before the connection is gone, and a crash of a task never leaves it open.
What one connection may have waiting for its client is bounded, however many requests it sent ahead.
Relies on internals of Waitress 3.0.2: ``parser_class``, ``task_class``, ``error_task_class``, ``requests``,
``request``, ``close_when_flushed``, ``total_outbufs_len``, ``last_activity``.
"""

from __future__ import annotations

import socket
from typing import Any

from waitress.channel import HTTPChannel

from service.errors import InvalidInput, RequestTimeout
from service.wire.environ import environ_of
from service.wire.loop import UNKNOWN, wanted
from service.wire.parser import StrictParser
from service.wire.tasks import JOIN_BYTES, AppTask, RefusalTask
from service.wire.uptake import Uptake, reset_when_closed, unsent


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection. Times are those of the server's monotonic clock.

    ``free_since`` is when it was opened or its last answer was finished; ``served`` tells whether there was one.
    ``queued_at`` is when its next task was given to the dispatcher; ``watched`` the events that the loop waits for.
    """

    server: Any
    request: StrictParser | None
    requests: list[StrictParser]
    total_outbufs_len: int
    close_when_flushed: bool
    connected: bool
    last_activity: float

    task_class = AppTask
    error_task_class = RefusalTask

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002
        self.opened = self.free_since = self.queued_at = server.clock()
        self.served = self.lingers = self.postponed = False
        self.watched = UNKNOWN
        self.linger_until: float | None = None
        self.held: list[Any] | None = None
        self._sent = 0
        self._taken_since: float | None = None
        self._uptake = Uptake(server.limits.stall_seconds, server.limits.stall_bytes)
        super().__init__(server, sock, addr, adj, map=map)

    def parser_class(self, adj: Any) -> StrictParser:
        """Return the parser of the next request; Waitress takes this for a class."""
        server = self.server
        parser = StrictParser(adj, server.limits, server.doorman.body_limit, self.addr[0], server.clock())
        if len(self.requests) >= server.limits.pipelined_requests:
            parser.refuse(InvalidInput("Too many requests were sent without waiting for an answer."))
        return parser

    def idle(self) -> bool:
        """Return True if nothing was asked that is not answered."""
        return not (
            self.requests or self.request or self.total_outbufs_len or self.close_when_flushed or self.linger_until
        )

    def is_clear(self) -> bool:
        """Return True if it has a request to answer, and nothing that was sent before waits for its client."""
        return bool(self.requests) and not self.total_outbufs_len

    def environ(self) -> dict[str, Any]:
        """Return the WSGI environ of the request to answer; made once for whoever answers it."""
        request = self.requests[0]
        if request.environ is None:
            request.environ = environ_of(self, request)
        return request.environ

    def waits(self) -> bool:
        """Return True if it is open and only its client can bring it on: nothing is being answered."""
        return self.connected and not (self.requests or self.total_outbufs_len or self.close_when_flushed)

    def waits_since(self) -> float:
        """Return when it began to wait for its client: opened, answered, or at the first byte of a request."""
        since: float = self.free_since if self.request is None else max(self.request.started, self.free_since)
        return since

    def leaves_next(self) -> bool:
        """Return True if the answer now being made is the last one on this connection."""
        draining: bool = self.server.draining
        return draining and len(self.requests) <= 1 and self.request is None

    def unanswered(self) -> int:
        """Return how many requests would be lost if the connection were closed now."""
        if self.linger_until is not None:
            return 0
        return len(self.requests) + (self.request is not None) or int(bool(self.total_outbufs_len))

    def overdue(self, now: float) -> bool:
        """Return True if the connection has had its time: nothing sent, nothing read, or too long refused."""
        limits = self.server.limits
        if self.linger_until is not None:
            return now >= self.linger_until
        if self.total_outbufs_len:
            return self._uptake.too_slow(self._sent - unsent(self.socket), now)
        if self.requests or self.request is not None:
            self._uptake.rest()
            return False
        if self._taken_since != self.free_since:
            # An answer that the kernel took in whole may still be on its way.
            waiting = unsent(self.socket)
            if waiting:
                return self._uptake.too_slow(self._sent - waiting, now)
            self._taken_since = self.free_since
            self._uptake.rest()
        return bool(now - self.free_since >= (limits.idle_seconds if self.served else limits.request_deadline_seconds))

    def give_up(self) -> None:
        """Close a connection that is overdue; what its client did not take by now is thrown away."""
        # Not through will_close: the loop would wait for a stalled reader's socket to become writable.
        if self.total_outbufs_len or unsent(self.socket):
            reset_when_closed(self.socket)
        self.handle_close()

    def cut_late_request(self, now: float) -> None:
        """Refuse the request being received with 408 if its deadline has passed."""
        # While another one is being answered, the rest of this one may be held up by us.
        if self.request is None or self.requests:
            return
        if now - self.waits_since() >= self.request.seconds:
            late = self.request
            with self.requests_lock:
                self.request = None
                late.refuse(RequestTimeout("The request did not arrive in time."))
                self.requests.append(late)
                self.server.add_task(self)

    def unread(self) -> bool:
        """Return True if the kernel holds bytes of this connection that were not read yet."""
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def handle_read(self) -> None:
        """Take what has come; a refused client's bytes are thrown away."""
        try:
            data = self.recv(self.adj.recv_bytes)
        except BlockingIOError:
            return
        except OSError:
            self.handle_close()
            return
        if data and self.linger_until is None:
            self.received(data)

    def writable(self) -> bool:
        """Return True if the loop should call ``handle_write`` as soon as the client can take something."""
        return bool(self.postponed or super().writable())

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Hand bytes to the kernel; return how many it took."""
        sent: int = super().send(data, do_close)
        self._sent += sent
        return sent

    def handle_write(self) -> None:
        """Send what waits, and begin what was postponed for it; behind a refusal close only this side first.

        Closing at once while the client still sends would reset the connection and destroy the answer on its way.
        """
        ending = self.lingers and self.close_when_flushed
        if ending:
            self.close_when_flushed = False
        super().handle_write()
        if ending and self.connected:
            if self.total_outbufs_len:
                self.close_when_flushed = True
            else:
                self._linger()
        if self.postponed and self.connected and self.total_outbufs_len <= self.server.limits.backlog_bytes:
            self.postponed = False
            self.server.add_task(self)

    def _linger(self) -> None:
        self.linger_until = self.server.clock() + self.server.limits.linger_seconds
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()

    def tell(self) -> None:
        """Have the loop look here if this connection waits for other events than before: the last act of a worker.

        Behind most answers it does not, and the loop sleeps on.
        """
        if wanted(self) != self.watched:
            self.server.changed(self)

    def write_soon(self, data: Any) -> int:
        """Send bytes, or keep them in ``held`` if the task wants to send them with others."""
        if self.held is not None:
            self.held.append(data)
            return len(data)
        written = self._send_now(data) if not self.total_outbufs_len and len(data) <= JOIN_BYTES else 0
        if written < len(data):
            super().write_soon(data[written:])
        if self.total_outbufs_len:
            self.tell()
        return len(data)

    def _send_now(self, data: bytes) -> int:
        """Hand to the kernel what it takes at once, past the buffers, if nothing waits in them."""
        with self.outbuf_lock:
            if self.total_outbufs_len or not self.connected:
                return 0
            # What fails here counts as sent by nobody, and has the connection closed.
            sent, _ = self._flush_exception(lambda do_close: self.send(data, do_close), do_close=False)
            return int(sent)

    def _flush_outbufs_below_high_watermark(self) -> None:
        # It may wait here until the loop has sent something.
        if self.total_outbufs_len:
            self.tell()
        super()._flush_outbufs_below_high_watermark()

    def service(self) -> None:
        """Answer one request, in a worker thread."""
        try:
            super().service()
        except BaseException:
            # Not even SystemExit out of the application may leave the client waiting for ever.
            self.cancel()
            raise
        finally:
            self.tell()

    def add_channel(self, map: Any = None) -> None:  # noqa: A002
        """Enter the server's books."""
        super().add_channel(map)
        self.server.loop.changed(self)

    def del_channel(self, map: Any = None) -> None:  # noqa: A002
        """Leave the server's books; called once or more when the socket closes."""
        known = self._fileno in self.server.active_channels
        if known:
            self.server.loop.forget(self._fileno)
        super().del_channel(map)
        if known:
            self.server.forget(self.addr[0])
