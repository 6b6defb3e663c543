"""What is kept of one instance: where its counters stand, the readings of the last hours, and its trends. Pure.

Readings answer "what was counted in the last minute": one a poll for five minutes, then one every 30 s for six hours.
From them each poll makes one value a vital sign, which the trends keep. A counter's value is a mean over a short
look-back (5 s for rates, 60 s for ratios and percentiles), so that single requests do not make it jump.
"""

from __future__ import annotations

from bisect import bisect_right

from dashboard.model.history import History
from dashboard.model.rates import FAMILIES, Growth, Ledger, Reading
from dashboard.model.snapshot import LARGEST, Metrics, Snapshot

KEYS = (
    "requests",
    "errors",
    "latency",
    "cached",
    "queue",
    "work",
    "refused",
    "ai",
    "cache",
    "cpu",
    "memory",
)
METRICS = frozenset(
    {
        *FAMILIES,
        "http_requests_in_flight",
        "signals_queue_depth",
        "signals_queue_capacity",
        "clients_blocked",
        "cache_entries",
        "system_cpu_ratio",
        "system_memory_ratio",
        "process_resident_memory_bytes",
    }
)
"""The metrics that the dashboard reads."""
FINE_SECONDS = 300.0
COARSE_STEP_SECONDS = 30.0
COARSE_SECONDS = 21_600.0
READING_BYTES = 1_600
READINGS_AT_LEAST = 100
RATE_SECONDS, RATIO_SECONDS, AI_SECONDS = 5.0, 60.0, 300.0
LONG_GAP_SECONDS, LONG_GAP_INTERVALS = 15.0, 5.0
GAP_INTERVALS = 3.0

UNCACHED, HITS, AI_LATENCY = ("latency:miss",), ("latency:hit",), ("ai_latency",)


class Book:
    """The history of one instance within ``budget_bytes``; ``values`` are those of the newest answer."""

    def __init__(self, interval_seconds: float, budget_bytes: int) -> None:
        self.latest: Snapshot | None = None
        self.values: dict[str, float | None] = {}
        self.history = History(KEYS, budget_bytes // 2)
        self._interval = interval_seconds
        self._ledger = Ledger()
        self._readings: list[Reading] = []
        self._at_most = 0
        self._run = 0
        self.limit(budget_bytes)

    def limit(self, budget_bytes: int) -> None:
        """Keep within another budget from now on; half of it is for the trends."""
        self._at_most = max(budget_bytes // 2 // READING_BYTES, READINGS_AT_LEAST)
        self.history.limit(budget_bytes // 2)

    def take(self, snapshot: Snapshot) -> None:
        """Add what a poll brought: the growth of its counters, a reading, and a value for each trend."""
        self._note_gap(snapshot)
        self.latest, self.values = snapshot, {}
        if not snapshot.metrics.samples:
            self.history.add(snapshot.wall, {})
            return
        self._ledger.take(snapshot.metrics)
        self._readings.append(self._ledger.reading(snapshot.at, self._run))
        self._thin(snapshot.at)
        self.values = self._values(snapshot.metrics)
        self.history.add(snapshot.wall, self.values)

    def miss(self, wall: float) -> None:
        """Note that a poll brought nothing: a gap in every trend."""
        if self.history.newest is not None:
            self.history.add(max(wall, self.history.newest), {})

    def restart(self) -> None:
        """Go on with another process: the trends stay, the counters begin anew."""
        self._ledger.rebase()
        self._run += 1

    def growth(self, window_seconds: float, same_run: bool = True) -> Growth | None:
        """Return what grew in the last ``window_seconds`` before the newest reading, or since the oldest one kept.

        ``same_run`` does not look behind a long gap. None before there are two readings.
        """
        if len(self._readings) < 2:
            return None
        newest = self._readings[-1]
        first = bisect_right(self._readings, newest.at - window_seconds, key=lambda reading: reading.at)
        older = self._readings[max(first - 1, 0)]
        if same_run and older.run != newest.run:
            older = next(reading for reading in self._readings[max(first - 1, 0) :] if reading.run == newest.run)
        return Growth(older, newest, self._ledger.columns) if older is not newest else None

    def _note_gap(self, snapshot: Snapshot) -> None:
        before = self.latest
        if before is None:
            return
        silent = snapshot.at - before.at
        if silent > max(LONG_GAP_SECONDS, LONG_GAP_INTERVALS * self._interval):
            self._run += 1
        newest = self.history.newest
        if newest is not None and snapshot.wall - newest > GAP_INTERVALS * self._interval:
            self.history.add(newest + self._interval, {})

    def _thin(self, now: float) -> None:
        """Keep one old reading in 30 s, none older than six hours, and never more than the budget."""
        readings = self._readings
        while len(readings) > 2 and (len(readings) > self._at_most or readings[0].at < now - COARSE_SECONDS):
            del readings[0]
        young = bisect_right(readings, now - FINE_SECONDS, key=lambda reading: reading.at)
        if young >= 3:
            before, middle, after = readings[young - 3 : young]
            # The borders of a run stay: a look-back begins there.
            if before.run == middle.run == after.run and after.at - before.at <= COARSE_STEP_SECONDS:
                del readings[young - 2]

    def _values(self, metrics: Metrics) -> dict[str, float | None]:
        short, minute = self.growth(RATE_SECONDS), self.growth(RATIO_SECONDS)
        counted = "http_requests_total" in metrics.samples
        in_flight = gauge(metrics, "http_requests_in_flight")
        return {
            "requests": short.rate("requests") if short and counted else None,
            "errors": percent(minute, "errors", "requests"),
            "latency": minute.quantile(0.95, *UNCACHED) if minute else None,
            "cached": minute.quantile(0.95, *HITS) if minute else None,
            "queue": gauge(metrics, "signals_queue_depth"),
            # The scrape that told the number was in flight itself.
            "work": None if in_flight is None else max(in_flight - 1, 0.0),
            "refused": short.rate("requests:429") if short and counted else None,
            "ai": percent(self.growth(AI_SECONDS), "ai:ok", "ai"),
            "cache": percent(minute, "lookups:hit", "lookups"),
            "cpu": _hundredfold(gauge(metrics, "system_cpu_ratio")),
            "memory": _hundredfold(gauge(metrics, "system_memory_ratio")),
        }


def gauge(metrics: Metrics, name: str) -> float | None:
    """Return a gauge without labels; None if it is not told or no number."""
    value = metrics.samples.get(name, {}).get(())
    return value if value is not None and abs(value) < LARGEST else None


def percent(growth: Growth | None, part: str, whole: str) -> float | None:
    """Return what share of ``whole`` was ``part``, in percent; None if there was none."""
    if growth is None or not (total := growth.count(whole)):
        return None
    return 100.0 * growth.count(part) / total


def _hundredfold(ratio: float | None) -> float | None:
    return None if ratio is None else 100.0 * ratio
