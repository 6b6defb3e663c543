"""The end of the door walk for signals: question in, page out.

Validates the request, has the work stages rank the brief, and sends the page: kept bytes where there are any. Whatever
is computed is computed inside a slot of the gate. Cursors are checked before anything is ranked for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from service import answers
from service.answers import Page, Pages
from service.catalogue.shelf import Snapshot
from service.errors import NotFound, Unavailable
from service.messages import CacheResult, Query, Ranked, Ranking, RankingMethod, Request, Response
from service.ranking.ranker import Ranker
from service.stages import drain, validate
from service.stages.admission import Gate

Borrow = Callable[[], AbstractContextManager[Snapshot]]
_JSON = ("Content-Type", "application/json")
_CACHE_CONTROL = ("Cache-Control", "private, no-cache")
_VARY = ("Vary", "Authorization, X-Adcp-Auth, Origin")


class Counter(Protocol):
    """Where looks into the cache and rankings are counted: ``monitoring.tally.Tally``."""

    def cache(self, result: CacheResult) -> None: ...
    def rank(self, method: RankingMethod, fallback_reason: str | None = None) -> None: ...


class Signals:
    """Answers ``/api/signals`` and ``/api/signals/{id}``."""

    def __init__(
        self,
        work: Callable[[Query], Ranked],
        pages: Pages,
        gate: Gate,
        borrow: Borrow,
        counter: Counter,
        draining: Callable[[Request], bool],
        asked: Callable[[Query], None],
    ) -> None:
        self._work = work
        self._pages = pages
        self._gate = gate
        self._borrow = borrow
        self._counter = counter
        self._draining = draining
        self._asked = asked

    def search(self, request: Request) -> Response:
        """Answer a question. Raises ``Refused``."""
        if self._draining(request):
            raise drain.refusal()
        query = validate.parse(request)
        self._pages.check(query)
        ranked, page = self._answer(query)
        ranking = ranked.ranking
        self._counter.cache(ranked.cache)
        self._counter.rank(ranking.method, ranking.fallback_reason)
        self._asked(query)
        headers = [_JSON, ("X-Cache", ranked.cache), ("ETag", page.etag), _CACHE_CONTROL, _VARY]
        fields = {
            "spec": query.brief.spec,
            "max_results": query.max_results,
            "ranking_method": ranking.method,
            "queue_wait": round(ranked.queue_wait, 6),
        }
        if ranking.fallback_reason is not None:
            fields["fallback_reason"] = ranking.fallback_reason
        # RFC 9110, 13.1.2: 304 is for GET and HEAD alone.
        if request.method != "POST" and matches(request.header("If-None-Match"), page.etag):
            return Response(304, b"", headers[1:], ranked.cache, fields)
        body = page.complete(ranked.cache, request.id, query.context_id)
        return Response(200, body, headers, ranked.cache, fields)

    def signal(self, request: Request, signal_id: str) -> Response:
        """Answer with one signal, or ``NotFound``."""
        if self._draining(request):
            raise drain.refusal()
        with self._borrow() as snapshot:
            found = snapshot.signal(signal_id)
        if found is None:
            raise NotFound("There is no signal with this id.")
        body = json.dumps(answers.describe(found), ensure_ascii=False, separators=(",", ":")).encode()
        return Response(200, body, [_JSON, _CACHE_CONTROL, _VARY])

    def page(self, ranking: Ranking, query: Query) -> Page | None:
        """Return a page of a ranking, kept or made in a slot; None if the catalogue has moved on from it."""
        return self._pages.kept(ranking, query) or self._cut(ranking, query)

    def _answer(self, query: Query) -> tuple[Ranked, Page]:
        for _ in range(3):
            ranked = self._work(query)
            page = self.page(ranked.ranking, query)
            if page is not None:
                return ranked, page
        raise Unavailable("The catalogue changes too fast to be paged.", retry_after=1)

    def _cut(self, ranking: Ranking, query: Query) -> Page | None:
        with self._gate.slot(query.client, query.gone), self._borrow() as snapshot:
            if snapshot.version != ranking.catalogue_version:
                return None
            return self._pages.make(snapshot, ranking, query)


def rank_with(ranker: Ranker, pages: Pages | None, borrow: Borrow) -> Callable[[Query], Ranked]:
    """Return the end of the work walk: rank the brief, and make its first page while the slot is held.

    Without ``pages`` no page is made: for a ranking that is not the answer yet.
    """

    def rank(query: Query) -> Ranked:
        with borrow() as snapshot:
            ranking = ranker.rank(snapshot, query.brief)
            if pages is not None and query.cursor is None:
                pages.make(snapshot, ranking, query)
        return Ranked(ranking)

    return rank


def matches(if_none_match: str, etag: str) -> bool:
    """Return whether an ``If-None-Match`` header names the tag, by weak comparison (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    opaque = etag.removeprefix("W/")
    offered = (part.strip().removeprefix("W/") for part in if_none_match.split(","))
    return any(part in ("*", opaque) for part in offered)
