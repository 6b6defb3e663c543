"""Metric families made from plain mappings of label values to numbers. Pure.

``metrics`` builds the whole exposition out of these three shapes. Labels are given as tuples in the order of their
names, so that a family without labels has the one key ``()``. A value of None is unknown and makes no sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from service.monitoring.totals import BOUNDS, Histogram

Labels = tuple[str, ...]

_LE = (*(str(bound) for bound in BOUNDS), "+Inf")


def counter(name: str, text: str, values: Mapping[Labels, float], names: Sequence[str] = ()) -> CounterMetricFamily:
    """Return a counter family; ``name`` ends in ``_total``."""
    family = CounterMetricFamily(name, text, labels=names)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def gauge(name: str, text: str, values: Mapping[Labels, float | None], names: Sequence[str] = ()) -> GaugeMetricFamily:
    """Return a gauge family, without samples for what is unknown."""
    family = GaugeMetricFamily(name, text, labels=names)
    for labels, value in values.items():
        if value is not None:
            family.add_metric(labels, value)
    return family


def histogram(
    name: str, text: str, values: Mapping[Labels, Histogram], names: Sequence[str] = ()
) -> HistogramMetricFamily:
    """Return a histogram family in seconds, its buckets cumulative as Prometheus wants them."""
    family = HistogramMetricFamily(name, text, labels=names)
    for labels, durations in values.items():
        buckets = list(zip(_LE, map(float, accumulate(durations.buckets)), strict=True))
        family.add_metric(labels, buckets, durations.seconds)
    return family


def by_word(counts: Mapping[str, int]) -> dict[Labels, float]:
    """Return counts by word as counts by a single label."""
    return {(word,): count for word, count in counts.items()}
