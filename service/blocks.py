"""The book of abuse: a score for each client that misbehaves, and who is blocked until when.

A score halves every 60 s. What counts: a 429 while the client's Retry-After still runs (1), suspicious input (10),
a wrong operator token (10); an accepted request takes 0.5 off. At ``threshold`` the client is blocked for a minute,
and for twice as long each time after, up to a day. Both tables are bounded; a ``Ledger`` keeps blocks across restarts.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from service.state import BlockRow

HALF_LIFE_SECONDS = 60.0
FIRST_BLOCK_SECONDS = 60
LONGEST_BLOCK_SECONDS = 86_400
FORGIVEN_AFTER_SECONDS = 86_400.0  # a client that was good for a day starts from the first block again
SCORES_KEPT = 50_000
BLOCKS_KEPT = 50_000

IMPATIENCE = 1.0
ATTACK = 10.0
WRONG_TOKEN = 10.0
GOOD_CONDUCT = -0.5


class Ledger(Protocol):
    """Where blocks last."""

    def blocks(self) -> list[BlockRow]: ...
    def keep_blocks(self, rows: Iterable[BlockRow]) -> None: ...
    def lift_block(self, client: str) -> None: ...
    def forget_blocks_before(self, until: float) -> None: ...


@dataclass(slots=True)
class _Conduct:
    score: float
    at: float
    retry_until: float = 0.0


def steady(now: Callable[[], float], wall: Callable[[], float]) -> Callable[[], float]:
    """Return a clock of Unix seconds that goes on as ``now`` does, from what ``wall`` says at this moment."""
    offset = wall() - now()
    return lambda: now() + offset


def decayed(score: float, seconds: float) -> float:
    """Return what is left of a score after some seconds."""
    return score * 0.5 ** (seconds / HALF_LIFE_SECONDS) if seconds > 0 else score


def block_seconds(times: int) -> int:
    """Return how long the ``times``-th block of a client lasts."""
    return min(LONGEST_BLOCK_SECONDS, FIRST_BLOCK_SECONDS << min(times - 1, 20))


class Blocks:
    """Scores and blocks. ``clock`` is Unix seconds (blocks outlive the process); thread-safe."""

    def __init__(
        self,
        threshold: float,
        ledger: Ledger,
        clock: Callable[[], float],
        *,
        enforce: bool = True,
        exempt: Callable[[str], bool] = lambda client: False,
        on_block: Callable[[BlockRow], None] = lambda row: None,
    ) -> None:
        self._threshold = threshold
        self._ledger = ledger
        self._clock = clock
        self._enforce = enforce
        self._exempt = exempt
        self._on_block = on_block
        self._lock = threading.Lock()
        self._conduct: OrderedDict[str, _Conduct] = OrderedDict()
        self._blocked: OrderedDict[str, BlockRow] = OrderedDict()

    def load(self) -> None:
        """Take over the blocks that the ledger kept, but for clients that are exempt by now."""
        now = self._clock()
        with self._lock:
            for row in self._ledger.blocks()[-BLOCKS_KEPT:]:
                if not self._exempt(row.client):
                    # A clock that was wrong when the row was written must not block anybody for years.
                    longest = now + block_seconds(row.times)
                    self._blocked[row.client] = row._replace(until=min(row.until, longest))

    def blocked_for(self, client: str) -> float:
        """Return for how many seconds more a client is refused; 0 when it is not."""
        row = self._blocked.get(client)
        if row is None or not self._enforce:
            return 0.0
        return max(0.0, row.until - self._clock())

    def charge(self, client: str, points: float, reason: str) -> None:
        """Add points for an offence, and block the client when its score has come to the threshold."""
        dropped = None
        with self._lock:
            conduct = self._recall(client)
            conduct.score += points
            over = conduct.score >= self._threshold and not self._exempt(client)
            row = self._block(client, reason) if over else None
            if len(self._blocked) > BLOCKS_KEPT:
                dropped, _ = self._blocked.popitem(last=False)
        if row is not None:
            self._ledger.keep_blocks([row])
            self._on_block(row)
        if dropped is not None:
            self._ledger.lift_block(dropped)

    def accepted(self, client: str) -> None:
        """Take a little off the score of a client that behaved."""
        if client not in self._conduct:
            return
        with self._lock:
            conduct = self._recall(client)
            conduct.score = max(0.0, conduct.score + GOOD_CONDUCT)
            if conduct.score == 0 and conduct.retry_until <= conduct.at:
                del self._conduct[client]

    def told_to_wait(self, client: str, seconds: float) -> None:
        """Note a Retry-After; a 429 that came while an earlier one was running is impatience."""
        with self._lock:
            conduct = self._recall(client)
            impatient = conduct.at < conduct.retry_until
            conduct.retry_until = max(conduct.retry_until, conduct.at + seconds)
        if impatient:
            self.charge(client, IMPATIENCE, "too many requests")

    def impose(self, row: BlockRow) -> None:
        """Block a client as a book that is shared says, and tell of it."""
        with self._lock:
            self._blocked.pop(row.client, None)
            self._blocked[row.client] = row
            self._conduct.pop(row.client, None)
        self._ledger.keep_blocks([row])
        self._on_block(row)

    def follow(self, rows: Iterable[BlockRow], *, complete: bool) -> None:
        """Take over the blocks that a shared book holds and, if these are all of them, end those that it lifted."""
        shared = {row.client: row for row in rows if not self._exempt(row.client)}
        now = self._clock()
        with self._lock:
            fresh = [row for client, row in shared.items() if self._blocked.get(client) != row]
            running = [client for client, row in self._blocked.items() if row.until > now]
            ended = [client for client in running if client not in shared] if complete else []
            for row in fresh:
                self._blocked[row.client] = row
            for client in ended:
                del self._blocked[client]
        self._ledger.keep_blocks(fresh)
        for client in ended:
            self._ledger.lift_block(client)

    def lift(self, client: str) -> bool:
        """Lift a block and forget its history; return whether there was one."""
        with self._lock:
            row = self._blocked.pop(client, None)
            self._conduct.pop(client, None)
        if row is not None:
            self._ledger.lift_block(client)
        return row is not None and row.until > self._clock()

    def current(self) -> list[BlockRow]:
        """Return the blocks that run now, the longest first (also where ``BLOCKING=off`` only counts them)."""
        now = self._clock()
        with self._lock:
            running = [row for row in self._blocked.values() if row.until > now]
        return sorted(running, key=lambda row: -row.until)

    def clean(self) -> int:
        """Forget blocks whose client was good for a day since; return how many. What the ledger could not keep when it
        was made, or has lost, is written again."""
        limit = self._clock() - FORGIVEN_AFTER_SECONDS
        with self._lock:
            forgiven = [client for client, row in self._blocked.items() if row.until < limit]
            for client in forgiven:
                del self._blocked[client]
        self._ledger.forget_blocks_before(limit)
        kept = set(self._ledger.blocks())
        with self._lock:
            missed = [row for row in self._blocked.values() if row not in kept]
        if missed:
            self._ledger.keep_blocks(missed)
        return len(forgiven)

    def _recall(self, client: str) -> _Conduct:
        now = self._clock()
        conduct = self._conduct.get(client)
        if conduct is None:
            conduct = self._conduct[client] = _Conduct(0.0, now)
            if len(self._conduct) > SCORES_KEPT:
                self._conduct.popitem(last=False)
        else:
            self._conduct.move_to_end(client)
            conduct.score = decayed(conduct.score, now - conduct.at)
            conduct.at = now
        return conduct

    def _block(self, client: str, reason: str) -> BlockRow | None:
        now = self._clock()
        before = self._blocked.pop(client, None)
        if before is not None and before.until > now:
            self._blocked[client] = before
            return None
        times = 1
        if before is not None and now - before.until <= FORGIVEN_AFTER_SECONDS:
            times += before.times
        row = self._blocked[client] = BlockRow(client, now + block_seconds(times), times, reason)
        self._conduct.pop(client, None)
        return row
