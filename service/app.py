"""The composition root: read this first. Everything is made here by hand, in the order in which a request walks.

``build`` returns a ``Service`` that is bound to its port and serves nobody yet; ``life.py`` starts, drains and ends it.
"""

from __future__ import annotations

import platform
import sqlite3
import sys
import time
from functools import cache
from typing import IO, TYPE_CHECKING, Any

from scheduler.runner import Runner
from service import VERSION, door, endpoints, web
from service.blocks import Blocks
from service.catalogue.importing import ImportReport
from service.catalogue.rows import open_text, read_rows
from service.catalogue.shelf import Shelf
from service.checkup import Checkup
from service.checkup import Sources as CheckupSources
from service.engine import Engine, engine
from service.forwarders import Forwarders
from service.gauges import gauges
from service.life import MetricsPort, Service
from service.monitoring import stats
from service.monitoring.sources import Gauges
from service.monitoring.watch import Transition
from service.observation import Observation, observation
from service.operator_token import OperatorToken
from service.ranking.local import LocalRanker
from service.ranking.ranker import Ranker
from service.routes import ROUTES
from service.server import Limits
from service.server import build as build_server
from service.settings import Settings
from service.sliding_window import SlidingWindow
from service.stages.identify import is_loopback, is_within
from service.stages.operator import (
    WRONG_TOKENS_A_MINUTE,
    WRONG_TOKENS_WITHOUT_BLOCKING,
    gatekeeper,
    operator,
)
from service.state import BlockRow, State
from service.timers import PERIODS, WARMUP, timers
from service.wire.tasks import RECEIVED

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

PACKAGES = ("waitress", "bottle", "structlog", "prometheus-client", "apscheduler", "psutil", "httpx")


def build(settings: Settings, output: IO[Any] = sys.stdout, ranker: Ranker | None = None) -> Service:
    """Make every part and bind the port; the local ranker where none is given. Raises ``BadSetting`` or ``OSError``."""
    now, wall = time.monotonic, time.time
    # Parts that look at each other meet in lambdas: a name in one is looked up when it is called, not before.
    token = OperatorToken(settings.operator_token, settings.operator_token_file)
    watching = observation(settings, token, output, now, wall, lambda change: _tell(settings, watching, runner, change))
    state = State(settings.state_path, wall, lambda text: watching.journal.event("warning", "state", detail=text))
    state.open()
    blocks = _blocks(settings, watching, state)
    limiter = SlidingWindow(*settings.rate_limit, clock=now)
    parts = engine(
        settings,
        watching,
        ranker or LocalRanker(),
        state.secret("cursor"),
        draining=lambda request: server.draining and request.environ.get(RECEIVED, 0.0) > server.drain_began,
        later=lambda job: runner.submit(job, "renewal"),
    )
    runner = Runner(
        timers(settings, watching, parts, blocks, lambda: readings, lambda: checkup()),
        watching.tally.job,
        lambda job, error: watching.journal.event("error", "job_failed", job=job, error=error),
    )
    readings = gauges(settings, watching, parts, blocks, limiter, runner)

    @cache
    def registry() -> CollectorRegistry:
        from service.monitoring.metrics import make_registry  # slow to import, and first asked for by a scrape

        return make_registry(watching.service, watching.tally, readings)

    metrics_port = MetricsPort(registry, settings.metrics_host, settings.metrics_port)
    forwarders = Forwarders(
        lambda peer: watching.journal.event("warning", "forwarded_ignored", peer=peer, hint="set TRUSTED_PROXIES")
    )
    checkup = Checkup(
        CheckupSources(
            gauges=readings,
            catalogue_damage=lambda: _damage(parts.shelf),
            dispatch_delay=lambda: server.dispatch_delay(),
            draining=lambda: server.draining,
            firing=watching.watch.firing,
            silences=lambda: {job: (runner.silent_for(job), period) for job, period in PERIODS.items()},
            state_damage=state.status,
            disk=settings.database_path.absolute().parent,
            proxies_trusted=settings.trusted_proxies != 0,
            forwarders=forwarders.count,
            metrics_port=settings.metrics_port,
            metrics_fault=lambda: metrics_port.fault,
        ),
        wall,
    )
    at_hand: dict[str, web.Handler] = {
        "search": lambda request, _: parts.signals.search(request),
        "search_json": lambda request, _: parts.signals.search(request),
        "signal": parts.signals.signal,
        "alive": endpoints.alive,
    }
    instance = ("X-Instance-ID", settings.instance_id)
    behind = {
        name: endpoints.with_header(handler, instance)
        for name, handler in {
            "health": endpoints.health_report(
                checkup, readings.system, readings.queue, lambda: now() - watching.service.started, VERSION
            ),
            "metrics": endpoints.metrics(lambda accept: _render(registry(), accept)),
            "stats": endpoints.document(lambda: stats.build(now(), _sources(watching, readings))),
            "warmup": endpoints.warm(parts.warmup, lambda: runner.run_now(WARMUP)),
            "warmup_get": endpoints.warm(parts.warmup, lambda: runner.run_now(WARMUP)),
            "lift_block": endpoints.lift_block(blocks.lift),
            "debug": endpoints.document(lambda: _debug(settings, watching, parts, readings)),
        }.items()
    }
    behind |= {
        "publish": endpoints.publish(web.uploaded, lambda upload, replace, skip: _import(parts, upload, replace, skip)),
        "openapi": endpoints.constant(_openapi),
        "index": endpoints.index(ROUTES, VERSION),
    }
    wrong_tokens = WRONG_TOKENS_A_MINUTE if settings.blocking else WRONG_TOKENS_WITHOUT_BLOCKING
    check = gatekeeper(token, blocks, now, wrong_tokens)
    front = door.front(settings, watching, blocks, limiter, operator(check), forwarders, at_hand, behind)
    try:
        server = build_server(front, _limits(settings), door.doorman(settings, watching, check))
    except OSError:
        # A service that nobody will run must not leave its copy of the catalogue behind.
        for part in (parts.shelf, state, watching.journal):
            part.close()
        raise
    return Service(settings, token, watching, state, parts, runner, metrics_port, server)


def _openapi() -> dict[str, Any]:
    from service.openapi.document import openapi_document  # asked for rarely

    return openapi_document(ROUTES, VERSION)


def _render(registry: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    from service.monitoring.metrics import render

    return render(registry, accept)


def _limits(settings: Settings) -> Limits:
    return Limits(
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        connection_limit=settings.connection_limit,
        client_connections=settings.client_connections,
        request_deadline_seconds=settings.request_deadline_seconds,
        drain_seconds=settings.drain_seconds,
    )


def _blocks(settings: Settings, watching: Observation, state: State) -> Blocks:
    def exempt(client: str) -> bool:
        return is_loopback(client) or is_within(client, settings.block_allow)

    def tell(row: BlockRow) -> None:
        watching.journal.event("warning", "blocked", client=row.client, until=row.until, reason=row.reason)

    blocks = Blocks(settings.block_score, state, watching.wall, enforce=settings.blocking, exempt=exempt, on_block=tell)
    blocks.load()
    return blocks


def _tell(settings: Settings, watching: Observation, runner: Runner, change: Transition) -> None:
    """Log a change of an alert, and have the webhook told of the notable ones."""
    level = "warning" if change.state in ("firing", "pending", "warning") else "info"
    watching.journal.event(level, "alert", **{("alert" if k == "name" else k): v for k, v in change.document().items()})
    rule, url = watching.watch.rule(change.name), settings.alert_webhook_url
    if url is None or rule is None or not change.notable:
        return

    def post() -> None:
        # Here, not above: httpx takes a tenth of the service's start, and few set a webhook.
        from service.monitoring.webhook import post_alert

        outcome = post_alert(url, change, rule, instance=settings.instance_id)
        if outcome != "ok":
            watching.journal.event("warning", "webhook", alert=change.name, outcome=outcome)

    runner.submit(post, "webhook")


def _damage(shelf: Shelf) -> str | None:
    status = shelf.status()
    return None if status.ok else status.detail


def _sources(watching: Observation, readings: Gauges) -> stats.Sources:
    return stats.Sources(watching.service, watching.tally, watching.history, readings)


def _import(parts: Engine, upload: web.Upload, replace: bool, skip_bad: bool) -> ImportReport:
    with open_text(upload.stream) as text:
        return parts.shelf.publish(read_rows(text, upload.format), replace=replace, skip_bad=skip_bad)


def _debug(settings: Settings, watching: Observation, parts: Engine, readings: Gauges) -> dict[str, Any]:
    """Return what is in force here: settings with secrets masked, versions, the catalogue."""
    from importlib.metadata import version  # slow to import, and asked for rarely

    return {
        "settings": settings.masked(),
        "versions": {
            "signals-agent": VERSION,
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            **{package: version(package) for package in PACKAGES},
        },
        "catalogue": {
            "path": str(settings.database_path.absolute()),
            "trouble": _damage(parts.shelf),
            "signals": readings.catalogue().signals,
            "version": readings.catalogue().version,
        },
        "threads": settings.threads,
        "slots": settings.compute_slots,
        "log_lines_dropped": watching.journal.dropped,
    }
