"""What instances share, put together: the store and what stands on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.timetable import Job
from service.blocks import Blocks
from service.fleet.clients import SharedClients
from service.fleet.faults import Fault
from service.fleet.inquiry import Inquiry
from service.fleet.lines import connector
from service.fleet.mirror import Mirror
from service.fleet.popular import Most, SharedPopular
from service.fleet.riding import Riding
from service.fleet.store import Store
from service.fleet.window import SharedWindow
from service.monitoring.logs import Journal
from service.monitoring.sources import StoreState
from service.observation import Observation
from service.reading import Rate
from service.redis_url import RedisUrl
from service.settings import Settings
from service.sliding_window import SlidingWindow

MIRROR_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """The parts that others look at."""

    store: Store
    clients: SharedClients
    mirror: Mirror
    riding: Riding
    inquiry: Inquiry

    def popular(self, otherwise: Most) -> SharedPopular:
        """Return the count of what is asked, of all instances; ``otherwise`` is this one's."""
        return SharedPopular(self.store, self.riding.asked, otherwise)

    def window(self, scope: str, rate: Rate, window: SlidingWindow) -> SharedWindow:
        """Return a window that all instances fill; ``window`` judges while Redis is down."""
        return SharedWindow(self.store, scope, rate, window)

    def jobs(self) -> list[Job]:
        """Return what is to be done now and then."""
        return [Job("mirror_blocks", MIRROR_SECONDS, "work", self.mirror, first_after=MIRROR_SECONDS)]

    def state(self) -> StoreState:
        """Return what the monitoring shows of the store."""
        store = self.store
        return StoreState(store.ok, store.failures, store.garbage)

    def close(self) -> None:
        self.store.close()


def fleet(
    settings: Settings,
    url: RedisUrl,
    watching: Observation,
    window: SlidingWindow,
    blocks: Blocks,
    exempt: Callable[[str], bool],
) -> Fleet:
    """Connect to Redis, or begin to try; ``window`` and ``blocks`` are this instance's own."""
    wait = settings.redis_wait_seconds
    store = Store(connector(url, wait), watching.now, teller(watching.journal), wait)
    riding = Riding(watching.now)
    clients = SharedClients(
        store,
        window,
        blocks,
        riding,
        settings.rate_limit,
        settings.block_score,
        enforce=settings.blocking,
        exempt=exempt,
    )
    store.open()
    inquiry = Inquiry(store, clients, watching.now, wait)
    return Fleet(store, clients, Mirror(store, clients, blocks), riding, inquiry)


def teller(journal: Journal) -> Callable[[bool, Fault | None], None]:
    """Return what writes a line for each change of the store."""

    def tell(ok: bool, fault: Fault | None) -> None:
        if ok:
            journal.event("info", "store_up", store="redis")
        else:
            journal.event("warning", "store_down", store="redis", fault=fault, limits="each instance by itself")

    return tell
