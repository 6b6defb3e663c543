"""The composition root: read this first. Everything is made here by hand, in the order in which a request walks.

``build`` returns a ``Service`` that is bound to its port and serves nobody yet; ``life.py`` starts, drains and ends it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from scheduler.runner import Runner
from service import door, endpoints, web
from service.alerting import postbox, tell
from service.blocks import Blocks, steady
from service.checkup import Checkup
from service.checkup import Sources as CheckupSources
from service.desk import desk, registry_of
from service.engine import Engine, engine
from service.forwarders import Forwarders
from service.gauges import gauges
from service.life import MetricsPort, Service
from service.messages import Request
from service.monitoring import stats
from service.observation import Observation, observation
from service.ranking.choice import Choice
from service.ranking.indexing import Indexer
from service.ranking.local import LocalRanker
from service.ranking.ranker import Ranker
from service.reading import BadSetting
from service.secret import Secrets
from service.server import Limits
from service.server import build as build_server
from service.settings import Settings
from service.sliding_window import SlidingWindow
from service.stages.drain import drain
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
    from service.company import Company
    from service.fleet.clients import SharedClients
    from service.fleet.wiring import Fleet
    from service.published.source import Source

AWAKE_BESIDE_SLOTS = 4


def build(settings: Settings, output: IO[Any] | None = sys.stdout, ranker: Ranker | None = None) -> Service:
    """Make every part and bind the port; the local ranker where none is given. Raises ``BadSetting`` or ``OSError``."""
    now, wall = time.monotonic, time.time
    # Parts that look at each other meet in lambdas: a name in one is looked up when it is called, not before.
    secrets = Secrets.of(settings)
    watching = observation(settings, secrets, output, now, wall, lambda change: tell(settings, watching, box, change))
    box = postbox(settings, watching)
    state = State(settings.state_path, wall, lambda text: watching.journal.event("warning", "state", detail=text))
    state.open()
    blocks = _blocks(settings, watching, state, lambda row: fleet.mirror.note(row) if fleet else None)
    window = SlidingWindow(*settings.rate_limit, clock=now)
    fleet = _fleet(settings, watching, window, blocks)
    company = _company(settings, watching, fleet)

    def late(request: Request) -> bool:
        return server.draining and request.environ.get(RECEIVED, 0.0) > server.drain_began

    parts = engine(
        settings,
        watching,
        ranker or _local_ranker(settings, lambda: indexer),
        state,
        secrets.ai_key,
        draining=late,
        ending=lambda: server.draining,
        later=lambda job: runner.submit(job, "renewal"),
        resting=lambda: server.task_dispatcher.resting(),
        fleet=fleet,
        company=company,
    )
    indexer = _indexer(settings, parts, watching) if ranker is None else None
    source = _source(settings, watching, state, parts, company, lambda: runner.run_now(WARMUP))
    runner = Runner(
        timers(
            *(settings, watching, parts, blocks, state, source),
            (lambda: call_in()) if company else None,
            lambda: readings,
            lambda: checkup(),
            fleet,
        ),
        watching.tally.job,
        lambda job, error: watching.journal.event("error", "job_failed", job=job, error=error),
    )
    readings = gauges(settings, watching, parts, blocks, window, runner, source, fleet, company)
    sources = stats.Sources(watching.service, watching.tally, watching.history, readings)
    call_in = company.caller(sources, parts, state, runner) if company else lambda: None
    registry = registry_of(watching, readings)
    metrics_port = MetricsPort(registry, settings.metrics_host, settings.metrics_port)
    forwarders = Forwarders(
        lambda peer: watching.journal.event("warning", "forwarded_ignored", peer=peer, hint="set TRUSTED_PROXIES")
    )
    checkup = Checkup(
        CheckupSources(
            gauges=readings,
            catalogue_damage=parts.shelf.trouble,
            published=source,
            disagreement=company.disagreement if company else None,
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
    book: Blocks | SharedClients = fleet.clients if fleet else blocks
    behind = desk(
        *(settings, watching, parts, book.lift, runner, readings, checkup, registry, sources, company),
        lambda: server.task_dispatcher.resting(),
    )
    wrong_tokens = WRONG_TOKENS_A_MINUTE if settings.blocking else WRONG_TOKENS_WITHOUT_BLOCKING
    check = gatekeeper(secrets.operator_token, book, now, wrong_tokens)
    limiter = fleet.clients if fleet else window
    front = door.front(settings, watching, book, limiter, operator(check), drain(late), forwarders, at_hand, behind)
    try:
        server = build_server(front, _limits(settings), door.doorman(settings, watching, check))
    except OSError:
        # A service that nobody will run must not leave its copy of the catalogue behind.
        if company is not None and fleet is not None:
            company.close()
            fleet.close()
        for part in (parts.shelf, state, watching.journal):
            part.close()
        raise
    return Service(
        *(settings, secrets, watching, state, parts, runner, indexer, box, metrics_port, server), fleet, company
    )


def _company(settings: Settings, watching: Observation, fleet: Fleet | None) -> Company | None:
    if fleet is None:
        return None
    from service.company import Company  # what needs the client of Redis is imported where there is one

    return Company(settings, watching, fleet.store)


def _source(
    settings: Settings,
    watching: Observation,
    state: State,
    parts: Engine,
    company: Company | None,
    warm: Callable[[], object],
) -> Source | None:
    if settings.catalogue_url is None:
        return None
    from service.publication import publication

    def replaced(version: str) -> None:
        # What is popular was ranked for the catalogue of before.
        parts.warming.warm_soon(warm)
        if company is not None:
            company.announce(version)

    return publication(settings, watching, state, parts.shelf, replaced)


def _local_ranker(settings: Settings, indexer: Callable[[], Indexer | None]) -> Ranker:
    text = LocalRanker()
    if settings.local_ranking == "text":
        return text
    return Choice(text, lambda version: found.ready(version) if (found := indexer()) else None)


def _indexer(settings: Settings, parts: Engine, watching: Observation) -> Indexer | None:
    if settings.local_ranking == "text":
        return None
    return Indexer(parts.shelf.borrow, settings.database_path, settings.synonyms_path, watching.journal.event)


def _limits(settings: Settings) -> Limits:
    return Limits(
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        # As many as hold slots, and some for what is answered without one.
        awake=settings.compute_slots + AWAKE_BESIDE_SLOTS,
        connection_limit=settings.connection_limit,
        client_connections=settings.client_connections,
        request_deadline_seconds=settings.request_deadline_seconds,
        drain_seconds=settings.drain_seconds,
    )


def _fleet(settings: Settings, watching: Observation, window: SlidingWindow, blocks: Blocks) -> Fleet | None:
    if settings.redis_url is None:
        return None
    try:
        from service.fleet.wiring import fleet  # and with it the client, which nobody else needs
    except ModuleNotFoundError as error:
        raise BadSetting("REDIS_URL", "***", f"unset, or requirements-fleet.txt installed ({error})") from None
    return fleet(settings, settings.redis_url, watching, window, blocks, _exempt(settings))


def _exempt(settings: Settings) -> Callable[[str], bool]:
    return lambda client: is_loopback(client) or is_within(client, settings.block_allow)


def _blocks(settings: Settings, watching: Observation, state: State, also_tell: Callable[[BlockRow], None]) -> Blocks:
    def tell(row: BlockRow) -> None:
        also_tell(row)
        watching.journal.event("warning", "blocked", client=row.client, until=row.until, reason=row.reason)

    # A wall clock that is set neither lets a client out nor keeps it in.
    clock = steady(watching.now, watching.wall)
    blocks = Blocks(
        settings.block_score, state, clock, enforce=settings.blocking, exempt=_exempt(settings), on_block=tell
    )
    blocks.load()
    return blocks
