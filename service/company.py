"""The other instances, as the parts of this one meet them: shared orders of the AI, turns, the roll.

Imported only where a ``REDIS_URL`` is set. Whatever becomes of Redis, each part then does as if it were alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from service import VERSION
from service.fleet.catalogues import Announcements, disagreement
from service.fleet.flight import Desk
from service.fleet.lease import Lease
from service.fleet.question import SEEN, Times
from service.fleet.roll import Roll
from service.fleet.together import DailyCount
from service.fleet.wiring import Fleet
from service.monitoring import together
from service.monitoring.figures import Figures
from service.observation import Observation
from service.paging import Pager
from service.settings import Settings

if TYPE_CHECKING:
    from service.ai.flights import Asked
    from service.fleet.orders import SharedOrders

_SLACK_SECONDS = 20.0
FETCH_GRACE_SECONDS = 30.0
"""For how long instances that fetch the same file may be at different versions of it before health says so."""


class Company:
    """Everybody behind one store, with what the ``fleet`` counts together; ``settings`` are those of this instance."""

    def __init__(self, settings: Settings, watching: Observation, fleet: Fleet) -> None:
        self.fleet = fleet
        self._settings = settings
        self._watching = watching
        self._store = store = fleet.store
        self._roll = Roll(store, settings.instance_id)
        self._orders: SharedOrders | None = None
        self._announcements = Announcements()
        self._catalogues: Mapping[str, str] = {}
        self._agreed_at = watching.now()
        self.warm_calls = DailyCount(store, "warm-calls")
        # No brief takes longer than its call.
        self.warmup_turn = Lease(store, "warm-up", settings.ai_timeout_seconds + _SLACK_SECONDS)

    def orders(self, settings: Settings, calls: Asked, ranked_by: str) -> Asked:
        """Return what stands before the calls of the AI, so that no question is asked twice."""
        from service.fleet.orders import SharedOrders  # and with it the patterns by which answers are read

        warm = settings.warm_interval_seconds * 1.1 + _SLACK_SECONDS
        times = Times(settings.ai_cache_ttl_seconds, warm, settings.ai_timeout_seconds)
        # Another version of this service may ask in other words.
        decides = f"{VERSION} {ranked_by} {settings.ai_proposals}"
        self._orders = SharedOrders(
            calls,
            Desk(self._store, secrets.token_hex(8).encode()),
            decides,
            times,
            self._watching.now,
            lambda words: self._watching.journal.event("error", "fleet", detail=words),
        )
        return self._orders

    def call_in(
        self,
        figures: Callable[[], Figures],
        served: Callable[[], str | None],
        pager: Pager,
        keep_key: Callable[[bytes], object],
        fetch: Callable[[], object],
    ) -> None:
        """Tell the others how this instance is, and act on what they say: the job that runs every two seconds."""
        content = served() or ""
        known = self._roll.call(figures().packed(), content, pager.key)
        if known is None:
            self._catalogues = {}
            return
        self._catalogues = known.catalogues
        if known.cursor_key != pager.key:
            pager.adopt(known.cursor_key)
            keep_key(known.cursor_key)
        if disagreement(known.catalogues) is None:
            self._agreed_at = self._watching.now()
        if self._announcements.due(known.announced, content, self._watching.now()):
            fetch()

    def announce(self, version: str) -> None:
        """Tell all that this instance serves a new catalogue."""
        self._roll.announce(version)

    def disagreement(self) -> str | None:
        """Return how the instances differ by their catalogues, or None; what is being fetched has some time to be."""
        lasted = self._watching.now() - self._agreed_at
        if self._settings.catalogue_url and lasted < FETCH_GRACE_SECONDS:
            return None
        return disagreement(self._catalogues)

    def stats(self, own: Figures) -> dict[str, Any]:
        """Return the stats of all instances and their totals; of others as they were two seconds ago at most."""
        others, bad = together.readable(self._roll.figures())
        self._store.pass_over(bad)
        name = self._settings.instance_id
        return together.document([own, *(one for who, one in sorted(others.items()) if who != name)])

    def order_counts(self) -> Mapping[str, int]:
        """Return how often questions to the AI met each state in the fleet."""
        return self._orders.counts() if self._orders else dict.fromkeys(SEEN, 0)

    def close(self) -> None:
        """Leave the others."""
        if self._orders is not None:
            self._orders.close()
        self.warmup_turn.give_back()
        self._roll.leave()
        self.fleet.close()
