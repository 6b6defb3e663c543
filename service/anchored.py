"""Rankings that begin with what was asked for by reference, and go on with what answers the words. Pure."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import replace

from service.messages import RANKING_LIMIT, Brief, Ranking

REASON = "Asked for by reference."


def pending(ranking: Ranking, brief: Brief) -> Ranking:
    """Return the ranking of the words under the name of the whole question; ``begun_with`` puts its beginning there."""
    text = repr((ranking.fingerprint, brief.refs))
    name = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return replace(ranking, brief=brief, fingerprint=name)


def begun_with(ranking: Ranking, first: Sequence[int]) -> Ranking:
    """Return a ranking that begins with these rows, each of which it holds once."""
    rest = [
        (row, relevance) for row, relevance in zip(ranking.rows, ranking.relevance, strict=True) if row not in first
    ]
    rows = [*first, *(row for row, _ in rest)][:RANKING_LIMIT]
    relevance = [*([1.0] * len(first)), *(value for _, value in rest)][:RANKING_LIMIT]
    added = len(first) + len(rest) - len(ranking.rows)
    total = None if ranking.total is None or ranking.total + added > RANKING_LIMIT else ranking.total + added
    reasons = {**ranking.reasons, **dict.fromkeys(first, REASON)}
    return replace(ranking, rows=array("q", rows), relevance=array("d", relevance), total=total, reasons=reasons)
