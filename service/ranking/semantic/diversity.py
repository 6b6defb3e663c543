"""Lets no single concept fill the first page: each further signal of one concept stands a little lower.

Signals are of one concept when they share their path, or where there is none their name. Nothing is left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

REPEAT_PRICE = 0.02
"""What the second signal of a concept pays, the third twice, and so on."""
_HIGHEST_PRICE = 0.3

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


def spread(concepts: npt.NDArray[np.int64], scores: Floats) -> Places:
    """Return the places in a new order; ``scores`` fall."""
    price = np.minimum(REPEAT_PRICE * repeats(concepts), _HIGHEST_PRICE)
    return np.argsort(price - scores, kind="stable")


def repeats(concepts: npt.NDArray[np.int64]) -> Places:
    """Return how many of the same concept stand before each."""
    order = np.argsort(concepts, kind="stable")
    ordered = concepts[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    runs = np.diff(begins, append=len(ordered))
    found = np.empty(len(concepts), np.int64)
    found[order] = np.arange(len(ordered)) - np.repeat(begins, runs)
    return found
