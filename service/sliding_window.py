"""The sliding-window law: no client is admitted more than ``limit`` times in any ``window`` seconds, exactly.

A client's past is one ``bytes`` of 5-byte millisecond stamps, oldest first. Clients live in two generations: whoever is
seen moves to the young one, and after a window without being seen all stamps have expired, so the old generation is
dropped whole. Over the byte budget it is dropped early: the quietest clients are forgotten first. About 150 bytes a
client; sharded, so that dropping a generation or growing a table never stalls a request for long.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass

_STAMP = 5  # bytes: 2**40 ms are 34 years
_SHARDS = 16
_CLIENT_BYTES = 150  # a key, a bytes header and a share of the dict, measured with a million clients

BUDGET_BYTES = 192 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the window says: ``left`` more requests now; ``reset_ms`` until the oldest counted one leaves (refused:
    until a retry is admitted)."""

    admitted: bool
    left: int
    reset_ms: int


class _Shard:
    __slots__ = ("lock", "old", "size", "turned", "young")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.young: dict[str, bytes] = {}
        self.old: dict[str, bytes] = {}
        self.size = 0  # bytes of the young generation
        self.turned = 0  # ms, when the generations turned last

    def turn(self, now_ms: int) -> dict[str, bytes]:
        forgotten, self.old, self.young, self.size, self.turned = self.old, self.young, {}, 0, now_ms
        return forgotten


class SlidingWindow:
    """Counts admissions by client. ``clock`` gives monotonic seconds."""

    def __init__(
        self, limit: int, window_seconds: float, clock: Callable[[], float], budget_bytes: int = BUDGET_BYTES
    ) -> None:
        self.limit = limit
        self.window_ms = int(window_seconds * 1000)
        self._clock = clock
        self._start = clock()
        self._shards = [_Shard() for _ in range(_SHARDS)]
        self._generation_bytes = budget_bytes // (2 * _SHARDS)

    def hit(self, client: str) -> Verdict:
        """Count one request if it may pass; a refused one leaves no trace."""
        # A stamp is rounded up and the present down: rounding never admits a request too many.
        exact = (self._clock() - self._start) * 1000
        now = int(exact)
        shard = self._shards[hash(client) % _SHARDS]
        forgotten = None
        with shard.lock:
            if now - shard.turned >= self.window_ms or shard.size > self._generation_bytes:
                forgotten = shard.turn(now)
            stamps = self._recall(shard, client, now)
            used = len(stamps) // _STAMP
            if used < self.limit:
                stamps += (now + (exact > now)).to_bytes(_STAMP, "big")
                self._keep(shard, client, stamps)
            elif client not in shard.young:
                self._keep(shard, client, stamps)
        del forgotten  # outside the lock: freeing many entries takes a while
        oldest = int.from_bytes(stamps[:_STAMP], "big")
        reset = max(1, oldest + self.window_ms - now)
        if used < self.limit:
            return Verdict(True, self.limit - used - 1, reset)
        return Verdict(False, 0, reset)

    def used(self, client: str) -> int:
        """Return how many admissions of a client count now; counts nothing."""
        shard = self._shards[hash(client) % _SHARDS]
        with shard.lock:
            return len(self._recall(shard, client, self._now())) // _STAMP

    def tracked(self) -> int:
        """Return how many clients are remembered (one seen in both generations counts once at most twice)."""
        return sum(len(shard.young) + len(shard.old) for shard in self._shards)

    def top(self, count: int) -> list[tuple[str, int]]:
        """Return the busiest clients with their admissions in the window, busiest first."""
        found: list[tuple[int, str]] = []
        for shard in self._shards:
            with shard.lock:
                known = [*shard.young.items(), *shard.old.items()]
            found += heapq.nlargest(count, ((len(stamps), client) for client, stamps in known))
        busiest = dict.fromkeys(client for _, client in heapq.nlargest(count * 2, found))
        counted = ((client, self.used(client)) for client in busiest)
        return heapq.nlargest(count, (row for row in counted if row[1]), key=lambda row: row[1])

    def _now(self) -> int:
        return int((self._clock() - self._start) * 1000)

    def _recall(self, shard: _Shard, client: str, now: int) -> bytes:
        stamps = shard.young.get(client)
        if stamps is None:
            stamps = shard.old.get(client, b"")
        expired = 0
        while expired < len(stamps) and (
            int.from_bytes(stamps[expired : expired + _STAMP], "big") + self.window_ms <= now
        ):
            expired += _STAMP
        return stamps[expired:] if expired else stamps

    def _keep(self, shard: _Shard, client: str, stamps: bytes) -> None:
        if client not in shard.young:
            shard.size += _CLIENT_BYTES
            shard.old.pop(client, None)
        shard.size += _STAMP
        shard.young[client] = stamps
