"""The HTTP server: Waitress 3.0.2 made strict, bound by deadlines and drainable.

First floor of the walk: accepts, reads and answers; everything it refuses itself is worded by the ``Doorman``.
Promises: a connection that brings no whole request in time is closed, running out of descriptors neither stops nor
spins the loop, and ``drain`` answers all that was received before ``run`` returns. Relies on internals of Waitress
(``active_channels``, ``_map``, the trigger and the dispatcher's queue), so its version is pinned.
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from waitress import wasyncore

from service.wire import descriptors
from service.wire.channel import Channel
from service.wire.closing import refuse_newcomers
from service.wire.counter import Counter
from service.wire.dispatcher import Dispatcher
from service.wire.environ import common
from service.wire.listener import Clock, Listener, listen
from service.wire.loop import Best, Loop
from service.wire.parser import Doorman, Limits
from service.wire.referee import Referee
from service.wire.strict import Head

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["Doorman", "Head", "Limits", "Server", "build"]

SWEEP_SECONDS = 1.0
DRAIN_POLL_SECONDS = 0.1
FIRST_BYTE_SECONDS = 2.0
"""How long a draining server waits for the first byte of a connection that was opened just before."""
LEAVE_SECONDS = 0.2
RELIEF_SECONDS = 0.2
"""How long a request waits for a worker before one more may work than should at a time."""


class Server(Listener):
    """Serves one listening socket; made by ``build``. ``answered`` is set by its first answer, or when it drains."""

    channel_class = Channel
    loop_class: type[Loop] = Best

    def __init__(
        self,
        application: WSGIApplication,
        bound: socket.socket,
        limits: Limits,
        doorman: Doorman,
        clock: Clock,
        referee: Referee | None = None,
    ) -> None:
        self.draining = False
        self.drain_began = float("inf")
        self.answered = threading.Event()
        self._hurried = False
        self._drain_ends = float("inf")
        self._next_sweep = 0.0
        self._pulled = False
        self._turned_by = 0
        self.loop = self.loop_class()
        super().__init__(application, bound, limits, doorman, clock, Dispatcher(limits.awake))
        self.common_environ = common(self)
        self._referee = referee
        self._referee_waits = float("inf")
        self._counter = Counter(doorman, self._to_worker, clock, self.logger, referee)
        # A file of its own, since Waitress writes to a bare number: closed, that may belong to another file by then.
        self._waker = io.FileIO(os.dup(self.trigger.trigger), "w")
        os.set_blocking(self._waker.fileno(), False)

    @property
    def address(self) -> tuple[str, int]:
        """The host and port really bound."""
        return self.effective_host, int(self.effective_port)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self.active_channels)

    def dispatch_delay(self) -> float:
        """Return for how many seconds the oldest queued request has waited for a thread; 0.0 if none waits."""
        try:
            waiting: float = self.clock() - self.task_dispatcher.queue[0].queued_at
        except IndexError:
            return 0.0
        return waiting

    def run(self) -> int:
        """Serve until a drain is done; return the number of requests that were lost in it."""
        try:
            self._turned_by = threading.get_ident()
            if self._referee is not None:
                self._referee.enter(self)
            self.task_dispatcher.set_thread_count(self.limits.threads)
            while not self._done():
                self._turn()
            return sum(channel.unanswered() for channel in self._channels())
        finally:
            self._end()

    def drain(self) -> None:
        """Stop accepting and let ``run`` return when all is answered; a second call lets it return at once.

        May be called from any thread and from a signal handler.
        """
        self._hurried = self.draining
        self.drain_began = min(self.drain_began, self.clock())
        self.answered.set()
        self.draining = True
        self.wake()

    def close(self) -> None:
        """Free the port of a server that was never run; after a run there is nothing to do."""
        if self.accepting:
            self._end()

    def _turn(self) -> None:
        # Before the loop looks at the connections: what they ask for after this needs a new pull.
        self._pulled = False
        sweep = min(SWEEP_SECONDS, self.limits.request_deadline_seconds / 4)
        seconds = min(sweep, DRAIN_POLL_SECONDS) if self.draining else sweep
        # What was left over in the last turn waits for nothing but the look at what has come meanwhile.
        seconds = 0.0 if self._counter else max(0.0, min(seconds, self._referee_waits))
        self.loop.turn(seconds, self._map, [self, self.trigger] if self.accepting else [self.trigger])
        self._counter.hand_out()
        now = self.clock()
        if self._referee is not None:
            self._referee_waits = self._referee.turn(now)
        if self.dispatch_delay() > RELIEF_SECONDS:
            self.task_dispatcher.relieve()
        if now >= self._next_sweep:
            self._next_sweep = now + sweep
            self._sweep(now)
            self._make_room()
        if self.draining:
            self._wind_down(now)

    def _sweep(self, now: float) -> None:
        for channel in self._channels():
            if channel.overdue(now):
                channel.give_up()
            else:
                channel.cut_late_request(now)
        self.loop.look_at(self._channels())

    def _wind_down(self, now: float) -> None:
        if self.accepting:
            self._drain_ends = now + self.limits.drain_seconds
            # Or somebody who connects between the last look and the end would be accepted by the kernel alone.
            refuse_newcomers(self.socket)
            for _ in range(self.limits.backlog):
                if not self._accept_one():
                    break
            # Only the listener: the base class would close the trigger too.
            wasyncore.dispatcher.close(self)
            return
        for channel in self._channels():
            expected = not channel.served and now - channel.opened < FIRST_BYTE_SECONDS
            if channel.idle() and not expected and not channel.unread():
                channel.handle_close()

    def _done(self) -> bool:
        if not self.draining or self.accepting:
            return self._hurried
        return self._hurried or not self.active_channels or self.clock() >= self._drain_ends

    def _end(self) -> None:
        if self._referee is not None:
            self._referee.leave()
        for channel in self._channels():
            channel.handle_close()
        if self.accepting:
            wasyncore.dispatcher.close(self)
        left = min(self._drain_ends - self.clock(), self.limits.drain_seconds)
        self.task_dispatcher.shutdown(timeout=LEAVE_SECONDS if self._hurried else max(left, LEAVE_SECONDS))
        self._waker.close()
        self.trigger.close()
        self.loop.close()

    def _channels(self) -> list[Channel]:
        return list(self.active_channels.values())

    def add_task(self, channel: Channel) -> None:
        """Queue a connection whose next request is complete; later, if its client has much to read before.

        In the thread of the loop that is done at the end of the turn, which answers itself what is short.
        """
        if channel.total_outbufs_len > self.limits.backlog_bytes:
            channel.postponed = True
            return
        if self._turned_by == threading.get_ident():
            self._counter.take(channel)
        else:
            self._to_worker(channel)

    def _to_worker(self, channel: Channel) -> None:
        channel.queued_at = self.clock()
        self.task_dispatcher.add_task(channel)

    def seat(self, visitor: Any) -> None:
        """Watch the socket of somebody who is no client."""
        self._map[visitor._fileno] = visitor
        self.loop.changed(visitor)

    def unseat(self, visitor: Any) -> None:
        """Watch it no more."""
        self.loop.forget(visitor._fileno)
        self._map.pop(visitor._fileno, None)

    def changed(self, channel: Any) -> None:
        """Have the loop look at a connection that waits for other events than before; from any thread."""
        self.loop.changed(channel)
        self.wake()

    def pull_trigger(self) -> None:
        """Do nothing: Waitress would wake the loop behind every answer, our channels tell when it has to look."""

    def wake(self) -> None:
        """Wake the loop, from any thread or a signal handler; does nothing once it has ended."""
        if self._pulled:
            return
        self._pulled = True
        # ValueError: closed by the end of run; a full pipe, in a file that does not block, is no error.
        with contextlib.suppress(ValueError, OSError):
            self._waker.write(b"x")


def build(
    application: WSGIApplication,
    limits: Limits,
    doorman: Doorman,
    clock: Clock = time.monotonic,
    referee: Referee | None = None,
) -> Server:
    """Return a server that listens and does not serve yet: threads start in ``run``. Raises ``OSError``.

    It has fewer connections than ``limits`` say where this process may not open so many files. ``clock`` gives
    monotonic seconds. ``referee`` has a say in requests.
    """
    files = descriptors.raise_limit(descriptors.needed(limits.connection_limit, limits.threads))
    connections = descriptors.connections_within(files, limits.connection_limit, limits.threads)
    limits = replace(limits, connection_limit=connections)
    return Server(application, listen(limits), limits, doorman, clock, referee)
