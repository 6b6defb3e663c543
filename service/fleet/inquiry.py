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

from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import NoScriptError

from service.asking import ASKED, WORD
from service.fleet.clients import SharedClients
from service.fleet.faults import error_in
from service.fleet.replies import Failure, Reply
from service.fleet.script import Call
from service.fleet.store import Store
from service.fleet.tether import Tether
from service.wire.referee import Seats

ASIDE = 1000
"""So many requests are put aside at most."""

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
        self._tether = Tether(store, now, self._heard, self._lost)
        self._unsent: list[bytes] = []
        self._aside: deque[_Question] = deque()

    def __len__(self) -> int:
        return len(self._aside)

    def enter(self, seats: Seats) -> None:
        """Begin to have a line."""
        self._tether.enter(seats)

    def leave(self) -> None:
        """Hang up for good; whoever is still put aside is forgotten."""
        self._aside.clear()
        self._tether.leave()

    def ask(self, client: str, environ: Environ, then: Callable[[], None]) -> bool:
        """Return True if Redis is asked about a request of a client; ``then`` is called when its word is there."""
        if not self._store.ok:
            environ[WORD] = None
            return False
        if self._tether.line is None or len(self._aside) >= ASIDE:
            return False
        call, lessons = self._clients.question(client)
        self._unsent.append(call.by_digest(lessons))
        environ[ASKED] = now = self._now()
        self._aside.append(_Question(client, environ, then, call, lessons, now))
        return True

    def turn(self, now: float) -> float:
        """Send what was asked, and give up on a Redis that is down or takes too long."""
        if self._is_overdue(now):
            self._last_look(now)
        if self._tether.line is not None and not self._tether.is_of_now():
            self._hang_up()
        if self._unsent:
            data = b"".join(self._unsent)
            self._unsent.clear()
            self._tether.send(data)
        self._tether.look(now)
        return self._aside[0].asked + self._wait_seconds - now if self._aside else math.inf

    def _is_overdue(self, now: float) -> bool:
        return bool(self._aside) and now - self._aside[0].asked >= self._wait_seconds

    def _last_look(self, now: float) -> None:
        """Give up, unless the reply has come and it was the loop that was late."""
        if self._tether.line is not None:
            self._tether.line.handle_read_event()
        if self._is_overdue(now):
            self._fail(TimeoutError("Redis did not reply in time"))

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
        self._store.note(error, self._tether.spell)
        self._go_on(question, None)

    def _lost(self, error: Exception | None) -> None:
        if error is None and not self._aside:
            # It hangs up on who is idle; whether it is well, the next connection will tell.
            self._tether.want_another()
            self._hang_up()
        else:
            self._fail(error or Disconnected("Redis hung up"))

    def _fail(self, error: Exception) -> None:
        self._store.note(error, self._tether.spell)
        self._hang_up()

    def _hang_up(self) -> None:
        """Let go of the line; whoever was put aside goes on without a word of Redis."""
        self._tether.let_go()
        self._unsent.clear()
        while self._aside:
            self._go_on(self._aside.popleft(), None)

    def _go_on(self, question: _Question, word: Any) -> None:
        question.environ[WORD] = word
        question.then()
