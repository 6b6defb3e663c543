"""From the local order and the AI's verdict to the ranking that is answered. Pure.

The AI orders candidates and nothing else: they stand first, each once; then those of which it said nothing, and the
rest of the local order. What it named irrelevant is left out.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

from service.messages import Ranking
from service.monitoring.totals import FallbackReason

if TYPE_CHECKING:
    from service.ai.verdict import Verdict

CANDIDATES = 50


def ordered_by_ai(local: Ranking, verdict: Verdict, ranked_by: str) -> Ranking:
    """Return the ranking by the AI called ``ranked_by``. Relevance never rises from one place to the next."""
    placed = [local.rows[place.row] for place in verdict.places]
    relevance = [place.score for place in verdict.places]
    gone = {local.rows[row] for row in verdict.dropped} | set(placed)
    lowest = relevance[-1] if relevance else 1.0
    rest = [(row, value) for row, value in zip(local.rows, local.relevance, strict=True) if row not in gone]
    rows = array("q", [*placed, *(row for row, _ in rest)])
    falling = array("d", [*relevance, *(min(value, lowest) for _, value in rest)])
    reasons = {local.rows[place.row]: place.reason for place in verdict.places if place.reason}
    return replace(
        local,
        rows=rows,
        relevance=falling,
        total=None if local.total is None else local.total - len(verdict.dropped),
        method="ai",
        reasons=reasons,
        placed=len(placed),
        fingerprint=_digest(
            *(local.fingerprint, ranked_by, rows.tobytes(), falling.tobytes(), repr(sorted(reasons.items()))),
            repr(verdict.proposals),
        ),
    )


def fallen_back(local: Ranking, reason: FallbackReason) -> Ranking:
    """Return the local ranking that says why it is not the AI's."""
    return replace(local, fallback_reason=reason, fingerprint=_digest(local.fingerprint, reason))


def _digest(*parts: str | bytes) -> str:
    text = b"\0".join(part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass") for part in parts)
    return hashlib.blake2b(text, digest_size=8).hexdigest()
