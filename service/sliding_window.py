"""The sliding-window law: no client is admitted more than ``limit`` times in any ``window`` seconds, exactly.

A client's past is one ``bytes`` of 6-byte microsecond stamps, oldest first. Clients live in two generations: whoever is
seen moves to the young one, and after a window without being seen all stamps have expired, so the old generation is
dropped whole. Over the byte budget it is dropped early: the quietest clients are forgotten first. About 150 bytes a
client; sharded, so that dropping a generation or growing a table never stalls a request for long.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass

_STAMP = 6  # bytes: 2**48 us are 8.9 years
_SHARDS = 16
_CLIENT_BYTES = 150  # a key, a bytes header and a share of the dict, measured with a million clients
_MICROSECONDS = 1_000_000

_LONG = 256 * _STAMP  # bytes of stamps from which on they are changed in place
_MANY = 10_000  # clients from which on ``top`` leaves the quiet ones out
_TOP_SECONDS = 5  # and for so long has the same answer: to look through a million takes half a second

BUDGET_BYTES = 192 * 1024 * 1024

Stamps = bytes | bytearray


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
        self.young: dict[str, Stamps] = {}
        self.old: dict[str, Stamps] = {}
        self.size = 0  # bytes of the young generation
        self.turned = 0  # when the generations turned last

    def turn(self, now: int) -> dict[str, Stamps]:
        forgotten, self.old, self.young, self.size, self.turned = self.old, self.young, {}, 0, now
        return forgotten

    def recall(self, client: str, edge: bytes) -> Stamps:
        """Return the client's stamps that count: those not before ``edge``."""
        stamps = self.young.get(client)
        fresh = stamps is not None
        if stamps is None:
            stamps = self.old.get(client, b"")
        expired = _expired(stamps, edge)
        if isinstance(stamps, bytes):
            return stamps[expired:]
        del stamps[:expired]
        self.size -= expired if fresh else 0
        return stamps

    def keep(self, client: str, stamps: Stamps, added: int = 0) -> None:
        """Keep the stamps of a client, the last ``added`` bytes of which are new."""
        before = self.young.get(client)
        if before is None:
            self.size += _CLIENT_BYTES + len(stamps)
            self.old.pop(client, None)
        else:
            self.size += added if before is stamps else len(stamps) - len(before)
        # Bytes are smaller, but a long row of them would be copied at every hit.
        self.young[client] = bytearray(stamps) if type(stamps) is bytes and len(stamps) > _LONG else stamps


class SlidingWindow:
    """Counts admissions by client. ``clock`` gives monotonic seconds, which count in whole microseconds."""

    def __init__(
        self, limit: int, window_seconds: float, clock: Callable[[], float], budget_bytes: int = BUDGET_BYTES
    ) -> None:
        self.limit = limit
        self._window = round(window_seconds * _MICROSECONDS)
        self._clock = clock
        self._start = clock()
        self._shards = [_Shard() for _ in range(_SHARDS)]
        self._told_top: tuple[int, int, tuple[tuple[str, int], ...]] = (0, 0, ())
        self._generation_bytes = budget_bytes // (2 * _SHARDS)

    def hit(self, client: str) -> Verdict:
        """Count one request if it may pass; a refused one leaves no trace."""
        shard = self._shards[hash(client) % _SHARDS]
        forgotten = None
        with shard.lock:
            now = self._now()  # under the lock, so that the stamps of a client never run backwards
            if now - shard.turned >= self._window or shard.size > self._generation_bytes:
                forgotten = shard.turn(now)
            stamps = shard.recall(client, self._edge(now))
            used = len(stamps) // _STAMP
            if used < self.limit:
                stamps += now.to_bytes(_STAMP, "big")
                shard.keep(client, stamps, _STAMP)
            elif client not in shard.young:
                shard.keep(client, stamps, 0)
            oldest = int.from_bytes(stamps[:_STAMP], "big")
        del forgotten  # outside the lock: freeing many entries takes a while
        reset_ms = -(-(oldest + self._window - now) // 1000)
        return Verdict(used < self.limit, max(0, self.limit - used - 1), reset_ms)

    def used(self, client: str) -> int:
        """Return how many admissions of a client count now; counts nothing."""
        shard = self._shards[hash(client) % _SHARDS]
        with shard.lock:
            return len(shard.recall(client, self._edge(self._now()))) // _STAMP

    def tracked(self) -> int:
        """Return how many clients are remembered: all that have used something, and some that had a moment ago."""
        now = self._now()
        tracked = 0
        for shard in self._shards:
            # Nobody is seen in a generation later than a window after it began: the next hit turns it.
            tracked += len(shard.old) if now - shard.turned < self._window else 0
            tracked += len(shard.young) if now - shard.turned < 2 * self._window else 0
        return tracked

    def top(self, count: int) -> list[tuple[str, int]]:
        """Return the busiest clients with their admissions in the window, busiest first.

        Among very many clients, only those that used a tenth of their limit are looked at, and every five seconds.
        """
        now, many = self._now(), self.tracked() > _MANY
        asked, until, told = self._told_top
        if many and asked == count and now < until:
            return list(told)
        top = self._find_top(count, self._edge(now), self.limit // 10 * _STAMP if many else 0)
        self._told_top = count, now + _TOP_SECONDS * _MICROSECONDS, tuple(top)
        return top

    def _find_top(self, count: int, edge: bytes, least: int) -> list[tuple[str, int]]:
        found: list[tuple[int, str]] = []
        for shard in self._shards:
            with shard.lock:
                known = [
                    (client, bytes(stamps))
                    for generation in (shard.young, shard.old)
                    for client, stamps in generation.items()
                    if len(stamps) >= least
                ]
            used = (((len(stamps) - _expired(stamps, edge)) // _STAMP, client) for client, stamps in known)
            found += heapq.nlargest(count, (row for row in used if row[0]))
        return [(client, used) for used, client in heapq.nlargest(count, found)]

    def _now(self) -> int:
        return round((self._clock() - self._start) * _MICROSECONDS)

    def _edge(self, now: int) -> bytes:
        """Return the oldest stamp that still counts; big-endian stamps compare as bytes."""
        return max(0, now - self._window + 1).to_bytes(_STAMP, "big")


def _expired(stamps: Stamps, edge: bytes) -> int:
    """Return how many bytes of stamps lie before ``edge``."""
    if stamps >= edge:
        return 0
    low, high = 0, len(stamps) // _STAMP
    while low < high:
        middle = (low + high) // 2
        if stamps[middle * _STAMP : (middle + 1) * _STAMP] < edge:
            low = middle + 1
        else:
            high = middle
    return low * _STAMP
