"""What was learned about requests and waits for a later call to ride on, so that it costs no round trip of its own.

Bounded, and never exact to the last: what is forgotten when too much waits is a count, not a limit.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

WAITING = 1000
BRIEFS_EVERY_SECONDS = 0.02


class Riding:
    """Takes lessons from any thread; ``now`` is monotonic seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._behaved: deque[bytes] = deque(maxlen=WAITING)
        self._order: deque[bytes] = deque()
        self._counts: dict[bytes, int] = {}
        self._due = now()
        self._lock = threading.Lock()

    def behaved(self, who: bytes) -> None:
        """Note good conduct."""
        self._behaved.append(who)

    def asked(self, brief: bytes) -> None:
        """Note that a brief was asked. The same one again is a count more; new ones have to wait for room."""
        counts = self._counts
        with self._lock:
            if brief in counts:
                counts[brief] += 1
            elif len(counts) < WAITING:
                counts[brief] = 1
                self._order.append(brief)

    def next_behaved(self) -> bytes:
        """Take out who behaved, or nothing."""
        try:
            return self._behaved.popleft()
        except IndexError:
            return b""

    def next_asked(self) -> tuple[bytes, int]:
        """Take out a brief and how often it was asked; nothing where one rode a moment ago."""
        now = self._now()
        if now < self._due or not self._order:
            return b"", 0
        with self._lock:
            self._due = now + BRIEFS_EVERY_SECONDS
            brief = self._order.popleft() if self._order else b""
            return brief, self._counts.pop(brief, 0)
