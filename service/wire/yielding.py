"""Who gives way when all connections are taken and somebody new knocks.

A full house that turns everyone away is what a flood of slow connections wants. So the newcomer comes in, and one that
nothing is being done for goes: kept connections first, since their clients simply connect again, then requests that
have not arrived yet, of the clients with the most connections first, and of these the one that has waited longest.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Any

AT_ONCE = 64
YOUNG_SECONDS = 0.25
"""Who has come, or was answered, just now is left alone."""


class Yielding:
    """Picks connections; finds ``AT_ONCE`` of them each time it looks through all, which takes a few milliseconds.

    ``connections`` gives those that are open, ``crowd`` how many are open of the client at an address, ``clock``
    monotonic seconds.
    """

    def __init__(
        self, connections: Callable[[], Iterable[Any]], crowd: Callable[[str], int], clock: Callable[[], float]
    ) -> None:
        self._connections = connections
        self._crowd = crowd
        self._clock = clock
        self._found: list[Any] = []

    def next(self) -> Any | None:
        """Return the connection that should give way now, or None if something is being done for all of them."""
        return self._still_there() or self._look()

    def _look(self) -> Any | None:
        long_ago = self._clock() - YOUNG_SECONDS
        waiting = (channel for channel in self._connections() if channel.waits() and channel.waits_since() <= long_ago)
        self._found = heapq.nsmallest(AT_ONCE, waiting, key=self._rank)[::-1]
        return self._still_there()

    def _still_there(self) -> Any | None:
        while self._found:
            channel = self._found.pop()
            # Its next request may just have come, unread as yet.
            if channel.waits() and not channel.unread():
                return channel
        return None

    def _rank(self, channel: Any) -> tuple[bool, int, float]:
        return not channel.idle() or not channel.served, -self._crowd(channel.addr[0]), channel.waits_since()
