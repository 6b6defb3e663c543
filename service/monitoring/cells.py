"""Counters that grow in place and freeze into the parts of a ``Totals``.

They belong to the tally, which guards them with its lock. A cell is copied only when it has moved since its last copy,
so that a sample of a quiet service costs next to nothing, in time and in memory.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

from service.monitoring.totals import BOUNDS, Cell, Histogram, no_counts


class Durations:
    """A histogram that grows; ``freeze`` copies it, and only when it has moved since the last copy."""

    __slots__ = ("buckets", "frozen", "seconds")

    def __init__(self) -> None:
        self.buckets: array[int] = no_counts()
        self.seconds = 0.0
        self.frozen: Histogram | None = None

    def add(self, seconds: float) -> None:
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds
        self.frozen = None

    def freeze(self) -> Histogram:
        if self.frozen is None:
            self.frozen = Histogram(self.buckets[:], self.seconds)
        return self.frozen


class Answers:
    """One cell of answers that grows; it freezes as ``Durations`` does."""

    __slots__ = ("durations", "frozen", "statuses")

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.durations = Durations()
        self.frozen: Cell | None = None

    def freeze(self) -> Cell:
        if self.frozen is None or self.durations.frozen is None:
            self.frozen = Cell(tuple(self.statuses.items()), self.durations.freeze())
        return self.frozen
