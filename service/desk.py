"""What operators and the curious get: the handlers of everything that is not a signal, over the running parts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from scheduler.runner import Runner
from service import VERSION, endpoints, web
from service.adagents import AdAgents, agent_url_of
from service.catalogue.importing import ImportReport
from service.catalogue.rows import open_text, read_rows
from service.engine import Engine
from service.monitoring import stats
from service.monitoring.health import Check, Status
from service.monitoring.sources import Gauges
from service.monitoring.together import document
from service.observation import Observation
from service.routes import ROUTES
from service.settings import Settings
from service.stages.admission import Resting
from service.timers import WARMUP

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from service.company import Company

PACKAGES = (
    "waitress",
    "bottle",
    "structlog",
    "prometheus-client",
    "apscheduler",
    "psutil",
    "httpx",
    "google-generativeai",
    "numpy",
    "rapidfuzz",
    "redis",
    "rfc8785",
)


def desk(
    settings: Settings,
    watching: Observation,
    parts: Engine,
    lift_block: Callable[[str], bool],
    runner: Runner,
    readings: Gauges,
    checkup: Callable[[], tuple[Status, Mapping[str, Check]]],
    registry: Callable[[], CollectorRegistry],
    sources: stats.Sources,
    company: Company | None,
    resting: Resting,
) -> dict[str, web.Handler]:
    """Return the handlers by the names of their routes."""
    warm = endpoints.warm(parts.warming.warmup, lambda: runner.run_now(WARMUP), resting)

    def uptime() -> float:
        return watching.now() - watching.service.started

    def publish(upload: web.Upload, replace: bool, skip_bad: bool) -> ImportReport:
        with open_text(upload.stream) as text:
            report = parts.shelf.publish(read_rows(text, upload.format), replace=replace, skip_bad=skip_bad)
        if report.written:
            counts = {name: getattr(report, name) for name in ("inserted", "updated", "removed", "bad_count")}
            watching.journal.event("info", "catalogue_imported", version=report.version, **counts)
        return report

    own = AdAgents(parts.shelf.borrow, agent_url_of(settings.base_url, frozenset(route.endpoint for route in ROUTES)))
    return {
        "adagents": own,
        "health": endpoints.health_report(checkup, readings.system, readings.queue, uptime, VERSION),
        "metrics": endpoints.metrics(lambda accept: _render(registry(), accept)),
        "stats": endpoints.stats(
            lambda: stats.figures(watching.now(), sources), company.stats if company else lambda own: document([own])
        ),
        "warmup": warm,
        "warmup_get": warm,
        "lift_block": endpoints.lift_block(lift_block),
        "debug": endpoints.document(lambda: _debug(settings, watching, parts, readings)),
        "publish": endpoints.publish(web.uploaded, publish, lambda: uploads_elsewhere(settings)),
        "openapi": endpoints.constant(_openapi),
        "index": endpoints.index(ROUTES, VERSION),
    }


def uploads_elsewhere(settings: Settings) -> str | None:
    """Return how a catalogue is published where none can be posted, None where it can."""
    if settings.catalogue_url is None and settings.redis_url is None:
        return None
    if settings.catalogue_url is None:
        return (
            "What is posted here would change one of several instances: set CATALOGUE_URL for all of them and publish "
            "the file there, or run `python -m service.catalogue import` beside each."
        )
    seconds = settings.catalogue_refresh_seconds
    return f"The catalogue is read from CATALOGUE_URL: publish the file there; it is looked for every {seconds} s."


def registry_of(watching: Observation, readings: Gauges) -> Callable[[], CollectorRegistry]:
    """Return a function that makes the metrics registry when it is first asked for."""

    @cache
    def registry() -> CollectorRegistry:
        from service.monitoring.metrics import make_registry  # slow to import, and first asked for by a scrape

        return make_registry(watching.service, watching.tally, readings)

    return registry


def _render(registry: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    from service.monitoring.metrics import render

    return render(registry, accept)


def _openapi() -> dict[str, Any]:
    from service.openapi.document import openapi_document  # asked for rarely

    return openapi_document(ROUTES, VERSION)


def _debug(settings: Settings, watching: Observation, parts: Engine, readings: Gauges) -> dict[str, Any]:
    """Return what is in force here: settings with secrets masked, versions, the catalogue."""
    import platform  # slow to import, both, and asked for rarely
    from importlib.metadata import PackageNotFoundError, version

    def installed(package: str) -> str | None:
        try:
            return version(package)
        except PackageNotFoundError:
            return None

    return {
        "settings": settings.masked(),
        "versions": {
            "signals-agent": VERSION,
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            **{package: installed(package) for package in PACKAGES},
        },
        "catalogue": {
            "path": str(settings.database_path.absolute()),
            "trouble": parts.shelf.trouble(),
            "signals": readings.catalogue().signals,
            "version": readings.catalogue().version,
        },
        "threads": settings.threads,
        "slots": settings.compute_slots,
        "log_lines_dropped": watching.journal.dropped,
    }
