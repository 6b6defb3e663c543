"""Memory for the sums of a search, used again by the next: new pages for a million numbers cost a millisecond."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.vectors import Floats

STEPS = 64
"""Of which one is a unit of strength. A word is worth 32 at most and a spec has 32 words: 2 bytes hold the sum."""
_COLUMNS = 8192

Docs = npt.NDArray[np.int64]
Steps = npt.NDArray[np.uint16]


class Workspace:
    """``total`` is what speaks for each document, the words it holds and all else; 0 between searches.

    Kept in 64ths as whole numbers of two bytes: sums over a million documents are as fast as memory is. Documents are
    numbered in eight bytes, for numpy turns all others into those each time.
    """

    def __init__(self, count: int) -> None:
        self._columns = min(_COLUMNS, max(count, 1))
        # Somewhat longer than the documents, so that it can be looked at as lines and columns.
        self._grid = np.zeros((-(-max(count, 1) // self._columns), self._columns), np.uint16)
        self.total = self._grid.reshape(-1)
        self._lifts = np.zeros(count, np.uint16)
        self._part = np.zeros(count, np.uint16)
        self._high = np.zeros(len(self.total), bool)
        self._lifted: list[Docs] = []

    def add(self, postings: Sequence[tuple[Docs, Steps]]) -> None:
        """Add to each document the strongest of its postings."""
        total, part = self.total, self._part
        # The longest last: what it adds need not be remembered.
        ordered = sorted(postings, key=lambda posting: len(posting[0]))
        for docs, strength in ordered[:-1]:
            held = part.take(docs)
            more = np.maximum(held, strength)
            part[docs] = more
            total[docs] = total.take(docs) + (more - held)
        for docs, strength in ordered[-1:]:
            held = part.take(docs)
            total[docs] = total.take(docs) + (np.maximum(held, strength) - held)
        for docs, _ in ordered[:-1]:
            part[docs] = 0

    def lift(self, docs: Docs, strength: Steps) -> None:
        """Have documents, each named once, stand higher among the candidates without holding a word."""
        self.total[docs] = self.total.take(docs) + strength
        self._lifts[docs] = self._lifts.take(docs) + strength
        self._lifted.append(docs)

    def held(self, docs: Docs) -> Floats:
        """Return how strongly documents hold the words."""
        return (self.total.take(docs) - self._lifts.take(docs)).astype(np.float32) / np.float32(STEPS)

    def best(self, count: int, passing: npt.NDArray[np.bool_] | None) -> Docs:
        """Return the documents with the highest totals, at most ``count``, in their order; those with nothing never."""
        grid = self._grid
        if passing is not None:
            grid = np.zeros_like(grid)
            np.multiply(self.total[: len(passing)], passing, out=grid.reshape(-1)[: len(passing)])
        floor = 1
        if self._columns > count:
            # At least ``count`` documents reach the count-th highest peak of a column.
            peaks = grid.max(axis=0)
            floor = max(floor, int(np.partition(peaks, self._columns - count)[self._columns - count]))
        np.greater_equal(grid.reshape(-1), floor, out=self._high)
        docs = np.flatnonzero(self._high)
        if len(docs) > count:
            held = grid.reshape(-1).take(docs)
            last = np.partition(held, len(held) - count)[len(held) - count]
            above, ties = docs[held > last], docs[held == last]
            docs = np.sort(np.concatenate([above, ties[: count - len(above)]]))
        return docs

    def clear(self) -> None:
        """Make ready for the next search."""
        self.total.fill(0)
        for docs in self._lifted:
            self._lifts[docs] = 0
        self._lifted.clear()


def steps(strengths: Floats) -> Steps:
    """Return strengths in whole steps."""
    return np.minimum(np.round(strengths * np.float32(STEPS)), 65_535 // 34).astype(np.uint16)
