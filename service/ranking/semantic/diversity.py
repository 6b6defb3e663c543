"""Lets no single concept fill the first pages: of many near-identical signals the best come first, the rest later.

Signals are of one concept when their path is the same and their meanings nearly are. Each further one of a concept is
moved behind the next ones that are hardly worse; nothing is left out and relevance stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

LOOKED_AT = 100
A_CONCEPT = 3
"""Signals of one concept among ten."""
_WINDOW = 10
_YIELDING = 0.15
"""A signal makes way only for one whose score is less by no more."""

Floats = npt.NDArray[np.float32]


def spread(concepts: Sequence[int], scores: Sequence[float]) -> list[int]:
    """Return the places in a new order; ``scores`` fall."""
    waiting = list(range(min(LOOKED_AT, len(concepts))))
    order: list[int] = []
    while waiting:
        recent = [concepts[place] for place in order[-(_WINDOW - 1) :]]
        best = scores[waiting[0]]
        chosen = next(
            (
                place
                for place in waiting
                if recent.count(concepts[place]) < A_CONCEPT and scores[place] >= best - _YIELDING
            ),
            waiting[0],
        )
        waiting.remove(chosen)
        order.append(chosen)
    return order + list(range(len(order), len(concepts)))
