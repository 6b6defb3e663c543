"""Has one line to Redis in the loop: ordered from the keeper of the store, who may connect without a deadline of ours,
taken up in the loop, and ordered anew when it is gone.

A line belongs to the spell of the store in which it was made: once the store was down, another one is wanted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from redis.connection import Connection

from service.fleet.line import Line
from service.fleet.lines import taken_over
from service.fleet.replies import Reply
from service.fleet.store import Store
from service.wire.referee import Seats

PAUSE_SECONDS = 1.0
"""No new line is ordered sooner than so long after the last one was taken up, if Redis hung up on that by itself."""

Heard = Callable[[Sequence[Reply]], None]
Lost = Callable[[Exception | None], None]


class Tether:
    """``line`` is what there is now. ``heard`` and ``lost`` are told what it tells; all but the offer of a connection
    happens in the thread of the loop. ``now`` is monotonic seconds."""

    def __init__(self, store: Store, now: Callable[[], float], heard: Heard, lost: Lost) -> None:
        self.line: Line | None = None
        self.spell = 0
        self._store = store
        self._now = now
        self._heard = heard
        self._lost = lost
        self._seats: Seats | None = None
        self._offered: deque[tuple[Connection, int]] = deque()
        self._ordered = 0  # in which spell
        self._order_at = 0.0

    def enter(self, seats: Seats) -> None:
        """Begin to have a line."""
        self._seats = seats
        self.look(self._now())

    def leave(self) -> None:
        """Let go of it for good."""
        self.let_go()
        self._seats = None
        self._drop_offers()

    def is_of_now(self) -> bool:
        """Return whether the store is up, and was not down since the line was made."""
        return self._store.ok and self.spell == self._store.spell

    def look(self, now: float) -> None:
        """Take up what was ordered, or order what is wanted."""
        if self.line is None and self._offered:
            self._take_up(*self._offered.popleft())
        if self.line is not None or not self._store.ok or self._ordered == self._store.spell:
            return
        # Where Redis hung up by itself and is well, it may do so again and again.
        if self._ordered or now >= self._order_at:
            self._ordered = self._store.spell
            self._store.order(self._offer)

    def send(self, data: bytes) -> None:
        """Send bytes over the line; the loop sends what cannot go at once."""
        line, seats = self.line, self._seats
        if line is not None and seats is not None:
            line.send(data)
            if line.writable():
                seats.changed(line)

    def let_go(self) -> None:
        """Close the line."""
        line, self.line = self.line, None
        if line is not None and self._seats is not None:
            self._seats.unseat(line)
            line.close()

    def want_another(self) -> None:
        """Have another line ordered in the same spell."""
        self._ordered = 0

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
        self.line, self.spell = Line(taken_over(connection), self._heard, self._lost), spell
        self._order_at = self._now() + PAUSE_SECONDS
        self._seats.seat(self.line)

    def _drop_offers(self) -> None:
        while self._offered:
            self._offered.popleft()[0].disconnect()
