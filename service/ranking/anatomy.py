"""What the full-text ranker made a relevance of: the parts of ``scoring.py``, taken apart again for one row."""

from __future__ import annotations

from collections.abc import Mapping

from service.explanations import Explanation, WordShare
from service.ranking import scoring
from service.ranking.plan import Plan
from service.ranking.retrieval import Found


def explained(
    row: int,
    plan: Plan,
    found: Found,
    scored: Mapping[int, float],
    relevant: Mapping[int, float],
    *,
    identified: bool,
) -> Explanation | None:
    """Return the parts of one row's relevance; None for a row that was not found."""
    if row not in scored:
        return Explanation("text", {}, 0.0, 1.0, raised_by="id") if identified else None
    whole = sum(group.worth for group in plan.groups) or 1.0
    words = [
        WordShare(group.text, group.text, group.worth / whole, {"words": group.worth / whole * shares.get(row, 0.0)})
        for group, shares in zip(plan.groups, found.shares, strict=True)
    ]
    held = sum(word.parts["words"] for word in words)
    cut = min(1.0, scored[row])
    named = relevant[row] == scoring.SAME_NAME
    score = min(cut, relevant[row])
    parts = {"words": held, "neighbours": scored[row] - held, "cut": cut - scored[row], "name": score - cut}
    return Explanation(
        "text",
        parts,
        score,
        1.0 if identified else relevant[row],
        words,
        raised_by="id" if identified else "name" if named else None,
    )
