"""What is known of a brief already: the AI's order of it, or that it is to be answered locally for a while.

Orders are fresh, then stale, and are kept apart from the fallbacks, so that no outage pushes them out. The order that
a renewal replaced stays beside it for those who are in the middle of its pages. Bounded in entries and bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from service.bounded import BoundedStore
from service.errors import Refused
from service.messages import Brief, CacheResult, Ranking
from service.stages.cache import Key, weight

_REASON_BYTES = 80  # a reason's share of its table, besides its text


@dataclass(frozen=True, slots=True)
class Times:
    """For how many seconds an order is fresh, and for how many more it is served stale."""

    ttl_seconds: float
    stale_seconds: float


class Found(NamedTuple):
    """A ranking that may be answered; ``due`` says that its renewal may be tried."""

    ranking: Ranking
    cache: CacheResult
    due: bool = False


@dataclass(frozen=True, slots=True)
class _Order:
    ranking: Ranking
    fresh_until: float
    stale_until: float
    renewed_after: float = 0.0
    before: Ranking | None = None


class Kept:
    """Keeps rankings by (catalogue version, brief). ``version()`` is the one served; ``now`` is monotonic seconds.

    Whoever keeps something holds a lock of their own; anybody may look at any time.
    """

    def __init__(
        self, entries: int, size: int, times: Times, version: Callable[[], str], now: Callable[[], float]
    ) -> None:
        self._times = times
        self._version = version
        self._now = now
        self._orders: BoundedStore[Key, _Order] = BoundedStore(entries, size - size // 4)
        self._fallbacks: BoundedStore[Key, tuple[Ranking, float]] = BoundedStore(entries, size // 4)
        self._of_version = ""

    def __len__(self) -> int:
        return len(self._orders)

    @property
    def capacity(self) -> int:
        return self._orders.capacity

    def find(self, key: Key) -> Found | None:
        """Return what may be answered now, the AI's order before a fallback."""
        now = self._now()
        order = self._orders.get(key)
        if order is not None and now < order.fresh_until:
            return Found(order.ranking, "hit")
        if order is not None and now < order.stale_until:
            return Found(order.ranking, "stale", now >= order.renewed_after)
        fallback = self._fallbacks.get(key)
        if fallback is not None and now < fallback[1]:
            return Found(fallback[0], "hit")
        return None

    def orders(self, key: Key) -> tuple[Ranking, ...]:
        """Return the AI's order of a brief and the one before it, however old, as far as they are kept."""
        order = self._orders.get(key)
        if order is None:
            return ()
        return (order.ranking,) if order.before is None else (order.ranking, order.before)

    def fresh_for(self, key: Key) -> float:
        """Return the seconds that the AI's order will be fresh; 0 without one."""
        order = self._orders.get(key)
        return 0.0 if order is None else max(order.fresh_until - self._now(), 0.0)

    def keep(self, key: Key, ranking: Ranking, age_seconds: float = 0.0) -> None:
        """Keep an order that the AI made so long ago."""
        if not self._is_served(key):
            return
        replaced = self._orders.get(key)
        before = replaced.ranking if replaced and replaced.ranking.fingerprint != ranking.fingerprint else None
        fresh_until = self._now() + max(self._times.ttl_seconds - age_seconds, 0.0)
        order = _Order(ranking, fresh_until, fresh_until + self._times.stale_seconds, before=before)
        self._orders.put(key, order, _weight(key[1], ranking) + (_weight(key[1], before) if before else 0))

    def fall_back(self, key: Key, ranking: Ranking, seconds: float) -> None:
        """Answer a brief locally for some seconds; an order that is served stale stays, and is not renewed so long."""
        if not self._is_served(key):
            return
        order, until = self._orders.get(key), self._now() + seconds
        if order is None or self._now() >= order.stale_until:
            self._fallbacks.put(key, (ranking, until), weight(key[1], ranking))
        else:
            size = sum(_weight(key[1], kept) for kept in self.orders(key))
            self._orders.put(key, replace(order, renewed_after=until), size)

    def _is_served(self, key: Key) -> bool:
        """Return whether the key is of the catalogue served now; what is of another goes with its first successor."""
        try:
            version = self._version()
        except Refused:
            return False  # none is served any more
        if version != key[0]:
            return False  # replaced meanwhile: nobody can ask for it again
        if version != self._of_version:
            self._orders.clear()
            self._fallbacks.clear()
            self._of_version = version
        return True


def _weight(brief: Brief, ranking: Ranking) -> int:
    return weight(brief, ranking) + len(ranking.reasons) * _REASON_BYTES
