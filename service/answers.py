"""From a ranking to bytes: pages of signals as JSON, made once and kept, with what differs a request spliced in.

A page's bytes end before ``"cached"``; that, the caller's ``context_id`` and the request id are added to each answer.
Unknown coverage and price are absent, never 0. The entity tag is weak, over fingerprint and page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from service.bounded import BoundedStore
from service.explanations import Explanation, describe_explanation
from service.messages import Brief, CacheState, Deployment, Proposal, Query, Ranking, Signal
from service.paging import Pager
from service.summary import message

REASON_LENGTH = 200
SAMPLE_NOTE = " This is sample data, invented to try the service out."
_PAGE_OVERHEAD_BYTES = 400


class Library(Protocol):
    """The catalogue as far as pages need it; ``sample`` says that its data is invented."""

    sample: bool

    def signals(self, rows: Sequence[int]) -> list[Signal]: ...
    def row_ids(self, rows: Sequence[int]) -> list[str]: ...


Reasons = Callable[[Any, Any, Sequence[Signal]], list[str]]
Explanations = Callable[[Any, Any, Sequence[int]], Sequence[Explanation | None]]
Proposed = Callable[[Brief], Sequence[Proposal]]
Key = tuple[str, str | None, int, bool]


def no_proposals(brief: Brief) -> Sequence[Proposal]:
    """Return none: for a service whose AI proposes nothing, or that has none."""
    return ()


class Page:
    """One page ready to be sent: its bytes without the part that differs a request, and its entity tag."""

    __slots__ = ("body", "etag")

    def __init__(self, body: bytes, etag: str) -> None:
        self.body = body
        self.etag = etag

    def complete(self, cache: CacheState, request_id: str, context_id: str | None) -> bytes:
        """Return the whole document for one request."""
        cached = b"true" if cache in ("hit", "stale") else b"false"
        # Both ids were matched against patterns without quotes and backslashes.
        context = f'"context_id":"{context_id}",'.encode() if context_id else b""
        return b'%b%b"cached":%b,"request_id":"%b"}' % (self.body, context, cached, request_id.encode())


class Pages:
    """Makes pages and keeps them, bounded in entries and bytes; ``proposals`` of a brief follow its first page.

    A page with explanations is another page than the one without.
    """

    def __init__(
        self,
        pager: Pager,
        reasons: Reasons,
        explanations: Explanations,
        entries: int,
        size: int,
        proposals: Proposed = no_proposals,
    ) -> None:
        self._pager = pager
        self._explanations = explanations
        self._proposals = proposals
        self._reasons = reasons
        self._kept: BoundedStore[Key, Page] = BoundedStore(entries, size)

    def kept(self, ranking: Ranking, query: Query) -> Page | None:
        """Return the page if it was made before."""
        return self._kept.get(_key(ranking, query))

    def check(self, query: Query) -> None:
        """Refuse a forged cursor before anything is computed for it."""
        if query.cursor is not None:
            self._pager.read(query.cursor, query.brief)

    def make(self, library: Library, ranking: Ranking, query: Query) -> Page:
        """Cut the page out of the ranking, encode it and keep it. Raises ``InvalidInput`` or ``CursorExpired``."""
        offset = self._pager.offset(query.cursor, ranking, library.row_ids)
        rows = list(ranking.rows[offset : offset + query.max_results])
        signals = library.signals(rows)
        reasons = self._reasons(library, ranking.brief, signals)
        document: dict[str, Any] = {
            "signals": [
                describe(signal)
                | {
                    "relevance": round(ranking.relevance[offset + place], 3),
                    "match_reason": ranking.reasons.get(row, reason)[:REASON_LENGTH],
                }
                for place, (row, signal, reason) in enumerate(zip(rows, signals, reasons, strict=True))
            ],
            "ranking_method": ranking.method,
            "fallback_reason": ranking.fallback_reason,
            "message": message(ranking, len(rows)) + (SAMPLE_NOTE if rows and library.sample else ""),
            "pagination": self._pagination(ranking, offset, signals),
        }
        if query.explain:
            explained = self._explanations(library, ranking.brief, rows)
            for place, (signal, explanation) in enumerate(zip(document["signals"], explained, strict=True), offset):
                signal["explanation"] = describe_explanation(explanation, ranking, place)
        proposals = () if offset else self._proposals(ranking.brief)
        if proposals:
            document["custom_segment_proposals"] = [describe_proposal(one) for one in proposals]
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()[:-1] + b","
        told = "/explained" if query.explain else ""
        tag = hashlib.blake2b(f"{ranking.fingerprint}/{offset}/{query.max_results}{told}".encode(), digest_size=9)
        page = Page(body, f'W/"{tag.hexdigest()}"')
        self._kept.put(_key(ranking, query), page, len(body) + _PAGE_OVERHEAD_BYTES)
        return page

    def _pagination(self, ranking: Ranking, offset: int, signals: Sequence[Signal]) -> dict[str, Any]:
        end = offset + len(signals)
        pagination: dict[str, Any] = {"has_more": end < len(ranking.rows)}
        if pagination["has_more"]:
            pagination["cursor"] = self._pager.cursor(ranking, end, signals[-1].id)
        if ranking.total is not None:
            pagination["total_count"] = ranking.total
        return pagination


def _key(ranking: Ranking, query: Query) -> Key:
    return ranking.fingerprint, query.cursor, query.max_results, query.explain


def describe(signal: Signal) -> dict[str, Any]:
    """Return a signal in AdCP's words; what is unknown is left out."""
    document: dict[str, Any] = {
        "signal_agent_segment_id": signal.id,
        "signal_ref": _reference(signal) | {"signal_id": signal.id},
        "name": signal.name,
        "description": signal.description,
        "path": list(signal.path),
        "kind": signal.kind,
        "signal_type": signal.signal_type,
        "data_provider": signal.data_provider,
    }
    if signal.coverage_percentage is not None:
        document["coverage_percentage"] = signal.coverage_percentage
    document["countries"] = list(signal.countries)
    document["deployments"] = [_deployment(deployment) for deployment in signal.deployments]
    if signal.cpm is not None:
        price = {"model": "cpm", "cpm": signal.cpm, "currency": signal.currency}
        document["pricing_options"] = [{"pricing_option_id": f"{signal.id}-cpm"} | price]
    return document


def describe_proposal(proposal: Proposal) -> dict[str, Any]:
    """Return what could be made, marked as no more than that: it has no size and no price, and cannot be activated."""
    return {
        "custom_segment_id": proposal.id,
        "status": "proposed",
        "proposed_name": proposal.name,
        "description": proposal.description,
        "creation_rationale": proposal.rationale,
    }


def _reference(signal: Signal) -> dict[str, Any]:
    if not signal.provider_domain:
        return {"scope": "signal_source"}
    if signal.signal_type == "owned":
        return {"scope": "signal_source", "signal_source_url": f"https://{signal.provider_domain}"}
    return {"scope": "data_provider", "data_provider_domain": signal.provider_domain}


def _deployment(deployment: Deployment) -> dict[str, Any]:
    place = {"agent_url": deployment.agent_url} if deployment.agent_url else {"platform": deployment.platform}
    return {"type": deployment.type} | place | {"is_live": deployment.is_live}
