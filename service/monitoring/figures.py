"""The figures of one instance as others can add them up: its stats, the counts behind its ratios, and its durations.

Ratios and percentiles cannot be added, counts and buckets can; the buckets are the same everywhere (``totals.BOUNDS``).
They travel as packed JSON; what comes from elsewhere and cannot be such figures raises ``ValueError``.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.monitoring.totals import BOUNDS, Histogram

SCHEMA = 1
UNPACKED_BYTES = 1_000_000
ERRORS_SENT = 5
CLIENTS_SENT = 10
COUNTS = ("answers", "rankings", "fallbacks")
DURATIONS = ("all", "cached", "waits", "ai")

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """``counts`` are of the window: answers, rankings, fallbacks; ``durations``: all, cached, waits, ai."""

    stats: Document
    counts: Mapping[str, int]
    durations: Mapping[str, Histogram]

    def packed(self) -> bytes:
        """Return the figures as bytes, without what nobody adds up and somebody would have to read."""
        buckets = {name: [histogram.buckets.tolist(), histogram.seconds] for name, histogram in self.durations.items()}
        text = json.dumps([SCHEMA, shortened(self.stats), dict(self.counts), buckets], separators=(",", ":"))
        return zlib.compress(text.encode(), 1)


def shortened(stats: Document) -> Document:
    """Return the stats with the long lists cut short."""
    clients = stats["clients"]
    lists = {name: clients[name][:CLIENTS_SENT] for name in ("top", "blocked")}
    return stats | {
        "clients": clients | lists,
        "transitions": [],
        "recent_errors": stats["recent_errors"][:ERRORS_SENT],
    }


def unpacked(data: bytes) -> Figures:
    """Return the figures that ``packed`` made. Raises ``ValueError`` for what is none."""
    try:
        member = zlib.decompressobj()
        text = member.decompress(data, UNPACKED_BYTES)
        if not member.eof:
            raise ValueError("cut short, or too large")
        schema, stats, counts, durations = json.loads(text)
        if schema != SCHEMA:
            raise ValueError("another version")
        return Figures(
            stats,
            {name: int(counts[name]) for name in COUNTS},
            {name: _histogram(*durations[name]) for name in DURATIONS},
        )
    except (zlib.error, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None


def _histogram(buckets: list[int], seconds: float) -> Histogram:
    if len(buckets) != len(BOUNDS) + 1:
        raise ValueError("other buckets")
    return Histogram(array("Q", buckets), float(seconds))
