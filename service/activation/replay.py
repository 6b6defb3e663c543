"""Idempotency: a request that is sent again with its key is answered with what it was answered before, and done once.

Keys are durable and belong to a principal and an account. A key is written in the same transaction as what was done
under it, so that no kill can part the two. Only successes are kept: 24 hours, and then for a week the bare knowledge
that the key was used. Refusals leave no trace.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import NamedTuple

from service.durable import DurableFile, Unwritten
from service.errors import IdempotencyConflict, IdempotencyExpired, IdempotencyInFlight, RateLimited, Unavailable
from service.sliding_window import SlidingWindow

KEY = r"^[A-Za-z0-9_.:-]{16,255}$"
REPLAY_SECONDS = 24 * 3600
REMEMBERED_SECONDS = 7 * 24 * 3600
INSERTS_A_MINUTE = 120
IN_FLIGHT_SECONDS = 1


class Scope(NamedTuple):
    """Whose key it is: the id of the principal, and the canonical form of the account (empty without one)."""

    principal: str
    account: str


class Replayed(NamedTuple):
    """The body that answers, and whether it was stored by an earlier request."""

    body: bytes
    replayed: bool


class Replay:
    """The keys in the state file. ``wall`` is Unix seconds, ``now`` monotonic ones."""

    def __init__(
        self,
        file: DurableFile,
        wall: Callable[[], float],
        now: Callable[[], float],
        inserts_a_minute: int = INSERTS_A_MINUTE,
    ) -> None:
        self._file = file
        self._wall = wall
        self._inserts = SlidingWindow(inserts_a_minute, 60, now, budget_bytes=4 * 1024 * 1024)
        self._lock = threading.Lock()
        self._in_flight: set[tuple[Scope, str]] = set()

    def once(self, scope: Scope, key: str, payload_hash: bytes, do: Callable[[], bytes]) -> Replayed:
        """Return what ``do`` returns, or what it returned when this key was used first.

        ``do`` runs inside a transaction of the file and must not wait for anybody; what it raises undoes everything.
        Raises ``IdempotencyConflict``, ``IdempotencyInFlight``, ``IdempotencyExpired``, ``RateLimited`` (too many new
        keys), and ``Unavailable`` where nothing can be written.
        """
        with self._lock:
            if (scope, key) in self._in_flight:
                raise IdempotencyInFlight(
                    "A request with this idempotency key is being answered.", retry_after=IN_FLIGHT_SECONDS
                )
            self._in_flight.add((scope, key))
        try:
            with self._file.transaction() as database:
                return self._once(database, scope, key, payload_hash, do)
        except Unwritten:
            raise Unavailable("Activations cannot be written at this moment.", retry_after=5) from None
        finally:
            with self._lock:
                self._in_flight.discard((scope, key))

    def clean(self) -> int:
        """Forget bodies that are no more replayed, and keys that were used long ago; return how many rows changed."""
        now = self._wall()
        try:
            with self._file.transaction() as database:
                bare = database.execute(
                    "UPDATE idempotency SET body = NULL WHERE body IS NOT NULL AND at <= ?", (now - REPLAY_SECONDS,)
                )
                gone = database.execute("DELETE FROM idempotency WHERE at <= ?", (now - REMEMBERED_SECONDS,))
                return bare.rowcount + gone.rowcount
        except Unwritten:
            return 0

    def _once(
        self, database: sqlite3.Connection, scope: Scope, key: str, payload_hash: bytes, do: Callable[[], bytes]
    ) -> Replayed:
        now = self._wall()
        kept = database.execute(
            "SELECT hash, body, at FROM idempotency WHERE principal = ? AND account = ? AND key = ?", (*scope, key)
        ).fetchone()
        if kept is not None:
            return _kept(now, payload_hash, *kept)
        self._admit(scope)
        body = do()
        database.execute("INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)", (*scope, key, payload_hash, body, now))
        return Replayed(body, False)

    def _admit(self, scope: Scope) -> None:
        verdict = self._inserts.hit(scope.principal)
        if not verdict.admitted:
            raise RateLimited("Too many new idempotency keys.", retry_after=-(-verdict.reset_ms // 1000))


def _kept(now: float, payload_hash: bytes, kept_hash: bytes, body: bytes | None, at: float) -> Replayed:
    if body is None or now - at >= REPLAY_SECONDS:
        raise IdempotencyExpired(
            "This idempotency key was used more than 24 hours ago: look at what it did, then use a new one.",
            field="idempotency_key",
        )
    if payload_hash != kept_hash:
        # Not a word about the payload that came first: it may be somebody else's.
        raise IdempotencyConflict(
            "This idempotency key was used for another request: use a new one.", field="idempotency_key"
        )
    return Replayed(body, True)
