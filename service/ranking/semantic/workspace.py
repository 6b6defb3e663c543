"""Memory for the sums of one search, used again by the next: new pages for a million numbers cost a millisecond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.vectors import Floats

_COLUMNS = 8192

Ints = npt.NDArray[np.int32]
Docs = npt.NDArray[np.int64]


class Workspace:
    """``total`` is what documents hold of the words, ``lift`` what else speaks for them; 0 between searches."""

    def __init__(self, count: int) -> None:
        self._columns = min(_COLUMNS, max(count, 1))
        self._lines = -(-max(count, 1) // self._columns)
        self.total = np.zeros(count, np.float32)
        # One longer than needed, so that it can be looked at as lines and columns.
        self._ranked = np.zeros(self._lines * self._columns, np.float32)
        self._part = np.zeros(count, np.float32)
        self._touched: list[Ints] = []
        self._lifted: list[Ints] = []

    def add(self, postings: Sequence[tuple[Ints, Floats]], worth: float) -> None:
        """Add to each document the strongest of its postings, times ``worth``."""
        if len(postings) == 1:
            docs, strength = postings[0]
            self.total[docs] += np.float32(worth) * strength
        elif postings:
            part = self._part
            for docs, strength in postings:
                part[docs] = np.maximum(part[docs], strength)
            # A document of several postings is named several times, and still added to once: numpy keeps the last.
            docs = np.concatenate([docs for docs, _ in postings])
            self.total[docs] += np.float32(worth) * part[docs]
            part[docs] = 0.0
        self._touched += [docs for docs, _ in postings]

    def lift(self, docs: Ints, strength: Floats) -> None:
        """Have documents, each named once, stand higher among the candidates."""
        self._ranked[docs] += strength
        self._lifted.append(docs)

    def best(self, count: int, passing: npt.NDArray[np.bool_] | None) -> Docs:
        """Return the documents that hold most, at most ``count``, in their order; those with nothing never."""
        ranked = self._ranked
        ranked[: len(self.total)] += self.total
        if passing is not None:
            ranked[: len(passing)] *= passing
        grid = ranked.reshape(self._lines, self._columns)
        peaks = grid.max(axis=0)
        floor = 1e-9
        if self._columns > count:
            # At least ``count`` documents reach the count-th highest peak.
            floor = max(floor, float(np.partition(peaks, self._columns - count)[self._columns - count]))
        columns = np.flatnonzero(peaks >= floor)
        values = grid[:, columns]
        lines, places = np.nonzero(values >= floor)
        docs, held = lines * self._columns + columns[places], values[lines, places]
        ranked[:] = 0.0
        if len(docs) > count:
            # The highest; among equals the first.
            docs = docs[np.lexsort((docs, -held))[:count]]
        return np.sort(docs)

    def clear(self) -> None:
        """Make ready for the next search."""
        for docs in self._touched:
            self.total[docs] = 0.0
        for docs in self._lifted:
            self._ranked[docs] = 0.0
        self._touched.clear()
        self._lifted.clear()


class Workspaces:
    """As many as search at once."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._idle: SimpleQueue[Workspace] = SimpleQueue()

    @contextmanager
    def lent(self) -> Iterator[Workspace]:
        """Lend one; a search that fails does not give it back."""
        try:
            workspace = self._idle.get_nowait()
        except Empty:
            workspace = Workspace(self._count)
        yield workspace
        self._idle.put(workspace)
