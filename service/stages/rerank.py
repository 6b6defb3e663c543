"""First work stage where an AI ranks: its order if it comes in time, the local order at once if it cannot.

The walk behind this stage makes the local ranking; its best are the candidates. Whoever asks for what the AI is ranking
already waits for the same call. Nobody holds a slot while waiting, nobody waits longer than ``wait_seconds``, and what
comes later still fills the store. Every wait is counted: one leader a call, and a bounded number of followers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from service.ai.order import CANDIDATES, fallen_back, ordered_by_ai
from service.ai.proposals import Kept
from service.ai.verdict import Verdict
from service.bounded import BoundedStore
from service.errors import ClientGone, Refused
from service.messages import Brief, CacheResult, Query, Ranked, Ranking, Signal
from service.monitoring.totals import FallbackReason
from service.stages.cache import Key, Proceed, weight

FALLBACK_SECONDS: dict[FallbackReason, float] = {"not_ready": 1.0, "overloaded": 1.0, "breaker_open": 5.0}
"""How long a brief is answered locally before the AI is asked for it again; 15 s after a call that failed."""
_AFTER_FAILURE_SECONDS = 15.0
_GLANCE_SECONDS = 0.25  # how often a waiter looks whether its client is still there, and the service goes on


class Asked(Protocol):
    """Who is asked: ``ai.calls.Calls``."""

    def begin(
        self,
        brief: Brief,
        candidates: Callable[[], Sequence[Signal]],
        landed: Callable[[Verdict | FallbackReason], None],
        *,
        spare: int = 0,
    ) -> bool: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how much: seconds, entries, bytes, and followers at once.

    Clients wait at most ``wait_seconds``; a warm-up waits ``call_seconds``, as long as a call may take.
    """

    wait_seconds: float
    call_seconds: float
    ttl_seconds: float
    stale_seconds: float
    entries: int
    bytes: int
    followers: int


@dataclass(frozen=True, slots=True)
class _Entry:
    ranking: Ranking
    fresh_until: float
    stale_until: float
    renewed_after: float = 0.0


@dataclass(slots=True)
class _Flight:
    local: Ranking
    landed: threading.Event = field(default_factory=threading.Event)
    ranking: Ranking | None = None


class Rerank:
    """The stage. ``best(ranking, count)`` reads the first signals of a ranking; ``proposals`` keeps those of the AI.

    ``ranked_by`` names provider and model. ``version()`` is the catalogue's; ``later(job)`` runs a renewal on another
    thread, or says no; ``draining()`` tells that the service ends; ``now`` is monotonic seconds.
    """

    def __init__(
        self,
        bounds: Bounds,
        ai: Asked,
        ranked_by: str,
        best: Callable[[Ranking, int], Sequence[Signal]],
        proposals: Kept,
        version: Callable[[], str],
        later: Callable[[Callable[[], None]], bool],
        draining: Callable[[], bool],
        now: Callable[[], float],
    ) -> None:
        self._bounds = bounds
        self._ai = ai
        self._ranked_by = ranked_by
        self._best = best
        self._proposals = proposals
        self._version = version
        self._later = later
        self._draining = draining
        self._now = now
        self._store: BoundedStore[Key, _Entry] = BoundedStore(bounds.entries, bounds.bytes)
        self._stored_version = ""
        self._flights: dict[Key, _Flight] = {}
        self._renewing: set[Key] = set()
        self._followers = 0
        self._lock = threading.Lock()

    def __call__(self, query: Query, proceed: Proceed) -> Ranked:
        key = (self._version(), query.brief)
        entry = self._store.get(key)
        if entry is not None:
            now = self._now()
            if now < entry.fresh_until:
                return Ranked(entry.ranking, "hit")
            if now < entry.stale_until:
                if now >= entry.renewed_after:
                    self._renew(key, query, proceed)
                return Ranked(entry.ranking, "stale")
        local = proceed(query)
        if not local.ranking.rows:
            return local
        return self._join(key, local, query)

    def warm(self, query: Query, proceed: Proceed) -> Ranked:
        """Have the AI rank a brief anew, leaving one call to the clients, and wait as long as a call may take."""
        local = proceed(query)
        if not local.ranking.rows:
            return local
        flight = self._fly((self._version(), query.brief), local.ranking, spare=1)
        landed = self._wait(flight, query, self._bounds.call_seconds)
        ranking = flight.ranking if landed else None
        return replace(local, ranking=ranking or self._fallen_back(local.ranking, "timeout"))

    def expires_within(self, brief: Brief, seconds: float) -> bool:
        """Return whether the AI's order of a brief is missing, or will not be fresh any more after ``seconds``."""
        entry = self._store.get((self._version(), brief))
        return entry is None or entry.ranking.method != "ai" or self._now() + seconds >= entry.fresh_until

    @property
    def entries(self) -> int:
        return len(self._store)

    @property
    def capacity(self) -> int:
        return self._store.capacity

    @property
    def followers(self) -> int:
        """How many threads wait for somebody else's call."""
        return self._followers

    def _join(self, key: Key, local: Ranked, query: Query) -> Ranked:
        """Lead a call for the brief, or wait for the one under way."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None and self._followers >= self._bounds.followers:
                return replace(local, ranking=self._fallen_back(local.ranking, "overloaded"))
            if flight is not None:
                self._followers += 1
            else:
                mine = self._flights[key] = _Flight(local.ranking)
        if flight is None:
            self._begin(key, mine, spare=0)
            return self._taken(key, mine, local, query, local.cache if mine.landed.is_set() else "miss")
        try:
            return self._taken(key, flight, local, query, "miss")
        finally:
            with self._lock:
                self._followers -= 1

    def _taken(self, key: Key, flight: _Flight, local: Ranked, query: Query, cache: CacheResult) -> Ranked:
        """Return what a call brings, or the local order when it is late."""
        landed = self._wait(flight, query, self._bounds.wait_seconds)
        ranking = flight.ranking if landed else None
        return replace(local, ranking=ranking or self._late(key, flight, local.ranking), cache=cache)

    def _fly(self, key: Key, local: Ranking, spare: int) -> _Flight:
        """Return the flight of a brief, begun now if there is none."""
        with self._lock:
            under_way = self._flights.get(key)
            if under_way is not None:
                return under_way
            flight = self._flights[key] = _Flight(local)
        self._begin(key, flight, spare)
        return flight

    def _begin(self, key: Key, flight: _Flight, spare: int) -> None:
        candidates = partial(self._best, flight.local, CANDIDATES)
        self._ai.begin(key[1], candidates, partial(self._land, key, flight), spare=spare)

    def _wait(self, flight: _Flight, query: Query, seconds: float) -> bool:
        """Wait for a call; False when it is late or the service ends."""
        deadline = self._now() + seconds
        while not flight.landed.wait(max(0.0, min(_GLANCE_SECONDS, deadline - self._now()))):
            if query.gone():
                raise ClientGone("The client hung up while the AI ranked.")
            if self._now() >= deadline or self._draining():
                return False
        return True

    def _late(self, key: Key, flight: _Flight, local: Ranking) -> Ranking:
        """Return the local order, and have it answer the same brief for a while: the call goes on."""
        ranking = self._fallen_back(local, "timeout")
        with self._lock:
            if self._flights.get(key) is flight:
                self._keep(key, ranking, _AFTER_FAILURE_SECONDS)
        return ranking

    def _land(self, key: Key, flight: _Flight, result: Verdict | FallbackReason) -> None:
        """Keep what a call brought, and wake all who wait for it."""
        if isinstance(result, Verdict):
            proposals = self._proposals.newest(key[1], result.proposals)
            ranking = ordered_by_ai(flight.local, result, self._ranked_by, proposals)
        else:
            ranking = self._fallen_back(flight.local, result)
        with self._lock:
            flight.ranking = ranking
            if isinstance(result, Verdict):
                self._keep(key, ranking, self._bounds.ttl_seconds, self._bounds.stale_seconds)
            else:
                self._keep_fallback(key, ranking, FALLBACK_SECONDS.get(result, _AFTER_FAILURE_SECONDS))
            self._flights.pop(key, None)
        flight.landed.set()

    def _fallen_back(self, local: Ranking, reason: FallbackReason) -> Ranking:
        return fallen_back(local, reason, self._proposals.newest(local.brief))

    def _keep_fallback(self, key: Key, ranking: Ranking, seconds: float) -> None:
        entry, now = self._store.get(key), self._now()
        if entry is None or entry.ranking.method != "ai" or now >= entry.stale_until:
            self._keep(key, ranking, seconds)
        else:
            # An older order of the AI is better than none: it stays, and is renewed later.
            later = replace(entry, renewed_after=now + seconds)
            self._store.put(key, later, weight(key[1], entry.ranking))

    def _keep(self, key: Key, ranking: Ranking, fresh_seconds: float, stale_seconds: float = 0.0) -> None:
        if key[0] != self._version():
            return  # made of a catalogue that has been replaced meanwhile: nobody can ask for it again
        if key[0] != self._stored_version:
            self._store.clear()
            self._stored_version = key[0]
        fresh_until = self._now() + fresh_seconds
        entry = _Entry(ranking, fresh_until, fresh_until + stale_seconds)
        self._store.put(key, entry, weight(key[1], ranking))

    def _renew(self, key: Key, query: Query, proceed: Proceed) -> None:
        """Have a stale order made anew behind the answer."""
        with self._lock:
            if key in self._renewing or key in self._flights:
                return
            self._renewing.add(key)
        # Nobody waits for a renewal, so nobody can be gone.
        alone = Query(query.brief, query.max_results)

        def renew() -> None:
            try:
                self._fly(key, proceed(alone).ranking, spare=0)
            except Refused:
                return  # the stale entry stays, and the next request tries again
            finally:
                self._renewing.discard(key)

        taken = False
        try:
            taken = self._later(renew)
        finally:
            if not taken:
                self._renewing.discard(key)
