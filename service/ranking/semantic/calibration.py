"""From a score to a relevance that means the same for every query: the chance that a judge would find the signal fit.

A logistic curve, fitted once on judged queries (Platt 1999): it keeps the order. Below a floor nothing is shown.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SLOPE, OFFSET = 8.6, 6.3
FLOOR = 0.05
"""Signals less likely to fit are left out."""
BEST_FLOOR = 0.2
"""If not even the best is as likely to fit, nothing is known of what is asked."""
STRONG = 0.8
"""The score of what fits more likely than not."""
IN_PASSING = 0.35
"""The relevance of what holds all the words asked for, if only somewhere in a description."""
NAMED = 0.97
IDENTIFIED = 1.0

Floats = npt.NDArray[np.float32]


def lifted(scores: Floats, present: Floats) -> Floats:
    """Return scores in which the very words count, for specs that hardly anything fits: they are worth showing.

    ``present`` is the part of what is asked that is there word for word.
    """
    chances = np.maximum(IN_PASSING * present.astype(np.float64) ** 2, 1e-6)
    least = (OFFSET + np.log(chances / (1 - chances))) / SLOPE
    # What fits better otherwise stands before.
    return np.asarray(np.maximum(scores, least + 0.1 * np.clip(scores, 0.0, 1.0)), np.float32)


def relevance(scores: Floats) -> npt.NDArray[np.float64]:
    """Return a chance 0-1 for each score."""
    exponents = np.clip(OFFSET - SLOPE * scores.astype(np.float64), -60.0, 60.0)
    return np.asarray(1.0 / (1.0 + np.exp(exponents)))
