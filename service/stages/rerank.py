"""First work stage where an AI ranks: its order if it comes in time, the local order at once if it cannot.

The walk behind this stage makes the local ranking; its best are the candidates. Whoever asks for what the AI is ranking
already waits for the same call. Nobody holds a slot while waiting, nobody waits longer than ``wait_seconds``, and what
comes later still fills the store. Every wait is counted: one leader a call, and a bounded number of followers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from service.ai.flights import Asked, Flight, Flights, Seat
from service.ai.kept import Found, Kept, Times
from service.ai.kept_proposals import Proposals
from service.ai.order import fallen_back
from service.errors import ClientGone, Refused
from service.messages import Brief, Query, Ranked, Ranking, Signal
from service.monitoring.totals import FALLBACK_REASONS
from service.paging import cut_from
from service.stages.admission import Resting
from service.stages.cache import Key, Proceed

_GLANCE_SECONDS = 0.25  # how often a waiter looks whether its client is still there, and the service goes on


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
        proposals: Proposals,
        version: Callable[[], str],
        later: Callable[[Callable[[], None]], bool],
        draining: Callable[[], bool],
        now: Callable[[], float],
        resting: Resting = nullcontext,
    ) -> None:
        self._resting = resting
        self._wait_seconds = bounds.wait_seconds
        self._call_seconds = bounds.call_seconds
        self._version = version
        self._later = later
        self._draining = draining
        self._now = now
        times = Times(bounds.ttl_seconds, bounds.stale_seconds)
        self._kept = Kept(bounds.entries, bounds.bytes, times, version, now)
        self._flights = Flights(ai, self._kept, proposals, ranked_by, best, bounds.followers)
        self._renewing: set[Key] = set()
        self._lock = threading.Lock()

    def __call__(self, query: Query, proceed: Proceed) -> Ranked:
        key = (self._version(), query.brief)
        if query.cursor is not None:
            begun = self._gone_on(key, query, query.cursor, proceed)
            if begun is not None:
                return begun
        found = self._kept.find(key)
        if found is not None:
            if found.due:
                self._renew(key, query, proceed)
            return Ranked(found.ranking, found.cache)
        local = proceed(query)
        return self._join(local, query, proceed) if local.ranking.rows else local

    def at_hand(self, query: Query) -> Ranked | None:
        """Return what is kept of a brief, if nothing needs to be computed, waited for or renewed for it."""
        if query.cursor is not None:
            return None
        found = self._kept.find((self._version(), query.brief))
        return None if found is None or found.due else Ranked(found.ranking, found.cache)

    def warm(self, query: Query, proceed: Proceed) -> Ranked:
        """Have the AI rank a brief anew, leaving one call to the clients, and wait as long as a call may take.

        The order of another instance is a ``hit``: nobody was asked for it here.
        """
        local = proceed(query)
        if not local.ranking.rows:
            return local
        key = _key_of(local.ranking)
        flight = self._flights.send(key, local.ranking, spare=1)
        landed = self._wait(key, flight, query, self._call_seconds)
        ranking = (flight.ranking if landed else None) or fallen_back(local.ranking, "timeout")
        return Ranked(ranking, "hit" if flight.shared else "miss", local.queue_wait)

    def expires_within(self, brief: Brief, seconds: float) -> bool:
        """Return whether the AI's order of a brief is missing, or will not be fresh any more after ``seconds``."""
        return self._kept.fresh_for((self._version(), brief)) <= seconds

    @property
    def entries(self) -> int:
        """How many orders of the AI are kept."""
        return len(self._kept)

    @property
    def capacity(self) -> int:
        return self._kept.capacity

    @property
    def followers(self) -> int:
        """How many threads wait for somebody else's call."""
        return self._flights.followers

    def _gone_on(self, key: Key, query: Query, cursor: str, proceed: Proceed) -> Ranked | None:
        """Return the ranking that a cursor was cut from: another would repeat signals and miss others."""
        for ranking in self._kept.orders(key):
            if cut_from(cursor, ranking):
                return Ranked(ranking, "hit")
        local = proceed(query)
        for ranking in (local.ranking, *(fallen_back(local.ranking, reason) for reason in FALLBACK_REASONS)):
            if cut_from(cursor, ranking):
                return replace(local, ranking=ranking)
        return None

    def _join(self, local: Ranked, query: Query, proceed: Proceed) -> Ranked:
        """Lead a call for the brief, or wait for the one under way."""
        key = _key_of(local.ranking)
        seat = self._flights.board(key, local.ranking)
        if isinstance(seat, Found):
            return replace(local, ranking=seat.ranking, cache=seat.cache)
        if not isinstance(seat, Seat):
            return replace(local, ranking=fallen_back(local.ranking, seat))
        try:
            # A call that was not made leaves the answer what it was.
            if not (seat.leads and seat.flight.landed.is_set()):
                local = replace(local, cache="miss")
            return self._taken(key, seat.flight, local, query, proceed)
        finally:
            self._flights.leave(seat)

    def _taken(self, key: Key, flight: Flight, local: Ranked, query: Query, proceed: Proceed) -> Ranked:
        """Return what a call brings, or the local order when it is late or for another catalogue than is served now."""
        landed = self._wait(key, flight, query, self._wait_seconds)
        if self._version() != key[0]:
            # Not asked again: the client has waited once already.
            local = proceed(query)
            return replace(local, ranking=fallen_back(local.ranking, "timeout")) if local.ranking.rows else local
        if landed and flight.ranking is not None:
            return replace(local, ranking=flight.ranking)
        ranking = fallen_back(local.ranking, "timeout")
        self._flights.late(key, flight, ranking)
        return replace(local, ranking=ranking)

    def _wait(self, key: Key, flight: Flight, query: Query, seconds: float) -> bool:
        """Wait for a call; False when it is late, the service ends, or its catalogue was replaced."""
        with self._resting():
            return self._landed(key, flight, query, self._now() + seconds)

    def _landed(self, key: Key, flight: Flight, query: Query, deadline: float) -> bool:
        while not flight.landed.wait(max(0.0, min(_GLANCE_SECONDS, deadline - self._now()))):
            if query.gone():
                raise ClientGone("The client hung up while the AI ranked.")
            if self._now() >= deadline or self._draining() or self._version() != key[0]:
                return False
        return True

    def _renew(self, key: Key, query: Query, proceed: Proceed) -> None:
        """Have a stale order made anew behind the answer."""
        with self._lock:
            if key in self._renewing or self._flights.under_way(key):
                return
            self._renewing.add(key)
        # Nobody waits for a renewal, so nobody can be gone.
        alone = Query(query.brief, query.max_results)

        def renew() -> None:
            try:
                local = proceed(alone).ranking
                if local.rows:
                    self._flights.send(_key_of(local), local)
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


def _key_of(ranking: Ranking) -> Key:
    # The version that was ranked, which may be newer than the one that was looked for.
    return ranking.catalogue_version, ranking.brief
