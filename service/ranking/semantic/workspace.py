"""Memory for the sums of a search, used again by the next: new pages for a million numbers cost a millisecond.

A search meets some ten thousand postings of a million documents. Each document that is met gets a small number, its
place, and sums are made by place: so they stay in the processor's nearest memory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.vectors import Floats

_KEPT = 2_000_000  # numbers of a table that are worth keeping between searches

Docs = npt.NDArray[np.int64]


class Workspace:
    """Belongs to one search at a time."""

    def __init__(self, count: int) -> None:
        self._places = np.zeros(max(count, 1), np.int32)
        self._order = np.arange(0, dtype=np.int32)
        self._table = np.zeros(0, np.float32)

    def places(self, docs: Docs) -> Docs:
        """Return for each document one of the places in ``docs`` at which it stands, the same each time it stands
        there."""
        if len(docs) > len(self._order):
            self._order = np.arange(2 * len(docs), dtype=np.int32)
        # Needs no clearing: nothing is read but what was written just now.
        self._places[docs] = self._order[: len(docs)]
        return self._places.take(docs).astype(np.int64)

    def table(self, lines: int, columns: int) -> Floats:
        """Return a table of zeros; the next call takes it away again."""
        size = lines * columns
        if size > _KEPT:
            return np.zeros((lines, columns), np.float32)
        if size > len(self._table):
            self._table = np.empty(size, np.float32)
        table = self._table[:size]
        table.fill(0)
        return table.reshape(lines, columns)


def best(totals: Floats, docs: Docs, count: int) -> Docs:
    """Return the places of the highest totals above 0, at most ``count``, in the order of ``docs``.

    Of equal ones, the documents with the lowest numbers.
    """
    floor = np.float32(0.0)
    if len(totals) > count:
        floor = np.partition(totals, len(totals) - count)[len(totals) - count]
    above = np.flatnonzero(totals > floor)
    if floor > 0:
        ties = np.flatnonzero(totals == floor)
        ties = ties[np.argsort(docs[ties])]
        above = np.concatenate([above, ties[: count - len(above)]])
    return above[np.argsort(docs[above])]
