"""Lets no single concept fill the first pages: of many near-identical signals the best come first, the rest later.

Signals are of one concept when their path is the same and their meanings nearly are. Each further one of a concept is
moved behind the next ones that are hardly worse; nothing is left out and relevance stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

LOOKED_AT = 50
A_CONCEPT = 3
"""Signals of one concept among ten."""
_WINDOW = 10
_YIELDING = 0.15
"""A signal makes way only for one whose score is less by no more."""


def spread(concepts: Sequence[int], scores: Sequence[float]) -> list[int]:
    """Return the places in a new order; ``scores`` fall."""
    waiting = list(range(min(LOOKED_AT, len(concepts))))
    order: list[int] = []
    shown: Counter[int] = Counter()
    while waiting:
        limit = scores[waiting[0]] - _YIELDING
        chosen = 0
        for at, place in enumerate(waiting):
            if scores[place] < limit:
                break
            if shown[concepts[place]] < A_CONCEPT:
                chosen = at
                break
        place = waiting.pop(chosen)
        order.append(place)
        shown[concepts[place]] += 1
        if len(order) >= _WINDOW:
            shown[concepts[order[-_WINDOW]]] -= 1
    return order + list(range(len(order), len(concepts)))
