"""How the service is: gathers what the health checks look at, and judges it with ``monitoring.health``.

``web`` asks for each ``/api/monitoring/health``, a job every few minutes so that a change is logged with nobody asking.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from service.monitoring import health
from service.monitoring.health import Check, Since, Status, Verdict
from service.monitoring.sources import Gauges


class Published(Protocol):
    """Where the catalogue comes from: ``published.source.Source``."""

    @property
    def looked(self) -> bool: ...
    def trouble(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Callables over the running parts; ``silences`` gives (seconds silent, period) by job."""

    gauges: Gauges
    catalogue_damage: Callable[[], str | None]
    published: Published | None
    disagreement: Callable[[], str | None] | None
    dispatch_delay: Callable[[], float]
    draining: Callable[[], bool]
    firing: Callable[[], list[str]]
    silences: Callable[[], Mapping[str, tuple[float, float]]]
    state_damage: Callable[[], str | None]
    disk: Path
    proxies_trusted: bool
    forwarders: Callable[[], int]
    metrics_port: int
    metrics_fault: Callable[[], str | None]


class Checkup:
    """Judges the parts; remembers since when each check is as it is. ``wall_clock`` is Unix seconds."""

    def __init__(self, sources: Sources, wall_clock: Callable[[], float]) -> None:
        self._sources = sources
        self._wall_clock = wall_clock
        self._since = Since()

    def __call__(self) -> tuple[Status, dict[str, Check]]:
        """Return the status of the whole and every check by name."""
        checks = self._since.stamp(self._verdicts(), self._wall_clock())
        return health.assess(checks), checks

    def _verdicts(self) -> dict[str, Verdict]:
        sources, gauges = self._sources, self._sources.gauges
        ai, clients = gauges.ai(), gauges.clients()
        published = sources.published
        looked, trouble = (published.looked, published.trouble()) if published else (False, None)
        return {
            "catalogue": health.catalogue(gauges.catalogue().signals, sources.catalogue_damage()),
            "catalogue_source": health.catalogue_source(published is not None, looked, trouble),
            "catalogue_fleet": health.catalogue_fleet(sources.disagreement is not None, self._disagreement()),
            "dispatch": health.dispatch(sources.dispatch_delay()),
            "draining": health.draining(sources.draining()),
            "alerts": health.alerts(sources.firing()),
            "ai": health.ai(ai.enabled, ai.state, ai.loading_seconds),
            "client_store": health.client_store(clients.store, clients.store_ok),
            "scheduler": health.scheduler(sources.silences()),
            "state": health.state(sources.state_damage()),
            "disk": health.disk(_free_bytes(sources.disk)),
            "proxies": health.proxies(sources.proxies_trusted, sources.forwarders()),
            "metrics_port": health.metrics_port(sources.metrics_port, sources.metrics_fault()),
        }

    def _disagreement(self) -> str | None:
        return self._sources.disagreement() if self._sources.disagreement else None


def _free_bytes(path: Path) -> int | None:
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None
