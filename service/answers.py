"""From a ranking to bytes: pages of signals as JSON, made once and kept, with what differs a request spliced in.

A page's bytes end before ``"cached"``; that, the caller's ``context_id`` and the request id are added to each answer.
Unknown coverage and price are absent, never 0. The entity tag is weak, over fingerprint and page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from service import anchored, listing
from service.bounded import BoundedStore
from service.describing import describe, describe_proposal
from service.explanations import Explanation, describe_explanation
from service.listing import Listing
from service.messages import (
    REST,
    Brief,
    CacheState,
    Form,
    Proposal,
    Query,
    Ranking,
    RankingMethod,
    Signal,
)
from service.paging import Pager
from service.summary import counted, message
from service.turns import Turns

REASON_LENGTH = 200
SAMPLE_NOTE = " This is sample data, invented to try the service out."
_PAGE_OVERHEAD_BYTES = 400


class Library(Protocol):
    """The catalogue as far as pages need it; ``sample`` says that its data is invented."""

    @property
    def sample(self) -> bool: ...

    def signals(self, rows: Sequence[int]) -> list[Signal]: ...
    def row_ids(self, rows: Sequence[int]) -> list[str]: ...


class Catalogue(Library, listing.Library, Protocol):
    """The catalogue as far as listings need it."""


Reasons = Callable[[Any, Any, Sequence[Signal]], list[str]]
Explanations = Callable[[Any, Any, Sequence[int]], Sequence[Explanation | None]]
Proposed = Callable[[Brief], Sequence[Proposal]]
Key = tuple[str, str | None, int, Form, bool]


def no_proposals(brief: Brief) -> Sequence[Proposal]:
    """Return none: for a service whose AI proposes nothing, or that has none."""
    return ()


@dataclass(frozen=True, slots=True)
class Cut:
    """A page before it is written: the signals, why they were found (nothing in a listing), and what is said of them.

    ``left_out`` counts, by filter name, what was left out for want of data; ``method`` is how they were ranked;
    ``version`` names the whole of a listing.
    """

    signals: Sequence[Signal]
    matches: Sequence[Mapping[str, Any]]
    left_out: Mapping[str, int]
    method: RankingMethod | None
    fallback_reason: str | None
    version: str
    message: str
    pagination: dict[str, Any]
    proposals: Sequence[Proposal]
    sample: bool


Write = Callable[[Cut, Form], tuple[bytes, bytes]]
"""Writes a page in AdCP's words: its bytes without their end, and the same escaped."""


class Page:
    """One page ready to be sent: its bytes without the part that differs a request, and its entity tag.

    ``text`` is the same inside of a JSON text, where the form of the answer needs that.
    """

    __slots__ = ("body", "etag", "text")

    def __init__(self, body: bytes, etag: str, text: bytes = b"") -> None:
        self.body = body
        self.etag = etag
        self.text = text

    def complete(self, cache: CacheState, request_id: str, context_id: str | None) -> bytes:
        """Return the whole document for one request."""
        cached = b"true" if cache in ("hit", "stale") else b"false"
        # Both ids were matched against patterns without quotes and backslashes.
        context = f'"context_id":"{context_id}",'.encode() if context_id else b""
        return b'%b%b"cached":%b,"request_id":"%b"}' % (self.body, context, cached, request_id.encode())


class Pages:
    """Makes pages and keeps them, bounded in entries and bytes; ``proposals`` of a brief follow its first page.

    A page with explanations is another page than the one without. Making one takes ``turns``.
    """

    def __init__(
        self,
        pager: Pager,
        reasons: Reasons,
        explanations: Explanations,
        entries: int,
        size: int,
        proposals: Proposed = no_proposals,
        write_other: Write | None = None,
        lister: Listing | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._pager = pager
        self._explanations = explanations
        self._proposals = proposals
        self._reasons = reasons
        self._write = write_other or write
        self._listing = lister or Listing("")
        self._turns = turns or Turns()
        self._kept: BoundedStore[Key, Page] = BoundedStore(entries, size)

    def kept(self, ranking: Ranking, query: Query) -> Page | None:
        """Return the page if it was made before."""
        return self._kept.get(_key(ranking.fingerprint, query))

    def kept_list(self, version: str, query: Query) -> Page | None:
        """Return the page of a listing of one version of the catalogue if it was made before."""
        return self._kept.get(_key(listing.fingerprint(version, query.brief), query))

    def feed_version(self, library: Catalogue, brief: Brief) -> str:
        """Return the name of all that a listing holds; it changes when anything of that does."""
        return self._listing.summary(library, brief).version

    def check(self, query: Query) -> None:
        """Refuse a forged cursor before anything is computed for it."""
        if query.cursor is not None:
            (self._pager.read if query.brief.spec else self._pager.last_id)(query.cursor, query.brief)

    def make(self, library: Library, ranking: Ranking, query: Query) -> Page:
        """Cut the page out of the ranking, encode it and keep it. Raises ``InvalidInput`` or ``CursorExpired``."""
        with self._turns:
            return self._make(library, ranking, query)

    def _make(self, library: Library, ranking: Ranking, query: Query) -> Page:
        offset = self._pager.offset(query.cursor, ranking, library.row_ids)
        rows = list(ranking.rows[offset : offset + query.max_results])
        signals = library.signals(rows)
        reasons = self._reasons(library, ranking.brief, signals)
        explained = self._explained(library, ranking, rows, offset) if query.explain else [{}] * len(rows)
        cut = Cut(
            signals=signals,
            matches=[
                {
                    "relevance": round(ranking.relevance[offset + place], 3),
                    "match_reason": ranking.reasons.get(row, reason)[:REASON_LENGTH],
                }
                | dict(parts)
                for place, (row, reason, parts) in enumerate(zip(rows, reasons, explained, strict=True))
            ],
            left_out=ranking.left_out,
            method=ranking.method,
            fallback_reason=ranking.fallback_reason,
            version="",
            message=message(ranking, len(rows)) + _note(library, rows),
            pagination=self._pagination(ranking, offset, signals),
            proposals=() if offset else self._proposals(ranking.brief),
            sample=library.sample,
        )
        return self._keep(cut, query, ranking.fingerprint, f"{offset}")

    def anchor(self, library: Catalogue, ranking: Ranking) -> Ranking:
        """Return a ranking that begins with what its brief refers to."""
        if not ranking.brief.refs:
            return ranking
        listed = self._listing.page(library, ranking.brief, "", len(ranking.brief.refs))
        return anchored.begun_with(ranking, listed.rows)

    def list(self, library: Catalogue, query: Query) -> Page:
        """Cut the page of a listing, encode it and keep it."""
        with self._turns:
            return self._make_list(library, query)

    def _make_list(self, library: Catalogue, query: Query) -> Page:
        after = "" if query.cursor is None else self._pager.last_id(query.cursor, query.brief)
        listed = self._listing.page(library, query.brief, after, query.max_results)
        pagination: dict[str, Any] = {"has_more": listed.more}
        if listed.more:
            pagination["cursor"] = self._pager.behind(query.brief, listed.last_id)
        cut = Cut(
            signals=library.signals(listed.rows),
            matches=[{}] * len(listed.rows),
            left_out=listed.summary.left_out,
            method=None,
            fallback_reason=None,
            version="" if query.brief.refs else listed.summary.version,
            message=counted(listed.summary.total, len(listed.rows), listed.summary.left_out)
            + _note(library, listed.rows),
            pagination=pagination | {"total_count": listed.summary.total},
            proposals=(),
            sample=library.sample,
        )
        return self._keep(cut, query, listing.fingerprint(library.version, query.brief), after)

    def _explained(
        self, library: Library, ranking: Ranking, rows: Sequence[int], offset: int
    ) -> Sequence[Mapping[str, Any]]:
        parts = self._explanations(library, ranking.brief, rows)
        return [{"explanation": describe_explanation(one, ranking, place)} for place, one in enumerate(parts, offset)]

    def _keep(self, cut: Cut, query: Query, fingerprint: str, place: str) -> Page:
        body, text = (write if query.form == REST else self._write)(cut, query.form)
        told = "/explained" if query.explain else ""
        tag = hashlib.blake2b(f"{fingerprint}/{place}/{query.max_results}{told}".encode(), digest_size=9)
        page = Page(body, f'W/"{tag.hexdigest()}"', text)
        self._kept.put(_key(fingerprint, query), page, len(body) + len(text) + _PAGE_OVERHEAD_BYTES)
        return page

    def _pagination(self, ranking: Ranking, offset: int, signals: Sequence[Signal]) -> dict[str, Any]:
        end = offset + len(signals)
        pagination: dict[str, Any] = {"has_more": end < len(ranking.rows)}
        if pagination["has_more"]:
            pagination["cursor"] = self._pager.cursor(ranking, end, signals[-1].id)
        if ranking.total is not None:
            pagination["total_count"] = ranking.total
        return pagination


def _key(fingerprint: str, query: Query) -> Key:
    return fingerprint, query.cursor, query.max_results, query.form, query.explain


def _note(library: Library, rows: Sequence[int]) -> str:
    # What is private to somebody was not invented here; its rows are negative.
    return SAMPLE_NOTE if library.sample and any(row > 0 for row in rows) else ""


def write(cut: Cut, form: Form = REST) -> tuple[bytes, bytes]:
    """Write a page in the words of REST, without its end."""
    document = {
        "signals": [describe(signal) | dict(match) for signal, match in zip(cut.signals, cut.matches, strict=True)],
        "ranking_method": cut.method,
        "fallback_reason": cut.fallback_reason,
        "message": cut.message,
        "pagination": cut.pagination,
    }
    if cut.proposals:
        document["custom_segment_proposals"] = [describe_proposal(one) for one in cut.proposals]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()[:-1] + b",", b""
