"""The composition root: read this first. Everything is made here by hand, in the order in which a request walks.

``build`` returns a ``Service`` that is bound to its port and serves nobody yet; ``life.py`` starts, drains and ends it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Any

from scheduler.runner import Runner
from service import door, endpoints, web
from service.activating import activating, targets_in_force
from service.agent import CLOSED_TOOLS, OPEN_TOOLS, agent
from service.alerting import postbox, tell
from service.checkup import Checkup
from service.checkup import Sources as CheckupSources
from service.desk import desk, registry_of
from service.engine import Engine, engine
from service.forwarders import Forwarders
from service.gatehouse import gatehouse
from service.gauges import gauges
from service.life import MetricsPort, Service
from service.mcp.guard import KeyRule, guard
from service.messages import Request
from service.monitoring import stats
from service.observation import Observation, observation
from service.ranking.choice import Choice
from service.ranking.indexing import Indexer
from service.ranking.local import LocalRanker
from service.ranking.ranker import Ranker
from service.ranking.viewing import Viewing
from service.roll_call import roll_call
from service.secret import Secrets
from service.server import Limits
from service.server import build as build_server
from service.settings import Settings
from service.stages.drain import drain
from service.stages.foretold import foretold
from service.stages.identify import finder
from service.stages.operator import (
    operator,
)
from service.state import State
from service.timers import ERRANDS, PERIODS, WARMUP, timers
from service.wire.environ import RECEIVED

if TYPE_CHECKING:
    from service.company import Company
    from service.published.source import Source

AWAKE_BESIDE_SLOTS = 4


def build(
    settings: Settings,
    output: IO[Any] | None = sys.stdout,
    ranker: Ranker | None = None,
    around: Callable[[Ranker], Ranker] = lambda ranker: ranker,
) -> Service:
    """Make every part and bind the port; the local ranker where none is given, and what is put ``around`` it.

    Raises ``BadSetting`` or ``OSError``.
    """
    now, wall = time.monotonic, time.time
    # Parts that look at each other meet in lambdas: a name in one is looked up when it is called, not before.
    secrets, targets = Secrets.of(settings), targets_in_force(settings, wall)
    watching = observation(settings, secrets, output, now, wall, lambda change: tell(settings, watching, box, change))
    box = postbox(settings, watching)
    state = State(settings.state_path, wall, lambda text: watching.journal.event("warning", "state", detail=text))
    state.open()
    house = gatehouse(settings, watching, state, secrets.operator_token)
    company = house.company

    def came_late(environ: Mapping[str, Any]) -> bool:
        return server.draining and environ.get(RECEIVED, 0.0) > server.drain_began

    def late(request: Request) -> bool:
        return came_late(request.environ)

    parts = engine(
        settings,
        watching,
        Viewing(
            around(ranker or _local_ranker(settings, lambda: indexer)),
            lambda version: indexer.ready(version) if indexer else None,
        ),
        state,
        secrets.ai_key,
        draining=late,
        ending=lambda: server.draining,
        later=lambda job: runner.submit(job, "renewal"),
        resting=lambda: server.task_dispatcher.resting(),
        queued=lambda: server.task_dispatcher.queued,
        company=company,
    )
    indexer = _indexer(settings, parts, watching) if ranker is None else None
    source = _source(settings, watching, state, parts, company, lambda: runner.run_now(WARMUP))
    orders = activating(
        settings, targets, watching, state, parts.shelf, house.book, late, wake=lambda: runner.run_now(ERRANDS)
    )
    runner = Runner(
        timers(
            *(settings, watching, parts, house.blocks, state, source, company, orders),
            lambda: call_in(),
            lambda: readings,
            lambda: checkup(),
        ),
        watching.tally.job,
        lambda job, error: watching.journal.event("error", "job_failed", job=job, error=error),
    )
    readings = gauges(settings, watching, parts, house, orders, runner, source)
    sources = stats.Sources(watching.service, watching.tally, watching.history, readings)
    call_in = roll_call(company, watching, sources, parts, state, runner)
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
    mcp = agent(settings, parts, orders, watching.tally.mcp)
    at_hand: dict[str, web.Handler] = {
        "search": lambda request, _: parts.signals.search(request),
        "search_json": lambda request, _: parts.signals.search(request),
        "signal": parts.signals.signal,
        "mcp": mcp.handle,
        "alive": endpoints.alive,
    }
    behind = desk(
        *(settings, watching, parts, house.book.lift, runner, readings, checkup, registry, sources, company),
        lambda: server.task_dispatcher.resting(),
    )
    behind |= orders.handlers
    guarded = guard(house.authenticated, KeyRule(settings.mcp_auth, state.keys.any, now), OPEN_TOOLS, CLOSED_TOOLS)
    agents = door.Agents(mcp.refuse, guarded)
    client_of = finder(settings.trusted_proxies)
    at_once = door.at_once(
        house.blocks, house.window, client_of, parts.signals.at_once, mcp.at_once, alone=company is None
    )
    front = door.front(
        *(settings, watching, house.book, house.limiter, operator(house.check_operator), drain(late)),
        *(house.authenticated, agents, forwarders, client_of, at_hand, behind),
        [foretold(company.fleet.clients.expect)] if company else [],
    )
    referee = door.asking(settings, company.fleet.inquiry, client_of, came_late) if company else None
    doorman = door.doorman(settings, watching, house.check_operator, client_of, at_once)
    try:
        server = build_server(front, _limits(settings), doorman, referee=referee)
    except OSError:
        # A service that nobody will run must not leave its copy of the catalogue behind.
        if company is not None:
            company.close()
        for part in (parts.shelf, house.ledger, state, watching.journal):
            part.close()
        raise
    return Service(
        *(settings, secrets, watching, house.ledger, state, parts, runner, indexer, box, metrics_port, server, company)
    )


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
    return Choice(text, lambda version: found.ranks(version) if (found := indexer()) else None)


def _indexer(settings: Settings, parts: Engine, watching: Observation) -> Indexer | None:
    if settings.local_ranking == "text":
        return None
    tell_log = watching.journal.event
    return Indexer(
        *(parts.shelf.borrow, settings.database_path, settings.synonyms_path, tell_log, parts.turns),
        processes=settings.ranking_processes,
    )


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
