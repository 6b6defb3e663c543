"""The rows of the scheduler's timetable: what this service does by itself, how often, and on which thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from scheduler import jobs
from scheduler.timetable import Job
from service import VERSION
from service.activating import Activating
from service.blocks import Blocks
from service.engine import Engine
from service.monitoring import vitals
from service.monitoring.alerts import Measurement
from service.monitoring.health import Check, Status
from service.monitoring.sources import Gauges
from service.monitoring.totals import Totals
from service.observation import Observation
from service.settings import Settings
from service.state import State

if TYPE_CHECKING:
    from service.company import Company
    from service.published.source import Source

SAMPLE_SECONDS = 5.0
CATALOGUE_SECONDS = 1.0
HEALTH_SECONDS = 300.0
CLEAN_SECONDS = 3600.0
KEEP_SECONDS = 300.0
PING_SECONDS = 20.0
PING_AFTER_SECONDS = 15.0
ERRANDS_SECONDS = 2.0
WARMUP = "warm_up"
FETCH = "fetch_catalogue"
FETCH_AFTER_SECONDS = 0.1
CALL_SECONDS = 2.0
ERRANDS = "activations"
PERIODS = {"sample": SAMPLE_SECONDS, "refresh_catalogue": 2.0, "health_check": HEALTH_SECONDS}
"""The jobs whose silence is a fault, and the seconds between their runs."""


class Noticed:
    """Tells for how long a value has been the same, by the clock of whoever looks at it now and then."""

    def __init__(self) -> None:
        self._value: object = None
        self._since = 0.0

    def seconds_ago(self, value: object, now: float) -> float:
        """Return the seconds since ``value`` was first seen."""
        if value != self._value:
            self._value, self._since = value, now
        return now - self._since


def timers(
    settings: Settings,
    watching: Observation,
    engine: Engine,
    blocks: Blocks,
    state: State,
    source: Source | None,
    company: Company | None,
    orders: Activating,
    call_in: Callable[[], object],
    gauges: Callable[[], Gauges],
    checkup: Callable[[], tuple[Status, Mapping[str, Check]]],
) -> list[Job]:
    """Return the timetable. ``gauges`` and ``checkup`` are called when the jobs run, not before."""
    warming_since, noticed = watching.wall(), Noticed()

    def measure(totals: Totals, now: float) -> dict[str, Measurement]:
        warmed = warming_since if totals.warmed_at is None else totals.warmed_at
        found = vitals.measure(
            watching.history,
            totals,
            gauges(),
            now,
            # Not what the wall clock says: once set forward, it would call every warm-up stale.
            epoch=warmed + noticed.seconds_ago(warmed, now),
            cpu_percent=watching.system.cpu_percent(),
            warming_since=warming_since,
        )
        engine.gate.take_peak()
        return found

    def catalogue_changed() -> None:
        snapshot = engine.shelf.current()
        watching.journal.event("info", "catalogue_loaded", version=snapshot.version, signals=snapshot.count)

    def reasons() -> tuple[str, dict[str, str]]:
        status, checks = checkup()
        return status, {name: check.detail for name, check in checks.items() if check.status != "healthy"}

    def health_changed(before: str | None, status: str, why: Mapping[str, str]) -> None:
        level = "info" if status == "healthy" else "warning"
        watching.journal.event(level, "health", status=status, before=before, reasons=dict(why))

    sample = jobs.sample(
        clock=watching.now,
        cut=watching.tally.cut,
        remember=watching.history.add,
        look=watching.system.sample,
        measure=measure,
        evaluate=watching.watch.evaluate,
    )
    refresh = jobs.refresh_catalogue(engine.shelf.refresh, catalogue_changed)
    clean = jobs.clean_state(
        {
            "blocks": blocks.clean,
            "proposals": state.forget_old_proposals,
            "activations": orders.clean,
            "idempotency_keys": orders.replay.clean,
        },
        lambda gone: watching.journal.event("info", "state_cleaned", **gone),
    )
    interval = float(settings.warm_interval_seconds)
    jitter = min(10, int(interval / 10))
    timetable = [
        Job("sample", SAMPLE_SECONDS, "sampling", sample),
        Job("refresh_catalogue", CATALOGUE_SECONDS, "catalogue", refresh, first_after=CATALOGUE_SECONDS),
        Job(WARMUP, interval, "remote", engine.warming.warmup.run, first_after=1.0, jitter=jitter),
        Job(ERRANDS, ERRANDS_SECONDS, "remote", orders.errands.run, first_after=1.0),
        Job("health_check", HEALTH_SECONDS, "work", jobs.health_check(reasons, health_changed), first_after=10.0),
        Job("keep_popular", KEEP_SECONDS, "work", engine.warming.remember, first_after=KEEP_SECONDS, jitter=10),
        Job("clean_state", CLEAN_SECONDS, "work", clean, first_after=60.0, jitter=60),
    ]
    if source is not None:
        every = float(settings.catalogue_refresh_seconds)
        shift = min(30, int(every / 10))
        timetable.append(Job(FETCH, every, "fetching", source.refresh, first_after=FETCH_AFTER_SECONDS, jitter=shift))
    if company is not None:
        timetable.append(Job("call_in", CALL_SECONDS, "fleet", call_in, first_after=FETCH_AFTER_SECONDS))
        timetable += company.fleet.jobs()
    if settings.base_url is not None:
        ping = jobs.ping(lambda: _ping(str(settings.base_url)))
        timetable.append(Job("ping", interval, "remote", ping, first_after=PING_AFTER_SECONDS, jitter=jitter))
    return timetable


def _ping(base_url: str) -> str:
    from service.outgoing import send  # httpx takes a tenth of the service's start

    headers = {"User-Agent": f"signals-agent/{VERSION} (keeps itself awake)"}
    return send("GET", f"{base_url.rstrip('/')}/health", seconds=PING_SECONDS, headers=headers).text
