"""The trends of one instance: a value a poll for 15 minutes, then minimum, mean and maximum of each 10 s for
6 hours. Pure.

All series share one time axis (Unix seconds that never fall). A value that was not known is a gap. The memory has a
budget in bytes: when it is spent the oldest is given up, the coarse first, and ``oldest`` says how far back it reaches.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import inf, isnan, nan

from dashboard.model.vitals import Point

FINE_SECONDS = 900.0
CELL_SECONDS = 10.0
COARSE_SECONDS = 21_600.0
FINE_ROWS_AT_MOST = 4_500
ROWS_AT_LEAST = 60
FORGET_POINTS_AFTER = 120
"""Polls after which the ready-made points of a series that nobody looks at are dropped."""


@dataclass(frozen=True, slots=True)
class Band:
    """What a series was in a cell of 10 s that began at ``at``."""

    at: float
    low: float
    mean: float
    high: float


class History:
    """Keeps the series named ``keys`` within ``budget_bytes``."""

    def __init__(self, keys: Sequence[str], budget_bytes: int) -> None:
        self._fine = _Rows(keys)
        self._coarse = _Rows([f"{key}.{kind}" for key in keys for kind in ("low", "mean", "high")])
        self._cell = _Cell(tuple(keys), -inf)
        self._ready: dict[str, _Ready] = {}
        self.limit(budget_bytes)

    def limit(self, budget_bytes: int) -> None:
        """Keep within another budget from now on: a third of it at most for the values of each poll."""
        self._fine.capacity = max(min(FINE_ROWS_AT_MOST, budget_bytes // 3 // self._fine.row_bytes), ROWS_AT_LEAST)
        left = budget_bytes - self._fine.capacity * self._fine.row_bytes
        # One row in sixteen more, since that many are dropped at a time.
        most = int(COARSE_SECONDS / CELL_SECONDS * 17 / 16)
        self._coarse.capacity = max(min(most, left // self._coarse.row_bytes), ROWS_AT_LEAST)

    @property
    def oldest(self) -> float | None:
        """The Unix second of the oldest value kept; None before the first."""
        firsts = [rows.times[0] for rows in (self._coarse, self._fine) if rows.times]
        return min(firsts, default=None)

    @property
    def newest(self) -> float | None:
        return self._fine.times[-1] if self._fine.times else None

    def add(self, at: float, values: Mapping[str, float | None]) -> None:
        """Append one value a series, or a gap for one that is not in ``values``. A clock set back moves all before."""
        newest = self.newest
        if newest is not None and at < newest:
            self._shift(at - newest)
        row = {key: nan if (value := values.get(key)) is None else value for key in self._fine.columns}
        self._fine.append(at, row, at - FINE_SECONDS)
        if at >= self._cell.at + CELL_SECONDS:
            self._coarse.append(self._cell.at, self._cell.row(), at - COARSE_SECONDS)
            self._cell = _Cell(tuple(self._fine.columns), at - at % CELL_SECONDS)
        self._cell.add(row)
        for key, ready in list(self._ready.items()):
            ready.add(Point(at, values.get(key)), at - FINE_SECONDS, self._fine.capacity)
            if ready.unseen > FORGET_POINTS_AFTER:
                del self._ready[key]

    def points(self, key: str, since: float, until: float = inf) -> tuple[Point, ...]:
        """Return the series from ``since`` on: every value while all that is wanted is young, else each 10 s in one."""
        newest = self.newest
        if newest is None:
            return ()
        if since >= newest - FINE_SECONDS - CELL_SECONDS or self._all_fine():
            return self._ready_points(key).within(since, until)
        bands = self.bands(key, since, until)
        return tuple(
            Point(band.at, None) if isnan(band.mean) else Point(band.at, band.mean, band.low, band.high)
            for band in bands
        )

    def bands(self, key: str, since: float, until: float = inf) -> list[Band]:
        """Return minimum, mean and maximum of each 10 s from ``since`` on, the unfinished ten too; NaN in a gap."""
        rows, first = self._coarse, bisect_left(self._coarse.times, since - CELL_SECONDS)
        columns = [rows.columns[f"{key}.{kind}"] for kind in ("low", "mean", "high")]
        found = [Band(*cells) for cells in zip(rows.times[first:], *(c[first:] for c in columns), strict=True)]
        now = self._cell.row()
        if self._fine.times:
            found.append(Band(self._cell.at, now[f"{key}.low"], now[f"{key}.mean"], now[f"{key}.high"]))
        return [band for band in found if band.at <= until]

    def _all_fine(self) -> bool:
        """Return whether nothing is kept that is older than the fine values."""
        return not self._coarse.times or self._coarse.times[0] > self._fine.times[0] - CELL_SECONDS

    def _ready_points(self, key: str) -> _Ready:
        ready = self._ready.get(key)
        if ready is None:
            pairs = zip(self._fine.times, self._fine.columns[key], strict=True)
            ready = _Ready(deque(Point(at, None if isnan(value) else value) for at, value in pairs))
            self._ready[key] = ready
        return ready

    def _shift(self, seconds: float) -> None:
        self._fine.shift(seconds)
        self._coarse.shift(seconds)
        self._cell.at += seconds
        self._ready.clear()


class _Rows:
    """Columns of numbers with a shared time, the oldest dropped in batches."""

    def __init__(self, names: Sequence[str]) -> None:
        self.times = array("d")
        self.columns = {name: array("d") for name in names}
        self.row_bytes = 8 * (1 + len(names))
        self.capacity = ROWS_AT_LEAST

    def append(self, at: float, row: Mapping[str, float], since: float) -> None:
        if at == -inf:
            return
        # Dropping at the front moves all the rest: done one time in sixteen.
        if len(self.times) >= self.capacity or self.times[:1] < array("d", [since - CELL_SECONDS]):
            self._drop(max(bisect_left(self.times, since), len(self.times) - self.capacity + self.capacity // 16 + 1))
        self.times.append(at)
        for name, column in self.columns.items():
            column.append(row[name])

    def shift(self, seconds: float) -> None:
        self.times = array("d", (at + seconds for at in self.times))

    def _drop(self, count: int) -> None:
        del self.times[:count]
        for column in self.columns.values():
            del column[:count]


class _Cell:
    """The 10 s that are not over: lowest, sum, number and highest of each series."""

    def __init__(self, keys: Sequence[str], at: float) -> None:
        self.at = at
        self._sums = dict.fromkeys(keys, (inf, 0.0, 0, -inf))

    def add(self, row: Mapping[str, float]) -> None:
        for key, value in row.items():
            if not isnan(value):
                low, total, count, high = self._sums[key]
                self._sums[key] = (min(low, value), total + value, count + 1, max(high, value))

    def row(self) -> dict[str, float]:
        """Return the cell as a row of the coarse columns; NaN where nothing was known."""
        found: dict[str, float] = {}
        for key, (low, total, count, high) in self._sums.items():
            found[f"{key}.low"] = low if count else nan
            found[f"{key}.mean"] = total / count if count else nan
            found[f"{key}.high"] = high if count else nan
        return found


@dataclass(slots=True)
class _Ready:
    """The young points of a series that somebody looks at, made once each."""

    points: deque[Point]
    unseen: int = 0

    def add(self, point: Point, since: float, at_most: int) -> None:
        self.unseen += 1
        self.points.append(point)
        while self.points[0].at < since - CELL_SECONDS or len(self.points) > at_most:
            self.points.popleft()

    def within(self, since: float, until: float) -> tuple[Point, ...]:
        self.unseen = 0
        points = self.points
        first = 0 if not points or points[0].at >= since else bisect_left(points, since, key=lambda point: point.at)
        found = tuple(islice(points, first, None))
        return found if until == inf else tuple(point for point in found if point.at <= until)
