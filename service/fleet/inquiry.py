"""Asks Redis about requests from the thread of the HTTP server's loop: all questions of a turn in one write.

No thread waits for a reply, and the loop does not either: a request is put aside until its own has come. Where Redis
fails, all that were put aside go on at once, to be judged by this instance alone, and as long as it is down nobody is
put aside. What cannot be asked here (no line as yet, too many under way) is asked by the worker that takes the request.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from redis.connection import Connection
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import NoScriptError

from service.asking import ASKED, WORD
from service.fleet.clients import SharedClients
from service.fleet.faults import error_in
from service.fleet.line import Line
from service.fleet.lines import taken_over
from service.fleet.replies import Failure, Reply
from service.fleet.script import Call
from service.fleet.store import Store
from service.wire.referee import Seats

ASIDE = 1000
"""So many requests are put aside at most."""
PAUSE_SECONDS = 1.0
"""No new line is asked for sooner than so long after the last one, if Redis hung up on that."""

Environ = dict[str, Any]


class _Question(NamedTuple):
    client: str
    environ: Environ
    then: Callable[[], None]
    call: Call
    lessons: bytes
    asked: float
    in_full: bool = False  # with the text of the script


class Inquiry:
    """``now`` is monotonic seconds; a reply is waited for ``wait_seconds``. All belongs to the thread of the loop."""

    def __init__(self, store: Store, clients: SharedClients, now: Callable[[], float], wait_seconds: float) -> None:
        self._store = store
        self._clients = clients
        self._now = now
        self._wait_seconds = wait_seconds
        self._seats: Seats | None = None
        self._line: Line | None = None
        self._spell = 0  # of the store, in which the line was made
        self._offered: deque[tuple[Connection, int]] = deque()
        self._ordered = 0  # the spell in which a line was asked for
        self._order_at = 0.0
        self._unsent: list[bytes] = []
        self._aside: deque[_Question] = deque()

    def __len__(self) -> int:
        return len(self._aside)

    def enter(self, seats: Seats) -> None:
        """Begin to have a line."""
        self._seats = seats
        self._look_for_a_line(self._now())

    def leave(self) -> None:
        """Hang up for good; whoever is still put aside is forgotten."""
        self._aside.clear()
        self._hang_up()
        self._seats = None
        self._drop_offers()

    def ask(self, client: str, environ: Environ, then: Callable[[], None]) -> bool:
        """Return True if Redis is asked about a request of a client; ``then`` is called when its word is there."""
        if not self._store.ok:
            environ[WORD] = None
            return False
        if self._line is None or len(self._aside) >= ASIDE:
            return False
        call, lessons = self._clients.question(client)
        self._unsent.append(call.by_digest(lessons))
        environ[ASKED] = now = self._now()
        self._aside.append(_Question(client, environ, then, call, lessons, now))
        return True

    def turn(self, now: float) -> float:
        """Send what was asked, and give up on a Redis that is down or takes too long."""
        if self._aside and now - self._aside[0].asked >= self._wait_seconds:
            self._last_look(now)
        if self._line is not None and not (self._store.ok and self._spell == self._store.spell):
            self._hang_up()
        if self._unsent:
            self._send()
        self._look_for_a_line(now)
        return self._aside[0].asked + self._wait_seconds - now if self._aside else math.inf

    def _send(self) -> None:
        line, seats = self._line, self._seats
        if line is None or seats is None:
            return
        data = b"".join(self._unsent)
        self._unsent.clear()
        line.send(data)
        if line.writable():
            seats.changed(line)

    def _last_look(self, now: float) -> None:
        """Give up, unless the reply has come and it was the loop that was late."""
        if self._line is not None:
            self._line.handle_read_event()
        if self._aside and now - self._aside[0].asked >= self._wait_seconds:
            self._fail(TimeoutError("Redis did not reply in time"))

    def _look_for_a_line(self, now: float) -> None:
        if self._line is None and self._offered:
            self._take_up(*self._offered.popleft())
        if self._line is not None or not self._store.ok or self._ordered == self._store.spell:
            return
        # Where Redis hung up by itself and is well, it may do so again and again.
        if self._ordered or now >= self._order_at:
            self._ordered = self._store.spell
            self._store.order(self._offer)

    def _offer(self, connection: Connection, spell: int) -> None:
        """Take a connection from the keeper, in its thread."""
        self._offered.append((connection, spell))
        seats = self._seats
        if seats is None:
            self._drop_offers()
        else:
            seats.wake()

    def _take_up(self, connection: Connection, spell: int) -> None:
        self._drop_offers()
        if self._seats is None or spell != self._store.spell:
            connection.disconnect()
            return
        self._line, self._spell = Line(taken_over(connection), self._heard, self._lost), spell
        self._order_at = self._now() + PAUSE_SECONDS
        self._seats.seat(self._line)

    def _drop_offers(self) -> None:
        while self._offered:
            self._offered.popleft()[0].disconnect()

    def _heard(self, replies: Sequence[Reply]) -> None:
        for reply in replies:
            if not self._aside:
                self._fail(ValueError("a reply that nobody asked for"))
                return
            question = self._aside.popleft()
            if isinstance(reply, Failure):
                self._deal_with_error(question, error_in(reply.text))
            else:
                self._deal_with_word(question, reply)
        if not self._store.ok:
            self._hang_up()

    def _deal_with_word(self, question: _Question, reply: bytes) -> None:
        word = None
        try:
            word = self._clients.understood(question.client, reply)
        finally:
            # Not even a bug may leave it aside for ever.
            self._go_on(question, word)

    def _deal_with_error(self, question: _Question, error: Exception) -> None:
        if isinstance(error, NoScriptError) and not question.in_full:
            # Behind all that was asked meanwhile, and with a time of its own.
            self._unsent.append(question.call.in_full(question.lessons))
            self._aside.append(question._replace(asked=self._now(), in_full=True))
            return
        self._store.note(error, self._spell)
        self._go_on(question, None)

    def _lost(self, error: Exception | None) -> None:
        if error is None and not self._aside:
            # It hangs up on who is idle; whether it is well, the next connection will tell.
            self._ordered = 0
            self._hang_up()
        else:
            self._fail(error or Disconnected("Redis hung up"))

    def _fail(self, error: Exception) -> None:
        self._store.note(error, self._spell)
        self._hang_up()

    def _hang_up(self) -> None:
        """Close the line; whoever was put aside goes on without a word of Redis."""
        line, self._line = self._line, None
        self._unsent.clear()
        if line is not None and self._seats is not None:
            self._seats.unseat(line)
            line.close()
        while self._aside:
            self._go_on(self._aside.popleft(), None)

    def _go_on(self, question: _Question, word: Any) -> None:
        question.environ[WORD] = word
        question.then()
