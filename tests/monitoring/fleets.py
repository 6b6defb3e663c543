"""Instances as the totals of a fleet see them: made by the real stats from real counters."""

from __future__ import annotations

from service.monitoring.cells import Durations
from service.monitoring.figures import Figures
from service.monitoring.history import History
from service.monitoring.sources import (
    AiState,
    CacheState,
    CatalogueState,
    ClientsState,
    Gauges,
    QueueState,
    ServiceState,
    SystemState,
)
from service.monitoring.stats import Sources, figures
from service.monitoring.tally import Tally


def histogram(seconds):
    durations = Durations()
    for one in seconds:
        durations.add(one)
    return durations.freeze()


def some_figures(
    instance, requests=0, errors=0, seconds=0.01, waits=(), hits=0, ai=(), cpu=None, version="v1", alerts=(), span=10.0
) -> Figures:
    """Return the figures of an instance that answered so many ``requests`` in ``span`` seconds."""
    tally = Tally(["/api/signals"])
    for number in range(requests):
        tally.begin()
        tally.finish("GET", "/api/signals", 500 if number < errors else 200, "miss", seconds)
        tally.rank("text", "timeout" if number % 2 else None)
    for _ in range(hits):
        tally.cache("hit")
    for _ in range(requests):
        tally.cache("miss")
    for one in waits:
        tally.wait(one)
    for outcome in ai:
        tally.ai(outcome, 1.0)
    gauges = Gauges(
        queue=lambda: QueueState(1, 100, 2, 2, 1),
        cache=lambda: CacheState(3, 10),
        clients=lambda: ClientsState(100, 60, 1, store="redis"),
        system=lambda: SystemState(cpu, 10.0, 1000, 500, 20, 30, "host"),
        catalogue=lambda: CatalogueState(5, version, 0.0, False),
        ai=lambda: AiState(bool(ai), "ready" if ai else "off", "one"),
        alerts=lambda: [{"name": name, "state": state} for name, state in alerts],
    )
    return figures(100.0 + span, Sources(ServiceState("s", "1", instance, 0.0, 100.0), tally, History(100.0), gauges))
