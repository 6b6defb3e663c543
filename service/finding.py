"""From a question to the page that answers it, whichever door it came through.

Kept bytes where there are any; whatever is computed is computed inside a slot of the gate. Cursors are checked before
anything is ranked for them. ``signals.py`` speaks HTTP with this, ``adcp/discovery.py`` AdCP.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from service import anchored
from service.answers import Page, Pages
from service.catalogue.shelf import Snapshot
from service.catalogue.view import View
from service.errors import Unavailable
from service.messages import Brief, CacheResult, Principal, Query, Ranked, Ranking, RankingMethod, Request
from service.ranking.ranker import Ranker
from service.stages import drain
from service.stages.admission import Gate

Borrow = Callable[[], AbstractContextManager[Snapshot]]


class Counter(Protocol):
    """Where looks into the cache and rankings are counted: ``monitoring.tally.Tally``."""

    def cache(self, result: CacheResult) -> None: ...
    def rank(self, method: RankingMethod, fallback_reason: str | None = None) -> None: ...


class Found(NamedTuple):
    """A page, where it came from, how it was ranked (None for a listing), and the seconds that it waited for a slot."""

    page: Page
    cache: CacheResult
    method: RankingMethod | None = None
    fallback_reason: str | None = None
    queue_wait: float = 0.0

    def fields(self, query: Query) -> dict[str, Any]:
        """Return what the log line tells of it."""
        fields: dict[str, Any] = {"max_results": query.max_results, "queue_wait": round(self.queue_wait, 6)}
        if query.brief.spec:
            fields["spec"] = query.brief.spec
        if self.method is not None:
            fields["ranking_method"] = self.method
        if self.fallback_reason is not None:
            fields["fallback_reason"] = self.fallback_reason
        return fields


class Finder:
    """Finds pages. ``work`` is the walk of the work stages, ``at_hand`` what it would answer without working."""

    def __init__(
        self,
        work: Callable[[Query], Ranked],
        pages: Pages,
        gate: Gate,
        borrow: Borrow,
        counter: Counter,
        draining: Callable[[Request], bool],
        asked: Callable[[Query], None],
        at_hand: Callable[[Query], Ranked | None] = lambda query: None,
    ) -> None:
        self._work = work
        self._at_hand = at_hand
        self._pages = pages
        self._gate = gate
        self._borrow = borrow
        self._counter = counter
        self._draining = draining
        self._asked = asked

    def admit(self, request: Request) -> None:
        """Refuse work that came too late: nothing new is begun while the service ends."""
        if self._draining(request):
            raise drain.refusal()

    def find(self, query: Query) -> Found:
        """Return the page that answers a question, whichever door it came through. Raises ``Refused``."""
        self._pages.check(query)
        if not query.brief.spec:
            return self._list(query)
        return self._found(query, *self._answer(query))

    def kept(self, query: Query) -> Callable[[], Found] | None:
        """Return what finds a kept page without computing or waiting; None where there is none. Raises ``Refused``."""
        self._pages.check(query)
        ranked = self._at_hand(query)
        page = self._pages.kept(ranked.ranking, query) if ranked is not None else None
        return None if ranked is None or page is None else lambda: self._found(query, ranked, page)

    def feed_version(self, query: Query) -> str:
        """Return the name of all that a listing holds now."""
        with self._gate.slot(query.client, query.gone), self._borrow() as snapshot:
            return self._pages.feed_version(seen(snapshot, query.brief), query.brief)

    def as_seen_by(self, principal: Principal | None, query: Query) -> Query:
        """Return the question as this principal asks it: the same as anybody's where nothing is private to them.

        Raises ``Unavailable``.
        """
        if principal is None:
            return query
        with self._borrow() as snapshot:
            viewer = snapshot.viewer(principal.name)
        return replace(query, brief=replace(query.brief, viewer=viewer)) if viewer else query

    def page(self, ranking: Ranking, query: Query) -> Page | None:
        """Return a page of a ranking, kept or made in a slot; None if the catalogue has moved on from it."""
        return self._pages.kept(ranking, query) or self._cut(ranking, query)

    def _found(self, query: Query, ranked: Ranked, page: Page) -> Found:
        ranking = ranked.ranking
        self._counter.cache(ranked.cache)
        self._counter.rank(ranking.method, ranking.fallback_reason)
        self._asked(query)
        return Found(page, ranked.cache, ranking.method, ranking.fallback_reason, ranked.queue_wait)

    def _list(self, query: Query) -> Found:
        """Return a page of what is asked for without words: all of it, or by reference."""
        with self._borrow() as snapshot:
            page = self._pages.kept_list(snapshot.version, query)
            self._counter.cache("miss" if page is None else "hit")
            if page is not None:
                return Found(page, "hit")
            with self._gate.slot(query.client, query.gone) as waited:
                return Found(self._pages.list(seen(snapshot, query.brief), query), "miss", queue_wait=waited)

    def _answer(self, query: Query) -> tuple[Ranked, Page]:
        for _ in range(3):
            ranked = self._ranked(query)
            page = self.page(ranked.ranking, query)
            if page is not None:
                return ranked, page
            query = self._seen_now(query)
        raise Unavailable("The catalogue changes too fast to be paged.", retry_after=1)

    def _ranked(self, query: Query) -> Ranked:
        if not query.brief.refs:
            return self._work(query)
        # What is asked for by reference comes first whoever ranks, so the ranking is that of the words alone.
        ranked = self._work(replace(query, brief=replace(query.brief, refs=()), cursor=None))
        return replace(ranked, ranking=anchored.pending(ranked.ranking, query.brief))

    def _seen_now(self, query: Query) -> Query:
        """Return the question of a viewer as that one sees the catalogue now."""
        if not query.brief.viewer:
            return query
        with self._borrow() as snapshot:
            return replace(query, brief=replace(query.brief, viewer=snapshot.viewer(query.brief.principal)))

    def _cut(self, ranking: Ranking, query: Query) -> Page | None:
        with self._gate.slot(query.client, query.gone), self._borrow() as snapshot:
            if not is_of(snapshot, ranking):
                return None
            library = seen(snapshot, query.brief)
            return self._pages.make(library, self._pages.anchor(library, ranking), query)


def rank_with(ranker: Ranker, pages: Pages | None, borrow: Borrow) -> Callable[[Query], Ranked]:
    """Return the end of the work walk: rank the brief, and make its first page while the slot is held.

    Without ``pages`` no page is made: for a ranking that is not the answer yet.
    """

    def rank(query: Query) -> Ranked:
        with borrow() as snapshot:
            library = seen(snapshot, query.brief)
            ranking = ranker.rank(library, query.brief)
            if pages is not None and query.cursor is None:
                pages.make(library, ranking, query)
        return Ranked(ranking)

    return rank


def seen(snapshot: Snapshot, brief: Brief) -> Snapshot | View:
    """Return the catalogue as the viewer of a brief sees it."""
    return snapshot.seen_by(brief.viewer) if brief.viewer else snapshot


def is_of(snapshot: Snapshot, ranking: Ranking) -> bool:
    """Return whether a snapshot holds the rows of a ranking, and its viewer still sees the same of them."""
    brief = ranking.brief
    same = snapshot.version == ranking.catalogue_version
    return same and (not brief.viewer or snapshot.viewer(brief.principal) == brief.viewer)
