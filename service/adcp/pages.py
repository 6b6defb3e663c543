"""A page of signals in AdCP's words: all of the answer but the caller's context, encoded once. Pure.

Whatever a release leaves out is said: as ``incomplete`` where a 3.0 client cannot be given signals without a known
price or coverage, and in the message, as over REST.
"""

from __future__ import annotations

from typing import Any

from service.adcp import versions
from service.adcp.envelope import opened
from service.adcp.listings import listing, projected
from service.answers import Cut, Write
from service.describing import describe_proposal
from service.messages import Form


def writer(own_address: str) -> Write:
    """Return what writes pages; ``own_address`` is what native signals go by that have no domain of their own."""

    def write(cut: Cut, form: Form) -> tuple[bytes, bytes]:
        signals = [
            projected(listing(signal, own_address) | dict(match), form.fields, form.release)
            for signal, match in zip(cut.signals, cut.matches, strict=True)
        ]
        document: dict[str, Any] = {
            "message": cut.message,
            "cache_scope": "public",
            "signals": signals,
            "pagination": cut.pagination,
        }
        if cut.version:
            document["wholesale_feed_version"] = cut.version
        if cut.method is not None:
            document["ranking_method"] = cut.method
        if cut.fallback_reason is not None:
            document["fallback_reason"] = cut.fallback_reason
        if cut.sample:
            document["sandbox"] = True
        if cut.proposals:
            document["custom_segment_proposals"] = [describe_proposal(one) for one in cut.proposals]
        page = opened("completed", form.release, document | _incomplete(cut, form))
        return page.body, page.text

    return write


def _incomplete(cut: Cut, form: Form) -> dict[str, Any]:
    unknown = [count for name, count in cut.left_out.items() if name in ("priced", "covered")]
    if form.release != versions.FIRST or not sum(unknown):
        return {}
    text = (
        f"{sum(unknown)} signals were left out whose coverage or price is not known, since AdCP 3.0 has no way to say "
        'so; ask with "adcp_version": "3.1" to see them.'
    )
    return {"incomplete": [{"scope": "signals", "description": text}]}
