"""Calls of the AI under way, one a brief, and those who wait for them.

Whoever asks for what is under way already follows; followers are bounded, since each holds a thread. What a call
brings is kept before its flight ends, under one lock, so that nobody begins another in between. A call that lands
wakes all who wait for it, whatever it brings.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from service.ai.kept import Found, Kept
from service.ai.kept_proposals import Proposals
from service.ai.order import CANDIDATES, fallen_back, ordered_by_ai
from service.messages import Brief, Ranking, Signal
from service.monitoring.totals import FallbackReason
from service.stages.cache import Key

if TYPE_CHECKING:
    from service.ai.verdict import Verdict

FALLBACK_SECONDS: dict[FallbackReason, float] = {"not_ready": 1.0, "overloaded": 1.0, "breaker_open": 5.0}
"""How long a brief is answered locally before the AI is asked for it again; 15 s after a call that failed."""
AFTER_FAILURE_SECONDS = 15.0


class Landed(Protocol):
    """Is told what came of a call, once; ``age_seconds`` if it was somebody else's, and how long ago."""

    def __call__(self, result: Verdict | FallbackReason, age_seconds: float | None = None) -> None: ...


class Asked(Protocol):
    """Who is asked: ``ai.calls.Calls``, or what stands before them."""

    def begin(
        self,
        brief: Brief,
        candidates: Callable[[], Sequence[Signal]],
        landed: Landed,
        *,
        spare: int = 0,
    ) -> bool: ...


@dataclass(slots=True, eq=False)
class Flight:
    """One call for a brief; ``ranking`` is there once it has ``landed``, ``late`` once somebody waited in vain.

    ``shared`` tells that the call was somebody else's.
    """

    local: Ranking
    landed: threading.Event = field(default_factory=threading.Event)
    ranking: Ranking | None = None
    late: bool = False
    shared: bool = False


class Seat(NamedTuple):
    """A place of one who waits for a flight: its leader's, or a follower's, which is to be given back."""

    flight: Flight
    leads: bool


class Flights:
    """Begins calls of ``ai``; ``best(ranking, count)`` reads the first signals of a ranking. Thread-safe."""

    def __init__(
        self,
        ai: Asked,
        kept: Kept,
        proposals: Proposals,
        ranked_by: str,
        best: Callable[[Ranking, int], Sequence[Signal]],
        followers: int,
    ) -> None:
        self._ai = ai
        self._kept = kept
        self._proposals = proposals
        self._ranked_by = ranked_by
        self._best = best
        self._most_followers = followers
        self._followers = 0
        self._flights: dict[Key, Flight] = {}
        self._lock = threading.Lock()

    @property
    def followers(self) -> int:
        """How many threads wait for somebody else's call."""
        return self._followers

    def under_way(self, key: Key) -> bool:
        return key in self._flights

    def board(self, key: Key, local: Ranking) -> Seat | Found | FallbackReason:
        """Lead a call for a brief, or follow the one under way; a reason where that is late or too many follow already.

        Returns what has come in since the caller looked for it, if anything has.
        """
        with self._lock:
            found = self._kept.find(key)
            if found is not None:
                return found
            flight = self._flights.get(key)
            if flight is not None:
                if flight.late:
                    self._kept.fall_back(key, fallen_back(local, "timeout"), AFTER_FAILURE_SECONDS)
                    return "timeout"
                if self._followers >= self._most_followers:
                    return "overloaded"
                self._followers += 1
                return Seat(flight, leads=False)
            flight = self._flights[key] = Flight(local)
        self._begin(key, flight, spare=0)
        return Seat(flight, leads=True)

    def leave(self, seat: Seat) -> None:
        """Give a place back."""
        if not seat.leads:
            with self._lock:
                self._followers -= 1

    def send(self, key: Key, local: Ranking, spare: int = 0) -> Flight:
        """Return the flight of a brief, begun now if there is none, whatever is kept of it."""
        with self._lock:
            under_way = self._flights.get(key)
            if under_way is not None:
                return under_way
            flight = self._flights[key] = Flight(local)
        self._begin(key, flight, spare)
        return flight

    def late(self, key: Key, flight: Flight, ranking: Ranking) -> None:
        """Have a local order answer the same brief at once until its flight lands."""
        with self._lock:
            if self._flights.get(key) is flight:
                flight.late = True
                self._kept.fall_back(key, ranking, AFTER_FAILURE_SECONDS)

    def _begin(self, key: Key, flight: Flight, spare: int) -> None:
        candidates = partial(self._best, flight.local, CANDIDATES)
        self._ai.begin(key[1], candidates, partial(self._land, key, flight, spare), spare=spare)

    def _land(
        self,
        key: Key,
        flight: Flight,
        spare: int,
        result: Verdict | FallbackReason,
        age_seconds: float | None = None,
    ) -> None:
        flight.shared = age_seconds is not None
        try:
            if isinstance(result, str):
                flight.ranking = fallen_back(flight.local, result)
            else:
                self._proposals.keep(key[1], result.proposals)
                flight.ranking = ordered_by_ai(flight.local, result, self._ranked_by)
        finally:
            with self._lock:
                if flight.ranking is not None:
                    self._keep(key, flight.ranking, result, spare, age_seconds or 0.0)
                self._flights.pop(key, None)
            flight.landed.set()

    def _keep(
        self, key: Key, ranking: Ranking, result: Verdict | FallbackReason, spare: int, age_seconds: float
    ) -> None:
        if not isinstance(result, str):
            self._kept.keep(key, ranking, age_seconds)
        elif not (spare and result == "overloaded"):  # a warm-up that found no place to spare keeps no client from it
            self._kept.fall_back(key, ranking, FALLBACK_SECONDS.get(result, AFTER_FAILURE_SECONDS))
