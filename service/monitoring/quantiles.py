"""The arithmetic of histograms: difference, sum and quantile. Pure.

A quantile is interpolated linearly inside its bucket, as Prometheus' ``histogram_quantile`` does, with two differences
that the known maximum allows: the last, open bucket ends at the maximum, and no quantile lies above it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from operator import sub

from service.monitoring.totals import BOUNDS, Histogram


def grown(before: int, after: int) -> int:
    """Return how much a counter grew; one that shrank was reset and counts from zero."""
    return after - before if after >= before else after


def subtract(newer: Histogram, older: Histogram) -> Histogram:
    """Return what came into ``newer`` since ``older``."""
    if newer is older:
        return Histogram()
    grown_by = list(map(sub, newer.buckets, older.buckets))
    if min(grown_by) < 0:
        return newer
    return Histogram(array("Q", grown_by), max(newer.seconds - older.seconds, 0.0))


def summed(histograms: Iterable[Histogram]) -> Histogram:
    """Return one histogram of all observations."""
    parts = list(histograms)
    if not parts:
        return Histogram()
    counts = array("Q", map(sum, zip(*(part.buckets for part in parts), strict=True)))
    return Histogram(counts, sum(part.seconds for part in parts))


def quantile(histogram: Histogram, q: float, maximum: float | None = None) -> float | None:
    """Return the ``q`` quantile (0-1) in seconds; None without observations.

    ``maximum`` is the longest observation if it is known; without it the open bucket counts as its lower bound.
    """
    total = histogram.count
    if total == 0:
        return None
    rank, below, lower = q * total, 0, 0.0
    longest = BOUNDS[-1] if maximum is None else max(maximum, BOUNDS[-1])
    for count, upper in zip(histogram.buckets, (*BOUNDS, longest), strict=True):
        if count and below + count >= rank:
            value = lower + (upper - lower) * max(rank - below, 0.0) / count
            return value if maximum is None else min(value, maximum)
        below, lower = below + count, upper
    return longest
