"""What can be read off the running parts, for stats, metrics, alerts and health alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.runner import Runner
from service.activating import Activating
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

if TYPE_CHECKING:
    from service.gatehouse import Gatehouse
    from service.published.source import Source

TOP_CLIENTS = 10
TOP_KEYS = 50


def gauges(
    settings: Settings,
    watching: Observation,
    engine: Engine,
    house: Gatehouse,
    orders: Activating,
    runner: Runner,
    source: Source | None,
) -> Gauges:
    """Return the gauges over the running parts."""
    gate, cache, company = engine.gate, engine.cache, house.company
    blocks, limiter, key_limits = house.blocks, house.window, house.key_limits

    def clients() -> ClientsState:
        rate = settings.rate_limit
        blocked = [(row.client, row.until, row.reason) for row in blocks.current()]
        store, ok = ("redis", company.fleet.store.ok) if company else ("memory", True)
        top, keys = limiter.top(TOP_CLIENTS), key_limits.top(TOP_KEYS)
        return ClientsState(rate.requests, rate.seconds, limiter.tracked(), top, blocked, store, ok, keys)

    def cache_state() -> CacheState:
        ranked = engine.ai.stage if engine.ai else None
        entries, capacity = (ranked.entries, ranked.capacity) if ranked else (0, 0)
        return CacheState(cache.entries + entries, cache.capacity + capacity)

    def catalogue() -> CatalogueState:
        try:
            snapshot = engine.shelf.current()
        except Unavailable:
            return CatalogueState()
        loaded_at = snapshot.loaded_at.timestamp()
        return CatalogueState(snapshot.count, snapshot.version, loaded_at, snapshot.sample, snapshot.private)

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
        activations=orders.state,
        log_lines_dropped=lambda: watching.journal.dropped,
        fetches=source.counts if source else no_fetches,
        shared_orders=company.order_counts if company else no_shared_orders,
        warm_interval_seconds=float(settings.warm_interval_seconds),
        store=lambda: company.fleet.state() if company else None,
    )
