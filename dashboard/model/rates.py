"""From counters to rates and quantiles, with resets handled as Prometheus does. Pure.

Each series of a scrape grows by itself: a counter that went down means the process restarted and counts from zero. The
``Ledger`` sums what its series grew by into a few columns that only ever rise (requests, errors, the buckets of each
histogram …), so that the growth over any window is a difference of two of its readings.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from dashboard.model.snapshot import LARGEST, Labels, Metrics

Column = tuple[str, float]
"""What is counted and, for the bucket of a histogram, its upper bound (0 for a plain count)."""

COLUMNS_AT_MOST = 600
ROUTES_AT_MOST, ROUTE_CHARACTERS_AT_MOST = 10_000, 500
OWN_ENDPOINTS = "/api/monitoring"
"""Requests of operators: a dashboard must not count itself."""


def growth(before: float | None, after: float) -> float:
    """Return by how much a counter grew between two readings; from zero if it is new or was reset."""
    return after if before is None or after < before else after - before


def quantile(q: float, buckets: Sequence[tuple[float, float]]) -> float | None:
    """Return the ``q`` quantile of a histogram, as Prometheus estimates it: linear within the bucket it falls in.

    ``buckets`` are (upper bound, count so far) in rising order, the last bound infinite; what falls in the last bucket
    is put at the highest finite bound. None if nothing was counted.
    """
    if len(buckets) < 2 or buckets[-1][0] != inf or buckets[-1][1] <= 0:
        return None
    rank = q * buckets[-1][1]
    lower = below = 0.0
    for upper, so_far in buckets[:-1]:
        # Series reset at different moments can leave a dip; counts so far never fall.
        count = max(so_far, below)
        if count >= rank and count > below:
            return lower + (upper - lower) * max(rank - below, 0.0) / (count - below)
        lower, below = upper, count
    return lower


@dataclass(frozen=True, slots=True)
class Reading:
    """The columns at a monotonic second. ``run`` numbers the stretches of polls without a long gap."""

    at: float
    run: int
    totals: array[float]


@dataclass(frozen=True, slots=True)
class Growth:
    """What the columns grew by from one reading to a later one, ``seconds`` apart."""

    older: Reading
    newer: Reading
    columns: Mapping[Column, int]

    @property
    def seconds(self) -> float:
        return self.newer.at - self.older.at

    def count(self, name: str) -> float:
        """Return by how much a plain column grew."""
        return self._grown(self.columns.get((name, 0.0)))

    def rate(self, name: str) -> float | None:
        """Return the growth of a plain column per second; None over no time."""
        return self.count(name) / self.seconds if self.seconds > 0 else None

    def buckets(self, names: Iterable[str]) -> list[tuple[float, float]]:
        """Return the growth of one or more histograms: (upper bound, count so far), rising."""
        wanted, found = frozenset(names), dict[float, float]()
        for (name, bound), index in self.columns.items():
            if name in wanted:
                found[bound] = found.get(bound, 0.0) + self._grown(index)
        return sorted(found.items())

    def by_label(self, name: str) -> dict[str, float]:
        """Return by how much each column ``name:label`` grew, by label."""
        head = f"{name}:"
        return {
            column.removeprefix(head): self._grown(index)
            for (column, bound), index in self.columns.items()
            if not bound and column.startswith(head)
        }

    def quantile(self, q: float, *names: str) -> float | None:
        """Return a quantile of what was observed in this time by the named histograms together."""
        return quantile(q, self.buckets(names))

    def _grown(self, index: int | None) -> float:
        # A column that came after the older reading stood at zero then.
        if index is None or index >= len(self.newer.totals):
            return 0.0
        before = self.older.totals[index] if index < len(self.older.totals) else 0.0
        return self.newer.totals[index] - before


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted by label over ``seconds``; nothing over 0 s where it is not known."""

    counts: Mapping[str, float]
    seconds: float

    def rate(self, label: str) -> float | None:
        """Return how much a second, 0 for what did not occur; None where nothing is known."""
        return self.counts.get(label, 0.0) / self.seconds if self.seconds > 0 else None

    def share(self, label: str) -> float | None:
        """Return the share of ``label`` in all that was counted, 0-1; None if nothing was."""
        everything = sum(self.counts.values())
        return self.counts.get(label, 0.0) / everything if everything else None


class Ledger:
    """Sums the growth of the series of one instance. The first scrape only says where its counters stand."""

    def __init__(self) -> None:
        self.columns: dict[Column, int] = {}
        self._totals = array("d")
        self._before: Metrics | None = None
        self._routes: dict[tuple[str, Labels], tuple[Column, ...]] = {}

    def take(self, metrics: Metrics) -> None:
        """Add what the counters grew by since the scrape before."""
        before, self._before = self._before, metrics
        if before is None:
            return
        for name in FAMILIES.keys() & metrics.samples.keys():
            series = before.samples.get(name, {})
            for labels, value in metrics.samples[name].items():
                grown = growth(series.get(labels), value)
                if 0 < grown < LARGEST:
                    self._add(self._route(name, labels), grown)

    def rebase(self) -> None:
        """Forget where the counters stood: the next scrape comes from another process."""
        self._before = None

    def reading(self, at: float, run: int) -> Reading:
        """Return the columns as they stand."""
        return Reading(at, run, self._totals[:])

    def _route(self, name: str, labels: Labels) -> tuple[Column, ...]:
        found = self._routes.get((name, labels))
        if found is None:
            found = columns_of(name, labels)
            if len(self._routes) >= ROUTES_AT_MOST:
                self._routes.clear()
            if sum(len(key) + len(value) for key, value in labels) <= ROUTE_CHARACTERS_AT_MOST:
                self._routes[name, labels] = found
        return found

    def _add(self, columns: Iterable[Column], grown: float) -> None:
        for column in columns:
            index = self.columns.get(column)
            if index is None:
                if len(self.columns) >= COLUMNS_AT_MOST:
                    continue
                index = self.columns[column] = len(self._totals)
                self._totals.append(0.0)
            self._totals[index] += grown


# The label that tells the columns of a family apart, and the name that they begin with.
FAMILIES: Mapping[str, tuple[str, str]] = {
    "http_requests_total": ("status", "requests"),
    "http_request_duration_seconds_bucket": ("cache", "latency"),
    "http_requests_rejected_total": ("reason", "rejected"),
    "ai_requests_total": ("outcome", "ai"),
    "ai_request_duration_seconds_bucket": ("", "ai_latency"),
    "rankings_total": ("method", "rankings"),
    "cache_requests_total": ("result", "lookups"),
    "signals_queue_wait_seconds_bucket": ("", "queue_wait"),
}


# Outcomes of questions that were never put to the AI, for which it is not judged.
NOT_THE_AIS = ("overloaded", "not_ready")


def columns_of(name: str, labels: Labels) -> tuple[Column, ...]:
    """Return the columns that a series counts in: of its family, of the value of its label, and for 5xx ``errors``."""
    told, (label, column) = dict(labels), FAMILIES[name]
    if told.get("endpoint", "").startswith(OWN_ENDPOINTS):
        return ()
    if name.endswith("_bucket"):
        try:
            bound = float(told.get("le", ""))
        except ValueError:
            return ()
        return ((f"{column}:{told[label]}" if label in told else column, bound),)
    counts = name != "ai_requests_total" or told.get(label) not in NOT_THE_AIS
    columns: list[Column] = [(column, 0.0)] if counts else []
    if label in told:
        columns.append((f"{column}:{told[label]}", 0.0))
    if name == "http_requests_total" and told.get("status", "").startswith("5"):
        columns.append(("errors", 0.0))
    return tuple(columns)
