"""Lets no single concept fill the first page: each further signal of one concept stands a little lower.

Signals are of one concept when they share their path, or where there is none their name. Nothing is left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

REPEAT_PRICE = 0.02
"""What the second signal of a concept pays, the third twice, and so on."""
_HIGHEST_PRICE = 0.3
_PLACE_BITS = 14

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


def spread(concepts: npt.NDArray[np.int64], scores: Floats) -> Places:
    """Return the places in a new order; ``scores`` fall."""
    price = np.minimum(REPEAT_PRICE * repeats(concepts), _HIGHEST_PRICE)
    return np.argsort(price - scores, kind="stable")


def repeats(concepts: npt.NDArray[np.int64]) -> Places:
    """Return how many of the same concept stand before each; concepts are from 0 to 2^49, and at most 2^14."""
    count = len(concepts)
    # Numbers that hold concept and place are sorted ten times as fast as places are by their concepts.
    ordered = np.sort(concepts << _PLACE_BITS | np.arange(count))
    begun = np.ones(count, bool)
    np.not_equal(ordered[1:] >> _PLACE_BITS, ordered[:-1] >> _PLACE_BITS, out=begun[1:])
    begins = np.flatnonzero(begun)
    found = np.empty(count, np.int64)
    found[ordered & (1 << _PLACE_BITS) - 1] = np.arange(count) - np.repeat(begins, np.diff(begins, append=count))
    return found
