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
NAMED = 0.97
IDENTIFIED = 1.0

Floats = npt.NDArray[np.float32]


def relevance(scores: Floats) -> npt.NDArray[np.float64]:
    """Return a chance 0-1 for each score."""
    exponents = np.clip(OFFSET - SLOPE * scores.astype(np.float64), -60.0, 60.0)
    return np.asarray(1.0 / (1.0 + np.exp(exponents)))
