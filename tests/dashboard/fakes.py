"""A model and a client that never change, for the tests of what the eye meets: healthy, burning, stale, first start.

``FakeModel(scene)`` has the interface of TargetModel and the same numbers at every run; ``dashboard_at(scene)`` is the
app around it with a frozen clock. Snapshots in it are complete, so that every screen has something to show.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from dashboard.app import Dashboard
from dashboard.config import Target
from dashboard.model.alerts import AlertView, shown
from dashboard.model.connection import Connection
from dashboard.model.history import Band
from dashboard.model.members import Member
from dashboard.model.rates import Counted
from dashboard.model.snapshot import (
    Alert,
    BlockRow,
    ClientRow,
    EndpointRow,
    ErrorRow,
    Failure,
    JobRow,
    KeyRow,
    Metrics,
    Service,
    Snapshot,
    Transition,
)
from dashboard.model.vitals import SEVERITY, Point, Vital
from dashboard.model.words import duration

NOW = 100_000.0
WALL = 1_792_672_867.0  # 2026-10-22 12:41:07 UTC
SCENES = ("healthy", "burning", "stale", "first_start")
URL = "http://localhost:8000"

RULES = (
    # name, unit, warns, fires, clears, comparison, for_seconds, value when well
    ("HighErrorRate", "ratio", 0.05, 0.10, 0.08, ">", 30, 0.004),
    ("SlowResponses", "seconds", 10, 30, 20, ">", 60, 1.84),
    ("SlowCachedResponses", "seconds", 0.5, 1, 0.8, ">", 60, 0.0123),
    ("HighMemory", "ratio", 0.80, 0.90, 0.85, ">", 60, 0.632),
    ("HighCpu", "ratio", 0.70, 0.90, 0.80, ">", 300, 0.415),
    ("QueueBacklog", "requests", 50, 80, 60, ">", 15, 3),
    ("AiFailing", "ratio", 0.95, 0.80, 0.90, "<", 60, 0.981),
    ("AiSlow", "seconds", 10, 30, 25, ">", 60, 2.1),
    ("TooManyFallbacks", "ratio", 0.10, 0.25, 0.20, ">", 60, 0.02),
    ("ManyRateLimited", "ratio", 0.10, 0.25, 0.20, ">", 60, 0.021),
    ("WarmupStale", "intervals", 2, 3, 2, ">", 0, 0.4),
)


def iso(seconds_ago: float) -> str:
    return datetime.fromtimestamp(WALL - seconds_ago, UTC).isoformat()


def alerts(scene: str) -> tuple[Alert, ...]:
    """The service's own rules: all ok, or the queue firing, responses pending and the error rate clearing."""
    changed = {
        "QueueBacklog": {"state": "firing", "value": 92.0, "since": iso(134), "peak": 97.0, "severity": "critical"},
        "SlowResponses": {"state": "pending", "value": 31.2, "since": iso(41), "peak": 31.2},
        "HighCpu": {"state": "warning", "value": 0.784, "since": iso(75), "peak": 0.784},
        "HighErrorRate": {"state": "clearing", "value": 0.064, "since": iso(310), "peak": 0.131},
    }
    rules = [
        Alert(name, "ok", "warning", value, unit, comparison, warns, fires, clears, for_seconds, 20, iso(90_000))
        for name, unit, warns, fires, clears, comparison, for_seconds, value in RULES
    ]
    rules[10] = replace(rules[10], state="no_data", value=None)
    if scene == "burning":
        rules = [replace(rule, **changed.get(rule.name, {})) for rule in rules]
    return tuple(rules)


def snapshot(scene: str, at: float = NOW - 0.4) -> Snapshot:
    """One complete answer."""
    burning = scene == "burning"
    return Snapshot(
        at=at,
        wall=WALL - (NOW - at),
        seconds=0.012,
        service=Service("signals-agent", "1.0.0", "web-1", iso(274_320), 274_320.0),
        metrics=Metrics(),
        figures=figures(burning),
        alerts=alerts(scene),
        transitions=(
            Transition("QueueBacklog", "pending", "firing", 92.0, iso(134)),
            Transition("QueueBacklog", "ok", "pending", 81.0, iso(149)),
            Transition("AiFailing", "firing", "resolved", 0.97, iso(4000)),
        ),
        endpoints=(
            EndpointRow("/api/signals", "POST", 150.2, 0.012, 1.84),
            EndpointRow("/mcp", "POST", 32.1, 0.002, 0.91),
            EndpointRow("/health", "GET", 1.9, 0.0, 0.0021),
        ),
        clients=(ClientRow("203.0.113.7", 58), ClientRow("203.0.113.24", 31), ClientRow("2001:db8::/64", 12)),
        keys=(KeyRow("acme", 412, 600.0),),
        blocked=(BlockRow("198.51.100.9", iso(-840), "suspicious [red]input[/red]"),),
        jobs=(
            JobRow("cache_warm_up", iso(-220), iso(80), "ok", 1.42, 912, 3),
            JobRow("prune_blocks", iso(-20), iso(40), "error" if burning else "ok", 0.004, 4571, 1),
        ),
        errors=(
            ErrorRow(iso(12), "req-7f3a9c", "/api/signals", 503, "queue is full [bold]now[/bold]"),
            ErrorRow(iso(95), "req-11bd02", "/mcp", 500, "KeyError: 'price'"),
        ),
    )


def figures(burning: bool) -> dict[str, float | str | bool | None]:
    """The stats document with dotted names."""
    return {
        "requests.total": 1_284_112,
        "requests.in_flight": 14,
        "requests.rejected.rate_limited": 4102,
        "requests.rejected.blocked": 220,
        "requests.rejected.invalid": 17,
        "requests.rejected.suspicious": 9,
        "requests.rejected.overloaded": 63 if burning else 0,
        "queue.depth": 92 if burning else 3,
        "queue.capacity": 100,
        "queue.slots": 2,
        "queue.busy": 2 if burning else 1,
        "ai.enabled": True,
        "ai.state": "ready",
        "ai.model": "gemini-2.0-flash",
        "ai.requests": 48_211,
        "ai.success_rate": 0.981,
        "ai.fallback_rate": 0.02,
        "ai.failures.timeout": 41,
        "ai.failures.error": 3,
        "cache.entries": 412,
        "cache.capacity": 5000,
        "cache.hits": 90_112,
        "cache.misses": 36_201,
        "cache.stale": 812,
        "cache.hit_rate": 0.713,
        "clients.limit": 60,
        "clients.window_seconds": 60,
        "clients.tracked": 57,
        "clients.store": "memory",
        "clients.store_ok": True,
        "system.cpu_percent": 78.4 if burning else 41.5,
        "system.memory_percent": 63.2,
        "system.memory_used_bytes": 338_000_000,
        "system.process_rss_bytes": 121_000_000,
        "system.threads": 19,
        "system.open_files": 44,
        "system.source": "cgroup",
        "catalogue.signals": 1200,
        "catalogue.version": "2026-10",
        "catalogue.sample": True,
        "warmup.running": False,
        "warmup.last_run_at": iso(80),
        "warmup.warmed": 40,
        "warmup.failed": 0,
    }


def wave(count: int, low: float, high: float, period: float, phase: float = 0.0) -> list[float]:
    """A calm curve with a little life in it, the same at every run."""
    middle, swing = (low + high) / 2, (high - low) / 2
    return [
        middle + swing * (0.8 * math.sin(i / period + phase) + 0.2 * math.sin(i / period * 7.3 + phase * 3))
        for i in range(count)
    ]


def trend(values: list[float], gap: bool = True) -> tuple[Point, ...]:
    """Points that end now, one a second for 15 minutes and one in ten seconds before, with a hole of 75 s."""
    start = WALL - len(values) + 1
    holes = range(len(values) * 6 // 10, len(values) * 6 // 10 + 75) if gap and len(values) > 200 else range(0)
    kept = ((i, value) for i, value in enumerate(values) if i % 10 == 0 or i >= len(values) - 900)
    return tuple(Point(start + i, None if i in holes else value) for i, value in kept)


def ramp(values: list[float], peak: float, seconds: int = 150) -> list[float]:
    """The same curve, but climbing to ``peak`` at its end."""
    start = len(values) - seconds
    return [v if i < start else v + (peak - v) * min((i - start) / (seconds * 0.7), 1.0) for i, v in enumerate(values)]


def vitals(scene: str, window_seconds: float) -> tuple[Vital, ...]:
    """All vital signs of a scene, with the trend of the window."""
    if scene == "first_start":
        return tuple(replace(v, value=None, trend=(), state="unknown", notes=()) for v in whole("healthy", 900))
    start = WALL - window_seconds
    signs = whole(scene, 21_600 if window_seconds > 900 else 900)
    return tuple(replace(v, trend=tuple(point for point in v.trend if point.at > start)) for v in signs)


@cache
def whole(scene: str, count: int) -> tuple[Vital, ...]:
    """All vital signs of a scene over so many seconds."""
    burning = scene == "burning"
    queue, latency = [float(round(v)) for v in wave(count, 0, 6, 40)], wave(count, 0.9, 2.4, 70, 1)
    cpu, errors = wave(count, 30, 48, 120, 2), wave(count, 0.1, 0.7, 50, 3)
    if burning:
        queue, latency, cpu = ramp(queue, 92), ramp(latency, 31.2, 110), ramp(cpu, 78.4, 200)
        errors = ramp(errors, 6.4, 400)
    rate, cached = wave(count, 150, 210, 90), wave(count, 0.009, 0.016, 60, 4)
    work, refused = [float(round(v)) for v in wave(count, 4, 16, 30, 5)], wave(count, 1, 6, 80, 6)
    ai, cache, memory = wave(count, 97, 99.6, 65, 7), wave(count, 66, 76, 140, 8), wave(count, 62, 64, 300, 9)

    def sign(key, name, values, unit, high, warns=None, fires=None, below=False, state="neutral", since=None, **more):
        shown = "stale" if scene == "stale" else state
        age = 37.0 if scene == "stale" else since
        points = trend(values)
        return Vital(key, name, values[-1], unit, points, 0.0, high, warns, fires, below, shown, age, **more)

    def state(when_burning):
        return when_burning if burning else "ok"

    return (
        sign("requests", "Requests", rate, "/s", 500, notes=("peak 210", "in flight 14")),
        sign(
            "errors", "Errors", errors, "%", 20 if burning else 2, 5, 10,
            state=state("clearing"), since=310.0, notes=("5xx of all",),
        ),
        sign(
            "latency", "Latency p95", latency, "s", 50 if burning else 5, 10, 30,
            state=state("pending"), since=41.0, notes=("p50 0.90 s", "p99 19.2 s" if burning else "p99 2.91 s"),
        ),
        sign("cached", "Cached p95", cached, "s", 0.02, 0.5, 1, state="ok", notes=("p50 4.10 ms", "p99 31.0 ms")),
        sign(
            "queue", "Queue", queue, "requests", 100, 50, 80,
            state=state("firing"), since=134.0, notes=("of 100", "slots 2/2"),
        ),
        sign("work", "In flight", work, "requests", 20, notes=("slots 1/2",)),
        sign("refused", "Refused", refused, "/s", 10, state="ok", notes=("2.1 % of all", "1 blocked")),
        sign("ai", "AI success", ai, "%", 100, 95, 80, below=True, state="ok", notes=("fallback 2.0 %", "p95 2.10 s")),
        sign("cache", "Cache hits", cache, "%", 100, notes=("412 entries",)),
        sign("cpu", "CPU", cpu, "%", 100, 70, 90, state=state("warning"), since=75.0, notes=("19 threads",)),
        sign("memory", "Memory", memory, "%", 100, 80, 90, state="ok", notes=("338 MB", "rss 121 MB")),
    )  # fmt: skip


COUNTED = {
    "ai": {"ok": 2_272.0, "timeout": 41.0, "error": 3.0},
    "rankings": {"ai": 2_254.0, "text": 46.0},
    "lookups": {"hit": 7_130.0, "miss": 2_800.0, "stale": 70.0},
}
"""What the counters of AI and cache grew by in the window asked for."""


class FakeModel:
    """A TargetModel in which nothing moves."""

    def __init__(self, scene: str = "healthy", target: Target | None = None) -> None:
        self.scene = scene
        self.target = target or Target("local", URL)
        self.name, self.url, self.interval = self.target.name, self.target.url, self.target.interval_seconds
        self.taken: list[Snapshot | Failure] = []
        self.acknowledged: set[str] = set()
        self.snoozed: dict[str, float] = {}
        lost = Failure(NOW - 1, WALL - 1, "unreachable", "connection refused")
        self.failure = lost if scene in ("stale", "first_start") else None
        age = 37.0 if scene == "stale" else 0.4
        self.latest = None if scene == "first_start" else snapshot(scene, NOW - age)

    def take(self, answer: Snapshot | Failure) -> None:
        self.taken.append(answer)

    def connection(self, now: float) -> Connection:
        if self.scene == "first_start":
            words = "unreachable 12s · connection refused · next try in 4s · no answer yet"
            return Connection("unreachable", words)
        if self.scene == "stale":
            words = "unreachable 37s · next try in 4s · last answer 12:40:30 · connection refused"
            return Connection("unreachable", words, 37.0)
        return Connection("ok", "data 0.4s ago", 0.4, data_ok=True)

    def vitals(self, now: float, window_seconds: float = 900) -> tuple[Vital, ...]:
        return vitals(self.scene, window_seconds)

    def vital(self, key: str, now: float, window_seconds: float) -> Vital:
        return next(vital for vital in self.vitals(now, window_seconds) if vital.key == key)

    def newest_values(self) -> dict[str, float | None]:
        return {vital.key: vital.value for vital in self.vitals(NOW)} if self.latest else {}

    def bands(self, key: str, now: float, window_seconds: float) -> list[Band]:
        points = self.vital(key, now, window_seconds).trend[::10]
        values = ((point.at, math.nan if point.value is None else point.value) for point in points)
        return [Band(at, value, value, value) for at, value in values]

    def instances(self, now: float) -> tuple[str, ...]:
        return () if self.latest is None else (self.latest.service.instance,)

    def members(self, now: float) -> tuple[Member, ...]:
        return ()

    def alerts_of(self, snapshot: Snapshot, now: float) -> tuple[AlertView, ...]:
        views = [self.view(alert, now) for alert in snapshot.alerts]
        return tuple(sorted(views, key=lambda view: -SEVERITY.index(view.state)))

    def alerts(self, now: float) -> tuple[AlertView, ...]:
        known = () if self.latest is None else self.latest.alerts
        views = [self.view(alert, now) for alert in known]
        if self.failure is not None:
            views.append(self.view(Alert("ServiceUnreachable", "firing", "critical", since=iso(27)), now))
        return tuple(sorted(views, key=lambda view: -SEVERITY.index(view.state)))

    def view(self, alert: Alert, now: float) -> AlertView:
        lasted = WALL - datetime.fromisoformat(alert.since).timestamp()
        countdown = alert.for_seconds - lasted if alert.state == "pending" else None
        of = f" of {duration(alert.for_seconds)}" if alert.state == "pending" else ""
        value, fires = shown(alert.value, alert), shown(alert.fires, alert)
        sentence = f"{alert.name} {alert.state} {duration(lasted)}{of}: {value} (fires at {fires})"
        until = self.snoozed.get(alert.name)
        return AlertView(alert, alert.state, lasted, countdown, alert.name in self.acknowledged, until, sentence)

    def acknowledge(self, name: str) -> None:
        self.acknowledged.add(name)

    def snooze(self, name: str, seconds: float, now: float) -> None:
        self.snoozed[name] = now + seconds

    def counted(self, kind: str, now: float, window_seconds: float) -> Counted:
        if self.latest is None:
            return Counted({}, 0.0)
        if kind == "rejected":
            heads = [name for name in self.latest.figures if name.startswith("requests.rejected.")]
            return Counted({name.rpartition(".")[2]: float(self.latest.figures[name]) for name in heads}, 60.0)
        if kind in COUNTED:
            return Counted(COUNTED[kind], window_seconds)
        found = {}
        for labels, value in self.latest.metrics.samples.get("http_requests_total", {}).items():
            found[dict(labels)["status"]] = value / 7000.0 * window_seconds
        return Counted(found, window_seconds)

    def percentile(self, q: float, kind: str, now: float, window_seconds: float) -> float | None:
        return None if self.latest is None else {0.5: 0.9, 0.95: 2.1, 0.99: 4.8}[q]

    def reaches_back_seconds(self, now: float) -> float:
        return 600.0

    def latency_buckets(
        self, now: float, window_seconds: float, cache: str | None = None
    ) -> tuple[tuple[float, int], ...]:
        return (
            (0.05, 812),
            (0.1, 240),
            (0.5, 96),
            (1.0, 210),
            (2.5, 388),
            (5.0, 61),
            (10.0, 9),
            (30.0, 2),
            (math.inf, 0),
        )


class FakeClient:
    """A client that polls nothing and remembers what it was asked to do."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.asked: list[str] = []
        self.closed = False

    async def poll(self) -> Snapshot | Failure:
        self.asked.append("poll")
        return snapshot("healthy")

    async def run(self, take, paused) -> None:
        return None

    def hurry(self) -> bool:
        self.asked.append("poll")
        return True

    async def warm_up(self) -> str:
        self.asked.append("warm_up")
        return "Warm-up started: 40 queries [not markup]"

    async def lift_block(self, client: str) -> str:
        self.asked.append(f"lift_block {client}")
        return f"The block of {client} was lifted"

    async def close(self) -> None:
        self.closed = True


def dashboard_at(scene: str = "healthy", **more) -> Dashboard:
    """The app in a scene, with a frozen clock in UTC."""
    return Dashboard(
        [Target("local", URL)],
        client_factory=FakeClient,
        model_factory=lambda target: FakeModel(scene, target),
        clock=lambda: NOW,
        wall=lambda: WALL,
        zone=UTC,
        **more,
    )
