"""What finds signals: the catalogue on its shelf, the gate, the cache and the ranker, composed into the work walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.adcp.pages import writer
from service.answers import Pages, no_proposals
from service.catalogue.shelf import SAMPLE, Shelf
from service.finding import Finder, rank_with
from service.listing import Listing
from service.messages import Query, Ranked, Request
from service.observation import Observation
from service.paging import Pager
from service.pipeline import compose
from service.places import agent_address
from service.prewarming import Prewarming, prewarming
from service.ranking.ranker import Ranker
from service.settings import Settings
from service.signals import Signals
from service.stages.admission import Gate, Resting, admission
from service.stages.cache import Bounds, Cache
from service.state import State
from service.turns import Turns
from service.warming.warmer import Walk

if TYPE_CHECKING:
    from service.company import Company
    from service.reranking import Reranking

CURSOR_KEY = "cursor"
"""Under which name the key of the cursors lasts."""

Later = Callable[[Callable[[], None]], bool]


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts of the work walk that others look at."""

    shelf: Shelf
    gate: Gate
    cache: Cache
    finder: Finder
    signals: Signals
    warming: Prewarming
    ai: Reranking | None
    pager: Pager
    turns: Turns


def engine(
    settings: Settings,
    watching: Observation,
    ranker: Ranker,
    state: State,
    ai_key: Callable[[], str | None],
    draining: Callable[[Request], bool],
    ending: Callable[[], bool],
    later: Later,
    resting: Resting,
    queued: Callable[[], int],
    company: Company | None = None,
) -> Engine:
    """Make the engine and open the catalogue. ``later`` runs a job on another thread, or says that it cannot.

    ``draining`` tells of a request whether it came too late, ``ending`` whether the service ends. Threads that wait do
    so inside ``resting()``; ``queued`` tells how many requests are on their way to one. The ``company`` is the other
    instances.
    """
    # Where a catalogue is published, invented data would be answered for until it is there.
    sample = None if settings.catalogue_url else SAMPLE
    shelf = Shelf(settings.database_path, clock=watching.wall, sample=sample)
    shelf.open()
    gate = Gate(settings.compute_slots, settings.queue_size, settings.queue_wait_seconds, watching.now, resting)
    cache = Cache(_bounds(settings), lambda: shelf.current().version, later, watching.now, resting)
    ai = (
        _reranking(settings, ai_key, watching, shelf, state, ending, later, resting, company)
        if settings.ai_enabled
        else None
    )
    pager, turns = Pager(state.secret(CURSOR_KEY)), Turns()
    address = settings.base_url or f"http://{settings.host}:{settings.port or 80}"
    own_address = agent_address(address) or address
    pages = Pages(
        pager,
        ranker.reasons,
        ranker.explanations,
        settings.cache_entries * 2,
        settings.cache_bytes // 2,
        ai.proposals.of if ai else no_proposals,
        writer(own_address),
        Listing(own_address),
        turns,
    )
    # Where an AI ranks, the local order is not the answer yet, and no page is made of it.
    compute = compose([admission(gate, watching.tally.wait)], rank_with(ranker, None if ai else pages, shelf.borrow))
    local = compose([cache], compute)
    work = compose([ai.stage], local) if ai else local

    def asked(query: Query) -> None:
        warming.note(query)

    def may_compute(query: Query) -> None:
        gate.look(query.client, queued())

    def at_hand(query: Query) -> Ranked | None:
        known = ai.stage.at_hand(query) if ai else None
        local_answer = cache.at_hand(query, may_compute) if known is None else None
        # Where an AI ranks, the local order is not the answer yet.
        return known if ai else local_answer

    finder = Finder(work, pages, gate, shelf.borrow, watching.tally, draining, asked, at_hand)
    page = finder.page
    walk = Walk(ai.stage if ai else None, lambda: ai is not None and ai.calls.loaded, cache, compute, local, page)
    warming = prewarming(settings, watching, state, walk, company)
    return Engine(shelf, gate, cache, finder, Signals(finder, shelf.borrow), warming, ai, pager, turns)


def _reranking(
    settings: Settings,
    key: Callable[[], str | None],
    watching: Observation,
    shelf: Shelf,
    state: State,
    ending: Callable[[], bool],
    later: Later,
    resting: Resting,
    company: Company | None,
) -> Reranking:
    from service.reranking import reranking  # not needed by a service without an AI

    return reranking(settings, key, watching, shelf, state, ending, later, resting, company)


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        ttl_seconds=settings.cache_ttl_seconds,
        stale_seconds=settings.cache_stale_seconds,
        entries=settings.cache_entries,
        # Half of the memory is for pages; where an AI ranks, its rankings share the other half.
        bytes=settings.cache_bytes // (4 if settings.ai_enabled else 2),
        followers=settings.queue_size // 2,
        follow_seconds=settings.ai_wait_seconds,
    )
