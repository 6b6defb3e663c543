"""First work stage: a brief is ranked once. Fresh answers at once, stale ones while they are renewed, one flight for
all who ask the same.

Whoever asks for what is being computed already becomes a follower; followers are bounded in number and in time, since
each holds a thread, and one client is at most half of them. A follower whose leader could not be served takes the lead
itself.
"""

from __future__ import annotations

import math
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from service.bounded import BoundedStore
from service.errors import ClientGone, Overloaded, Refused
from service.messages import Brief, Query, Ranked, Ranking
from service.stages.admission import Resting

_GLANCE_SECONDS = 0.25  # how often a follower looks whether its client is still there
_ENTRY_BYTES = 1200  # a ranking without its rows, its key and its share of the table

Key = tuple[str, Brief]
Proceed = Callable[[Query], Ranked]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how much: seconds, entries, bytes, and followers at once."""

    ttl_seconds: float
    stale_seconds: float
    entries: int
    bytes: int
    followers: int
    follow_seconds: float


@dataclass(slots=True)
class _Flight:
    begun: bool = True
    landed: threading.Event = field(default_factory=threading.Event)
    ranked: Ranked | None = None


class Cache:
    """The stage. ``version()`` is the catalogue's; ``later(job)`` runs a renewal on another thread, or says no.

    ``now`` is monotonic seconds; whoever waits does so inside ``resting()``.
    """

    def __init__(
        self,
        bounds: Bounds,
        version: Callable[[], str],
        later: Callable[[Callable[[], None]], bool],
        now: Callable[[], float],
        resting: Resting = nullcontext,
    ) -> None:
        self._bounds = bounds
        self._version = version
        self._later = later
        self._now = now
        self._resting = resting
        self._store: BoundedStore[Key, tuple[Ranking, float]] = BoundedStore(bounds.entries, bounds.bytes)
        self._stored_version = ""
        self._flights: dict[Key, _Flight] = {}
        self._followers = 0
        self._following: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, query: Query, proceed: Proceed) -> Ranked:
        version = self._version()
        key = (version, query.brief)
        found = self._store.get(key)
        if found is not None:
            ranking, made = found
            age = self._now() - made
            if age < self._bounds.ttl_seconds:
                return Ranked(ranking, "hit")
            if age < self._bounds.ttl_seconds + self._bounds.stale_seconds:
                self._renew(key, query, proceed)
                return Ranked(ranking, "stale")
        return self._fly(key, query, proceed, self._fresh)

    def at_hand(self, query: Query, may_compute: Callable[[Query], None]) -> Ranked | None:
        """Return what can be answered without computing, waiting or renewing anything; None where there is nothing.

        ``may_compute`` raises ``Refused`` if no new work is taken now; it is asked where the answer would be new work.
        """
        key = (self._version(), query.brief)
        found = self._store.get(key)
        age = self._now() - found[1] if found is not None else math.inf
        if found is not None and age < self._bounds.ttl_seconds:
            return Ranked(found[0], "hit")
        under_way = key in self._flights
        if found is not None and age < self._bounds.ttl_seconds + self._bounds.stale_seconds:
            return Ranked(found[0], "stale") if under_way else None
        if not under_way:
            may_compute(query)
        return None

    def warm(self, query: Query, proceed: Proceed) -> Ranked:
        """Compute a brief anew, whatever the store holds, and keep it."""
        return self._fly((self._version(), query.brief), query, proceed, lambda key: None)

    def expires_within(self, brief: Brief, seconds: float) -> bool:
        """Return whether a brief's ranking is missing, or will not be fresh any more after ``seconds``."""
        found = self._store.get((self._version(), brief))
        return found is None or self._now() - found[1] + seconds >= self._bounds.ttl_seconds

    @property
    def entries(self) -> int:
        return len(self._store)

    @property
    def followers(self) -> int:
        """How many threads wait for somebody else's flight."""
        return self._followers

    @property
    def capacity(self) -> int:
        return self._store.capacity

    def _fresh(self, key: Key) -> Ranked | None:
        found = self._store.get(key)
        if found is None or self._now() - found[1] >= self._bounds.ttl_seconds:
            return None
        return Ranked(found[0], "hit")

    def _fly(self, key: Key, query: Query, proceed: Proceed, landed: Callable[[Key], Ranked | None]) -> Ranked:
        """Lead a flight or follow one; ``landed`` finds what came in since the caller last looked."""
        deadline = self._now() + self._bounds.follow_seconds
        for _ in range(2):
            with self._lock:
                flight = self._flights.get(key)
                if flight is not None and not flight.begun:
                    flight = None  # a renewal that waits for its thread may wait for this very one
                if flight is None:
                    ranked = landed(key)
                    if ranked is not None:
                        return ranked
                    mine = self._flights[key] = _Flight()
                else:
                    self._enter(query.client)
            if flight is None:
                return self._lead(key, mine, query, proceed)
            with self._resting():
                ranked = self._follow(flight, query, deadline)
            if ranked is not None:
                return replace(ranked, cache="miss")
        raise Overloaded("This answer could not be computed in time.", retry_after=1)

    def _lead(self, key: Key, flight: _Flight, query: Query, proceed: Proceed) -> Ranked:
        try:
            ranked = proceed(query)
            self._keep(query.brief, ranked.ranking)
            flight.ranked = ranked
            return ranked
        finally:
            self._land(key, flight)

    def _land(self, key: Key, flight: _Flight) -> None:
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]
        flight.landed.set()

    def _enter(self, client: str) -> None:
        if self._followers >= self._bounds.followers:
            raise Overloaded("Too many requests wait for this answer.", retry_after=1)
        # Many may stand behind one address and want the same: half is much, but leaves as much to all others.
        if self._following[client] >= max(1, self._bounds.followers // 2):
            raise Overloaded("This client holds its share of those who may wait for an answer.", retry_after=1)
        self._followers += 1
        self._following[client] += 1

    def _leave(self, client: str) -> None:
        with self._lock:
            self._followers -= 1
            self._following[client] -= 1
            if not self._following[client]:
                del self._following[client]

    def _follow(self, flight: _Flight, query: Query, deadline: float) -> Ranked | None:
        """Wait for somebody else's flight; None when it failed and the caller may lead."""
        try:
            while not flight.landed.wait(max(0.0, min(_GLANCE_SECONDS, deadline - self._now()))):
                if query.gone():
                    raise ClientGone("The client hung up while it waited.")
                if self._now() >= deadline:
                    raise Overloaded("This answer is still being computed.", retry_after=1)
        finally:
            self._leave(query.client)
        return flight.ranked

    def _renew(self, key: Key, query: Query, proceed: Proceed) -> None:
        with self._lock:
            if key in self._flights or self._fresh(key) is not None:
                return
            flight = self._flights[key] = _Flight(begun=False)
        # Nobody waits for a renewal, so nobody can be gone.
        alone = Query(query.brief, query.max_results)

        def renew() -> None:
            with self._lock:
                if self._flights.get(key) is not flight:
                    return  # somebody who could not wait has led it meanwhile
                flight.begun = True
            try:
                self._lead(key, flight, alone, proceed)
            except Refused:
                return  # the stale entry stays, and the next request tries again

        taken = False
        try:
            taken = self._later(renew)
        finally:
            if not taken:
                self._land(key, flight)

    def _keep(self, brief: Brief, ranking: Ranking) -> None:
        version = ranking.catalogue_version
        if version != self._version():
            return  # made of a catalogue that has been replaced meanwhile: nobody can ask for it again
        with self._lock:
            if version != self._stored_version:
                self._store.clear()
                self._stored_version = version
            self._store.put((version, brief), (ranking, self._now()), weight(brief, ranking))


def weight(brief: Brief, ranking: Ranking) -> int:
    """Return about how many bytes an entry takes."""
    items = (*brief.platforms, *brief.countries, *brief.data_providers, *brief.kinds, *brief.agents, *ranking.near)
    texts = (brief.spec, *items, *ranking.reasons.values())
    return _ENTRY_BYTES + sum(sys.getsizeof(text) for text in texts) + len(ranking.rows) * 16
