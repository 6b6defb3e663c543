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
from service.activating import activating, targets_in_force
from service.agent import CLOSED_TOOLS, OPEN_TOOLS, agent
from service.alerting import postbox, tell
from service.blocks import Blocks, Ledger, steady
from service.checkup import Checkup
from service.checkup import Sources as CheckupSources
from service.deferred_ledger import DeferredLedger
from service.desk import desk, registry_of
from service.engine import Engine, engine
from service.forwarders import Forwarders
from service.gauges import gauges
from service.keys.verifier import Verifier
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
from service.reading import BadSetting, Rate
from service.secret import Secrets
from service.server import Limits
from service.server import build as build_server
from service.settings import Settings
from service.sliding_window import SlidingWindow
from service.stages.authenticate import Authenticator, authenticate
from service.stages.drain import drain
from service.stages.identify import finder, is_loopback, is_within
from service.stages.key_limit import KeyLimits, Window
from service.stages.operator import (
    WRONG_TOKENS_A_MINUTE,
    WRONG_TOKENS_WITHOUT_BLOCKING,
    gatekeeper,
    operator,
)
from service.state import BlockRow, State
from service.timers import ERRANDS, PERIODS, WARMUP, timers
from service.wire.environ import RECEIVED

if TYPE_CHECKING:
    from service.company import Company
    from service.published.source import Source

AWAKE_BESIDE_SLOTS = 4
MISTAKES_BYTES = 4 * 1024 * 1024


def build(settings: Settings, output: IO[Any] | None = sys.stdout, ranker: Ranker | None = None) -> Service:
    """Make every part and bind the port; the local ranker where none is given. Raises ``BadSetting`` or ``OSError``."""
    now, wall = time.monotonic, time.time
    # Parts that look at each other meet in lambdas: a name in one is looked up when it is called, not before.
    secrets, targets = Secrets.of(settings), targets_in_force(settings, wall)
    watching = observation(settings, secrets, output, now, wall, lambda change: tell(settings, watching, box, change))
    box = postbox(settings, watching)
    state = State(settings.state_path, wall, lambda text: watching.journal.event("warning", "state", detail=text))
    state.open()
    ledger = DeferredLedger(state)
    blocks = _blocks(settings, watching, ledger, lambda row: company.fleet.mirror.note(row) if company else None)
    window = SlidingWindow(*settings.rate_limit, clock=now)
    company = _company(settings, watching, window, blocks)
    key_limits = KeyLimits(settings.key_rate_limit, _key_window(now, company), wall)

    def late(request: Request) -> bool:
        return server.draining and request.environ.get(RECEIVED, 0.0) > server.drain_began

    parts = engine(
        settings,
        watching,
        Viewing(
            ranker or _local_ranker(settings, lambda: indexer),
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
        settings, targets, watching, state, parts.shelf, blocks, late, wake=lambda: runner.run_now(ERRANDS)
    )
    runner = Runner(
        timers(
            *(settings, watching, parts, blocks, state, source, company, orders),
            lambda: call_in(),
            lambda: readings,
            lambda: checkup(),
        ),
        watching.tally.job,
        lambda job, error: watching.journal.event("error", "job_failed", job=job, error=error),
    )
    readings = gauges(settings, watching, parts, blocks, window, key_limits, orders, runner, source, company)
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
    mcp = agent(settings, parts, orders, watching.tally.mcp)
    at_hand: dict[str, web.Handler] = {
        "search": lambda request, _: parts.signals.search(request),
        "search_json": lambda request, _: parts.signals.search(request),
        "signal": parts.signals.signal,
        "mcp": mcp.handle,
        "alive": endpoints.alive,
    }
    clients = company.fleet.clients if company else None
    book = clients or blocks
    behind = desk(
        *(settings, watching, parts, book.lift, runner, readings, checkup, registry, sources, company),
        lambda: server.task_dispatcher.resting(),
    )
    behind |= orders.handlers
    wrong_tokens = WRONG_TOKENS_A_MINUTE if settings.blocking else WRONG_TOKENS_WITHOUT_BLOCKING
    check = gatekeeper(secrets.operator_token, book, now, wrong_tokens)
    mistakes = SlidingWindow(wrong_tokens, 60, now, MISTAKES_BYTES)
    authenticator = Authenticator(
        Verifier(state.keys, state.is_usable, wall, now), secrets.operator_token, book, mistakes
    )
    authenticated = authenticate(authenticator.key_of, key_limits, watching.tally.key)
    guarded = guard(authenticated, KeyRule(settings.mcp_auth, state.keys.any, now), OPEN_TOOLS, CLOSED_TOOLS)
    agents = door.Agents(mcp.refuse, guarded)
    limiter = clients or window
    client_of = finder(settings.trusted_proxies)
    at_once = door.at_once(blocks, window, client_of, parts.signals.at_once, mcp.at_once, alone=company is None)
    front = door.front(
        *(settings, watching, book, limiter, operator(check), drain(late), authenticated, agents),
        *(forwarders, client_of, at_hand, behind),
    )
    try:
        server = build_server(front, _limits(settings), door.doorman(settings, watching, check, client_of, at_once))
    except OSError:
        # A service that nobody will run must not leave its copy of the catalogue behind.
        if company is not None:
            company.close()
        for part in (parts.shelf, ledger, state, watching.journal):
            part.close()
        raise
    return Service(
        *(settings, secrets, watching, ledger, state, parts, runner, indexer, box, metrics_port, server, company)
    )


def _company(settings: Settings, watching: Observation, window: SlidingWindow, blocks: Blocks) -> Company | None:
    if settings.redis_url is None:
        return None
    try:
        from service.company import Company  # and with it Redis' client, which nobody else needs
        from service.fleet.wiring import fleet
    except ModuleNotFoundError as error:
        raise BadSetting("REDIS_URL", "***", f"unset, or requirements-fleet.txt installed ({error})") from None
    return Company(settings, watching, fleet(settings, settings.redis_url, watching, window, blocks, _exempt(settings)))


def _key_window(now: Callable[[], float], company: Company | None) -> Callable[[Rate], Window]:
    """Return what makes the window of a key: shared by all instances where there are several."""

    def window(rate: Rate) -> Window:
        own = SlidingWindow(*rate, clock=now)
        return company.fleet.window("key", rate, own) if company else own

    return window


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


def _exempt(settings: Settings) -> Callable[[str], bool]:
    return lambda client: is_loopback(client) or is_within(client, settings.block_allow)


def _blocks(settings: Settings, watching: Observation, ledger: Ledger, also_tell: Callable[[BlockRow], None]) -> Blocks:
    def tell(row: BlockRow) -> None:
        also_tell(row)
        watching.journal.event("warning", "blocked", client=row.client, until=row.until, reason=row.reason)

    # A wall clock that is set neither lets a client out nor keeps it in.
    clock = steady(watching.now, watching.wall)
    blocks = Blocks(
        settings.block_score, ledger, clock, enforce=settings.blocking, exempt=_exempt(settings), on_block=tell
    )
    blocks.load()
    return blocks
