"""From what was found to a relevance of each row: pure arithmetic.

Relevance is the share of what the query tells that a row answers, 0-1, so it can be compared between queries: 0.9 and
more is the name that was asked for, under 0.4 a word in passing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.ranking.plan import Plan
from service.ranking.retrieval import Details, Found
from service.ranking.words import FILLERS, STOP_WORDS, stems

TOGETHER = 0.12
"""Part of the worth of two neighbours that a row earns by having them side by side."""
TAIL = 0.2
"""Rows under this part of the best are dropped, unless one word was asked for."""
_NAMED = 0.15  # part of the relevance that the name decides
SAME_NAME = 0.97

Pairs = Sequence[tuple[int, int, Sequence[int]]]


def scores(found: Found, plan: Plan, together: Pairs) -> dict[int, float]:
    """Return a score 0-1 by row. ``together`` gives two places of groups, and the rows that hold them side by side."""
    worths = [group.worth for group in plan.groups]
    whole = sum(worths) or 1.0
    scored: dict[int, float] = {}
    for worth, shares in zip(worths, found.shares, strict=True):
        part = worth / whole
        for row, share in shares.items():
            scored[row] = scored.get(row, 0.0) + part * share
    for left, right, rows in together:
        bonus = TOGETHER * (worths[left] + worths[right]) / whole
        for row in rows:
            scored[row] += bonus
    return scored


def relevance(
    scored: Mapping[int, float], names: Mapping[int, str], plan: Plan, spec: Sequence[str]
) -> dict[int, float]:
    """Return the relevance 0-1 by row; ``names`` of the rows that may have been meant, ``spec`` as stems."""
    wanted = {stem for group in plan.groups for variant in group.variants for stem in variant.stems}
    relevant = {row: (1 - _NAMED) * min(1.0, score) for row, score in scored.items()}
    for row, name in names.items():
        said = stems(name)
        if said == spec:
            relevant[row] = SAME_NAME
        else:
            telling = [word for word in said if word in wanted or word not in FILLERS | STOP_WORDS]
            fit = sum(word in wanted for word in telling) / max(1, len(telling))
            relevant[row] += _NAMED * fit * min(1.0, scored[row])
    return relevant


def order(relevant: Mapping[int, float], details: Mapping[int, Details]) -> list[int]:
    """Return the rows, best first; ties go to the bigger coverage, then to the lower price, then by id."""

    def key(row: int) -> tuple[float, float, float, str]:
        about = details[row]
        coverage = -1.0 if about.coverage is None else about.coverage
        return (-relevant[row], -coverage, float("inf") if about.cpm is None else about.cpm, about.id)

    return sorted(details, key=key)


def worth_showing(relevant: Mapping[int, float], plan: Plan) -> dict[int, float]:
    """Return ``relevant`` without its tail."""
    telling = sum(not group.filler for group in plan.groups)
    floor = TAIL * max(relevant.values(), default=0.0) if telling > 1 else 0.0
    return {row: value for row, value in relevant.items() if value >= floor}
