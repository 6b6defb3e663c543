"""Small snapshots for the tests of the model: a service whose counters a test moves by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.config import Target
from dashboard.model.snapshot import Alert, Failure, Metrics, Service, Snapshot

WALL = 1_795_390_000.0
TARGET = Target("web", "http://localhost:8000")
BOUNDS = ("0.1", "1.0", "+Inf")


def iso(wall):
    return datetime.fromtimestamp(wall, UTC).isoformat()


class FakeService:
    """Counts what a test says happened, and tells it as a snapshot at a monotonic second."""

    def __init__(self, instance="web-1", started=0.0, **figures):
        self.instance, self.started = instance, started
        self.counts, self.gauges, self.alerts, self.figures = {}, {}, (), figures

    def count(self, name, amount=1, **labels):
        key = (name, tuple(sorted(labels.items())))
        self.counts[key] = self.counts.get(key, 0) + amount

    def answer(self, status="200", cache="miss", seconds=0.05, times=1):
        """``times`` requests that took so long."""
        self.count("http_requests_total", times, endpoint="/api/signals", method="GET", status=status)
        for bound in BOUNDS:
            hit = times if seconds <= float(bound) else 0
            name = "http_request_duration_seconds_bucket"
            self.count(name, hit, cache=cache, endpoint="/api/signals", method="GET", le=bound)

    def snapshot(self, at):
        samples = {}
        for (name, labels), value in self.counts.items():
            samples.setdefault(name, {})[labels] = float(value)
        samples |= {name: {(): float(value)} for name, value in self.gauges.items()}
        return Snapshot(
            at=at,
            wall=WALL + at,
            seconds=0.01,
            service=Service("signals-agent", "1.0.0", self.instance, iso(WALL + self.started), at - self.started),
            metrics=Metrics(samples),
            figures=self.figures,
            alerts=tuple(self.alerts),
        )


def rule(name="HighErrorRate", state="ok", **changes):
    """An alert in percent of ratio that began at second 100."""
    known = {
        "unit": "ratio",
        "warns": 0.05,
        "fires": 0.10,
        "clears": 0.08,
        "for_seconds": 30.0,
        "since": iso(WALL + 100),
    }
    return Alert(name, state, **(known | changes))


def failure(at, kind="unreachable", reason="connection refused"):
    return Failure(at, WALL + at, kind, reason)
