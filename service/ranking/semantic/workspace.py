"""Memory for the sums of one search, used again by the next: new pages for a million numbers cost a millisecond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.vectors import Floats

_BLOCK = 512

Ints = npt.NDArray[np.int32]
Docs = npt.NDArray[np.int64]


class Workspace:
    """``total`` is 0 between searches."""

    def __init__(self, count: int) -> None:
        self._padded = np.zeros(-(-max(count, 1) // _BLOCK) * _BLOCK, np.float32)
        self.total = self._padded[:count]
        self._part = np.zeros(count, np.float32)
        self._touched: list[Ints] = []

    def add(self, postings: Sequence[tuple[Ints, Floats]], worth: float) -> None:
        """Add to each document the strongest of its postings, times ``worth``."""
        if len(postings) == 1:
            docs, strength = postings[0]
            self.total[docs] += np.float32(worth) * strength
        else:
            for docs, strength in postings:
                self._part[docs] = np.maximum(self._part[docs], strength)
            for docs, _ in postings:
                # A document of several postings is taken once: its part is 0 then.
                self.total[docs] += np.float32(worth) * self._part[docs]
                self._part[docs] = 0.0
        self._touched += [docs for docs, _ in postings]

    def lift(self, docs: Ints, strength: np.float32) -> None:
        """Add the same to some documents."""
        self.total[docs] += strength
        self._touched.append(docs)

    def best(self, count: int, passing: npt.NDArray[np.bool_] | None) -> Docs:
        """Return the documents of the highest totals over 0, at most ``count`` and what ties with the last."""
        if passing is not None:
            self.total[~passing] = 0.0
        peaks = self._padded.reshape(-1, _BLOCK).max(axis=1)
        floor = 0.0
        if len(peaks) > count:
            # The count-th highest peak: at least so many documents reach it.
            floor = float(np.partition(peaks, len(peaks) - count)[len(peaks) - count])
            blocks = np.flatnonzero(peaks >= max(floor, 1e-9))
        else:
            blocks = np.flatnonzero(peaks > 0)
        values = self._padded.reshape(-1, _BLOCK)[blocks].ravel()
        docs = (blocks[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
        kept = values >= max(floor, 1e-9)
        docs, values = docs[kept], values[kept]
        if len(docs) > count:
            last = np.partition(values, len(values) - count)[len(values) - count]
            above, ties = docs[values > last], docs[values == last]
            docs = np.sort(np.concatenate([above, ties[: count - len(above)]]))
        return docs

    def clear(self) -> None:
        """Make ready for the next search."""
        for docs in self._touched:
            self.total[docs] = 0.0
        self._touched.clear()


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
