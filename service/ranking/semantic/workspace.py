"""Memory for the sums of a search, used again by the next: new pages for a million numbers cost a millisecond.

A search meets some ten thousand postings of a million documents. Each document that is met gets a small number, its
place, and sums are made by place: so they stay in the processor's nearest memory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.vectors import Floats

_KEPT = 2_000_000  # numbers of a table that are worth keeping between searches

_LINES = 16

Docs = npt.NDArray[np.int64]


class Workspace:
    """Belongs to one search at a time."""

    def __init__(self, count: int) -> None:
        self._places = np.zeros(max(count, 1), np.int32)
        self._order = np.arange(0, dtype=np.int32)
        self._table = np.zeros(0, np.float32)

    def places(self, docs: Docs, first: int = 0) -> Docs:
        """Return for each document one of the places in ``docs`` at which it stands, the same each time it stands
        there; one of the ``first`` places if it stands at one of these."""
        if len(docs) > len(self._order):
            self._order = np.arange(2 * len(docs), dtype=np.int32)
        # Needs no clearing: nothing is read but what was written just now.
        self._places[docs[first:]] = self._order[first : len(docs)]
        self._places[docs[:first]] = self._order[:first]
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
    places = likely(totals, count)
    some = totals.take(places)
    least = np.float32(0.0)
    if len(some) > count:
        least = np.partition(some, len(some) - count)[len(some) - count]
    above = places[some > least]
    if least > 0:
        ties = places[some == least]
        ties = ties[np.argsort(docs.take(ties))]
        above = np.concatenate([above, ties[: count - len(above)]])
    return above[np.argsort(docs.take(above))]


def floor(totals: Floats, count: int) -> float:
    """Return what the ``count`` highest totals reach; 0 where fewer are above it."""
    some = totals.take(likely(totals, count))
    return float(np.partition(some, len(some) - count)[len(some) - count]) if len(some) >= count else 0.0


def likely(totals: Floats, count: int) -> Docs:
    """Return places above 0 among which are all of the ``count`` highest totals: few where there are many."""
    columns = len(totals) // _LINES
    if columns <= count:
        return np.flatnonzero(totals > 0)
    # So many totals are at least as high as this, one of each column: none of the highest is lower.
    highest_ones = np.maximum.reduce(totals[: columns * _LINES].reshape(_LINES, columns), axis=0)
    least = np.partition(highest_ones, columns - count)[columns - count]
    return np.flatnonzero(totals >= least) if least > 0 else np.flatnonzero(totals > 0)


def highest(values: Floats, count: int) -> Docs:
    """Return the places of the ``count`` highest values in their order; of equal ones the first."""
    if len(values) <= count:
        return np.arange(len(values))
    floor = np.partition(values, len(values) - count)[len(values) - count]
    above = np.flatnonzero(values > floor)
    found = np.concatenate([above, np.flatnonzero(values == floor)[: count - len(above)]])
    found.sort()
    return found
