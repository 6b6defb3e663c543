"""What can be read off the running parts, for stats, metrics, alerts and health alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.runner import Runner
from service.blocks import Blocks
from service.engine import Engine
from service.errors import Unavailable
from service.monitoring.sources import (
    AiState,
    CacheState,
    CatalogueState,
    ClientsState,
    Gauges,
    JobState,
    QueueState,
    no_fetches,
    no_shared_orders,
)
from service.observation import Observation
from service.settings import Settings
from service.sliding_window import SlidingWindow

if TYPE_CHECKING:
    from service.company import Company
    from service.fleet.wiring import Fleet
    from service.published.source import Source

TOP_CLIENTS = 10


def gauges(
    settings: Settings,
    watching: Observation,
    engine: Engine,
    blocks: Blocks,
    limiter: SlidingWindow,
    runner: Runner,
    source: Source | None,
    fleet: Fleet | None = None,
    company: Company | None = None,
) -> Gauges:
    """Return the gauges over the running parts."""
    gate, cache = engine.gate, engine.cache

    def clients() -> ClientsState:
        rate = settings.rate_limit
        blocked = [(row.client, row.until, row.reason) for row in blocks.current()]
        store, ok = ("redis", fleet.store.ok) if fleet else ("memory", True)
        top = limiter.top(TOP_CLIENTS)
        return ClientsState(rate.requests, rate.seconds, limiter.tracked(), top, blocked, store, ok)

    def cache_state() -> CacheState:
        ranked = engine.ai.stage if engine.ai else None
        entries, capacity = (ranked.entries, ranked.capacity) if ranked else (0, 0)
        return CacheState(cache.entries + entries, cache.capacity + capacity)

    def catalogue() -> CatalogueState:
        try:
            snapshot = engine.shelf.current()
        except Unavailable:
            return CatalogueState()
        return CatalogueState(snapshot.count, snapshot.version, snapshot.loaded_at.timestamp(), snapshot.sample)

    def jobs() -> list[JobState]:
        return [
            JobState(
                job.id,
                job.next_run_at,
                job.last_run_at,
                job.last_outcome,
                job.last_duration_seconds,
                job.runs,
                job.failures,
            )
            for job in runner.states()
        ]

    def ai() -> AiState:
        if engine.ai is None:
            return AiState()
        calls = engine.ai.calls
        return AiState(True, calls.phase(), calls.provider.model, calls.loading_seconds())

    return Gauges(
        queue=lambda: QueueState(gate.depth, gate.room, gate.peak(), gate.slots, gate.busy),
        cache=cache_state,
        clients=clients,
        system=watching.system.state,
        catalogue=catalogue,
        jobs=jobs,
        warmup=engine.warming.warmup.state,
        ai=ai,
        alerts=watching.watch.document,
        transitions=watching.watch.transitions,
        log_lines_dropped=lambda: watching.journal.dropped,
        fetches=source.counts if source else no_fetches,
        shared_orders=company.order_counts if company else no_shared_orders,
        warm_interval_seconds=float(settings.warm_interval_seconds),
        store=lambda: fleet.state() if fleet else None,
    )
