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
from service.messages import Brief, CacheState, Deployment, Proposal, Query, Ranking, Signal
from service.paging import Pager

REASON_LENGTH = 200
SAMPLE_NOTE = " This is sample data, invented to try the service out."
_PAGE_OVERHEAD_BYTES = 400


class Library(Protocol):
    """The catalogue as far as pages need it; ``sample`` says that its data is invented."""

    @property
    def sample(self) -> bool: ...

    def signals(self, rows: Sequence[int]) -> list[Signal]: ...
    def row_ids(self, rows: Sequence[int]) -> list[str]: ...


Reasons = Callable[[Any, Any, Sequence[Signal]], list[str]]
Proposed = Callable[[Brief], Sequence[Proposal]]


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
    """Makes pages and keeps them, bounded in entries and bytes; ``proposals`` of a brief follow its first page."""

    def __init__(
        self, pager: Pager, reasons: Reasons, entries: int, size: int, proposals: Proposed = no_proposals
    ) -> None:
        self._pager = pager
        self._proposals = proposals
        self._reasons = reasons
        self._kept: BoundedStore[tuple[str, str | None, int], Page] = BoundedStore(entries, size)

    def kept(self, ranking: Ranking, query: Query) -> Page | None:
        """Return the page if it was made before."""
        return self._kept.get((ranking.fingerprint, query.cursor, query.max_results))

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
        document = {
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
            "message": message(ranking, len(rows))
            + (SAMPLE_NOTE if library.sample and any(row > 0 for row in rows) else ""),
            "pagination": self._pagination(ranking, offset, signals),
        }
        proposals = () if offset else self._proposals(ranking.brief)
        if proposals:
            document["custom_segment_proposals"] = [describe_proposal(one) for one in proposals]
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()[:-1] + b","
        tag = hashlib.blake2b(f"{ranking.fingerprint}/{offset}/{query.max_results}".encode(), digest_size=9)
        page = Page(body, f'W/"{tag.hexdigest()}"')
        self._kept.put((ranking.fingerprint, query.cursor, query.max_results), page, len(body) + _PAGE_OVERHEAD_BYTES)
        return page

    def _pagination(self, ranking: Ranking, offset: int, signals: Sequence[Signal]) -> dict[str, Any]:
        end = offset + len(signals)
        pagination: dict[str, Any] = {"has_more": end < len(ranking.rows)}
        if pagination["has_more"]:
            pagination["cursor"] = self._pager.cursor(ranking, end, signals[-1].id)
        if ranking.total is not None:
            pagination["total_count"] = ranking.total
        return pagination


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


_LACKS = {
    "max_cpm": "without a price in USD",
    "min_coverage_percentage": "without a known coverage",
    "countries": "without countries",
    "platforms": "without platforms",
}


def message(ranking: Ranking, shown: int) -> str:
    """Return what the answer says in words: how many match, what was left out and why, what else to try."""
    spec = ranking.brief.spec if len(ranking.brief.spec) <= 80 else ranking.brief.spec[:79] + "…"
    left_out = [f"{count} {_LACKS.get(name, name)}" for name, count in ranking.left_out.items() if count]
    notes = [f"Left out for want of data: {', '.join(left_out)}."] if left_out else []
    if not ranking.rows:
        if ranking.near:
            notes.append(f"Did you mean {_either(ranking.near)}?")
        filtered = ranking.brief != Brief(ranking.brief.spec, viewer=ranking.brief.viewer)
        notes.append(f"Try other words{' or fewer filters' if filtered else ', such as a product or an interest'}.")
        return " ".join([f"No signal matches '{spec}'.", *notes])
    count = f"{ranking.total}" if ranking.total is not None else f"More than {len(ranking.rows)}"
    verb = "signal matches" if ranking.total == 1 else "signals match"
    return " ".join(
        [f"{count} {verb} '{spec}'; {shown} shown, ranked by {ranking.method.replace('ai', 'AI')}.", *notes]
    )


def _either(words: Sequence[str]) -> str:
    listed = [f"'{word}'" for word in words]
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + " or " + listed[-1]
