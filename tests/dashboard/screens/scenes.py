"""The scenes of ``tests.dashboard.fakes`` with fuller tables, for the screens that are made of tables.

``on_screen`` opens a numbered screen under a pilot.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC

from textual.pilot import Pilot

from dashboard.app import Dashboard
from dashboard.client import Explored
from dashboard.config import Target
from dashboard.model.members import Member
from dashboard.model.snapshot import (
    BlockRow,
    ClientRow,
    EndpointRow,
    ErrorRow,
    FailedActivation,
    JobRow,
    Metrics,
    Snapshot,
    Transition,
)
from dashboard.model.vitals import Point
from tests.dashboard.fakes import NOW, URL, WALL, FakeClient, FakeModel, iso, ramp, snapshot, wave

STATUSES = {
    "200": 1_264_021,
    "304": 4_210,
    "400": 3_102,
    "403": 220,
    "404": 77,
    "429": 10_410,
    "503": 1_912,
    "500": 160,
}
GAUGES = {"process_resident_memory_bytes": 121_000_000.0, "cache_entries": 412.0}
JOBS = ("sample", "refresh_catalogue", "warm_up", "health_check", "clean_state", "keep_warm")


def endpoints(burning: bool) -> tuple[EndpointRow, ...]:
    slow = 31.2 if burning else 1.84
    return (
        EndpointRow("/api/signals", "POST", 150.2, 641 if burning else 12, slow),
        EndpointRow("/api/signals", "GET", 28.4, 96 if burning else 1, slow * 0.7),
        EndpointRow("/api/signals/{id}", "GET", 3.1, 0, 0.0042),
        EndpointRow("/health", "GET", 1.9, 0, 0.00021),
        EndpointRow("/api/monitoring/stats", "GET", 1.0, 0, 0.0031),
        EndpointRow("/api/monitoring/metrics", "GET", 1.0, 0, 0.0118),
        EndpointRow("/openapi.json", "GET", 0.033, 0, 0.0009),
        EndpointRow("none", "GET", 0.017, 0, None),
    )


def jobs(burning: bool) -> tuple[JobRow, ...]:
    rows = [
        JobRow(name, iso(-20 - 55 * i), iso(3 + 41 * i), "ok", 0.0021 * 12**i if i < 3 else 0.004, 54_212 // (i + 1), 0)
        for i, name in enumerate(JOBS[:-1])
    ]
    rows.append(JobRow("keep_warm", iso(-221), None, None, None, 0, 0))
    if burning:
        rows[2] = replace(rows[2], last_outcome="error", failures=3)
    return tuple(rows)


def errors(burning: bool) -> tuple[ErrorRow, ...]:
    known = (
        ("/api/signals", 503, "the queue is full: 100 requests wait for 2 slots"),
        ("/api/signals", 503, "waited 2.0 s for a slot"),
        ("/api/signals", 500, "KeyError: 'price' [bold red]in[/bold red] service/ranking/rows.py, line 118, in priced"),
        ("/api/signals/{id}", 500, "sqlite3.OperationalError: database disk image is malformed"),
    )
    count = 40 if burning else 0
    return tuple(
        ErrorRow(iso(4 + 17.3 * i), f"02777f9fbc{0x1F40 + 977 * i:010x}", *known[(i * 7 + i // 3) % 4])
        for i in range(count)
    )


def transitions(burning: bool) -> tuple[Transition, ...]:
    old = (
        Transition("AiFailing", "firing", "clearing", 0.91, iso(4_150)),
        Transition("AiFailing", "clearing", "resolved", 0.97, iso(4_000)),
        Transition("HighCpu", "ok", "warning", 0.72, iso(21_000)),
        Transition("HighCpu", "warning", "ok", 0.66, iso(20_400)),
    )
    now = (
        Transition("HighErrorRate", "firing", "clearing", 0.079, iso(310)),
        Transition("HighErrorRate", "pending", "firing", 0.131, iso(700)),
        Transition("QueueBacklog", "ok", "pending", 81.0, iso(149)),
        Transition("QueueBacklog", "pending", "firing", 92.0, iso(134)),
        Transition("SlowResponses", "warning", "pending", 30.4, iso(41)),
    )
    return old + (now if burning else ())


def rich(snapshot: Snapshot, burning: bool) -> Snapshot:
    """Return the snapshot with a full day's worth of rows."""
    counts = {(("endpoint", "/x"), ("method", "GET"), ("status", s)): float(n) for s, n in STATUSES.items()}
    blocked = (
        BlockRow("198.51.100.9", iso(-840), "suspicious [red]input[/red]"),
        BlockRow("2001:db8:0:1::", iso(-52), "rate_limited"),
    )
    failures = (
        FailedActivation("auto-suv-intenders", "the-trade-desk", "no such seat [red]7[/red]", iso(310)),
        FailedActivation("ctx-travel-ski", "dv360", "no confirmation came in time: status 503", iso(86_000)),
    )
    figures = {
        "activations.under_way": 3.0,
        "activations.states.requested": 1.0,
        "activations.states.activating": 2.0,
        "activations.states.live": 1_204.0,
        "activations.states.failed": 2.0,
        "activations.states.deactivated": 41.0,
        "window_seconds": 60.0,
        "requests.rejected.draining": 0.0,
        "clients.limit": 100.0,
        "ai.duration_seconds.p50": 0.9,
        "ai.duration_seconds.p95": 2.1,
        "ai.duration_seconds.p99": 4.8,
        "catalogue.version": "e9f5460d2dabd8971953ff0747b5d6c3",
        "catalogue.loaded_at": iso(90_000),
    }
    return replace(
        snapshot,
        metrics=Metrics({"http_requests_total": counts} | {name: {(): value} for name, value in GAUGES.items()}),
        figures={**snapshot.figures, **figures},
        endpoints=endpoints(burning),
        transitions=transitions(burning),
        jobs=jobs(burning),
        errors=errors(burning),
        clients=tuple(
            ClientRow(f"203.0.113.{7 + 13 * i}", used)
            for i, used in enumerate((100, 88, 58, 31, 12, 9, 4, 1) if burning else (58, 31, 12, 9, 4, 1))
        ),
        blocked=blocked if burning else (),
        failed_activations=failures,
    )


class RichModel(FakeModel):
    """A model whose newest answer has full tables."""

    def __init__(self, scene: str = "healthy", target: Target | None = None) -> None:
        super().__init__(scene, target)
        self.snoozes: list[tuple[str, float]] = []
        if self.latest is not None:
            self.latest = rich(self.latest, scene == "burning")

    def snooze(self, name: str, seconds: float, now: float) -> None:
        self.snoozes.append((name, seconds))
        super().snooze(name, seconds, now)

    def latency_buckets(
        self, now: float, window_seconds: float, cache: str | None = None
    ) -> tuple[tuple[float, int], ...]:
        bounds = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5)
        bounds += (10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 90.0, 120.0, math.inf)
        fresh = (0, 0, 0, 12, 140, 520, 810, 412, 240, 150, 96, 60, 102, 388, 61, 20, 9)
        if self.scene == "burning":
            fresh += (30, 44, 60, 71, 18, 2)
        hits = (2_200, 14_120, 9_800, 3_400, 820, 96, 31, 4, 1)
        counts = hits if cache == "hit" else fresh
        return tuple(zip(bounds, counts + (0,) * (len(bounds) - len(counts)), strict=True))


HEADERS = (
    ("x-cache", "miss"),
    ("x-request-id", "02777f9fbc0000001f40"),
    ("ratelimit-policy", '"default";q=100;w=60'),
    ("ratelimit", '"default";r=93;t=41'),
)
NAMES = (
    ("auto-enthusiasts", "Car enthusiasts", 0.92, 7.8, 1.45, "Tunedial", "Name has car."),
    ("auto-used-car-intenders", "Used car intenders", 0.904, 8.3, 1.7, "Fieldstone Auto", "Name has car."),
    (
        "auto-suv-intenders",
        "SUV intenders [in market]",
        0.81,
        6.4,
        3.2,
        "Sample Data",
        "Path has in market.",
    ),
    (
        "auto-ev-curious",
        "Electric vehicle curious",
        0.74,
        3.1,
        4.05,
        "Volt & Partners",
        "Description has charging.",
    ),
    ("garage-weather", "Rainy weekend, car washes", 0.38, None, None, "Meteo", "Description has car."),
)


def answer(status: int = 200) -> Explored:
    """What the service says to a consumer."""
    if status != 200:
        problem = {
            "type": "/problems/rate-limited",
            "title": "Too many requests",
            "detail": "100 requests in 60 s are allowed.",
        }
        headers = (("retry-after", "12"), ("ratelimit", '"default";r=0;t=12'), *HEADERS[1:3])
        return Explored(status, 0.0021, headers, problem, "100 requests in 60 s are allowed (429)")
    signals = [
        {
            "signal_agent_segment_id": id_,
            "name": name,
            "relevance": relevance,
            "coverage_percentage": coverage,
            "pricing_options": [] if cpm is None else [{"cpm": cpm, "currency": "USD"}],
            "kind": "environmental" if cpm is None else "audience",
            "data_provider": provider,
            "match_reason": reason,
            "description": "Petrolheads who watch motoring shows, follow launch reviews and consume racing or "
            "restoration video several times weekly.",
            "path": ["Automotive", "Enthusiasts"],
            "countries": ["US", "GB", "AU"],
            "deployments": [{"platform": "the-trade-desk"}, {"platform": "dv360"}, {"platform": "magnite"}],
        }
        for id_, name, relevance, coverage, cpm, provider, reason in NAMES
    ]
    document = {
        "signals": signals,
        "ranking_method": "text",
        "fallback_reason": None,
        "message": "79 signals match 'cars'; 5 shown, ranked by text. This is sample data.",
        "pagination": {"has_more": True, "total_count": 79},
    }
    return Explored(200, 0.0124, HEADERS, document)


class AskedClient(FakeClient):
    """A client that answers questions with ``status``."""

    status = 200

    async def explore(self, spec: str, max_results: int = 10) -> Explored:
        self.asked.append(f"explore {spec}")
        return answer(self.status)


def rich_dashboard(scene: str = "healthy") -> Dashboard:
    """The app in a scene with full tables."""
    return Dashboard(
        [Target("local", URL)],
        client_factory=AskedClient,
        model_factory=lambda target: RichModel(scene, target),
        clock=lambda: NOW,
        wall=lambda: WALL,
        zone=UTC,
    )


def fleet_of(count: int, scene: str = "burning") -> Dashboard:
    """The app over many targets; every fourth of them is in another scene, the rest are healthy."""
    scenes = {1: scene, 2: "stale", 3: "first_start"} if scene == "burning" else {1: scene}
    of = {Target(f"web-{n}", f"http://web-{n}:8000"): scenes.get(n % 8, "healthy") for n in range(1, count + 1)}
    return Dashboard(
        list(of),
        client_factory=AskedClient,
        model_factory=lambda target: RichModel(of[target], target),
        clock=lambda: NOW,
        wall=lambda: WALL,
        zone=UTC,
    )


class SharedModel(RichModel):
    """A target whose instances tell of each other: three that are well, and in trouble one that burns and one gone."""

    def __init__(self, troubled: bool, target: Target | None = None) -> None:
        super().__init__("healthy", target)
        self.troubled = troubled
        totals = {"requests.duration_seconds.p95": 12.4 if troubled else 1.91}
        self.latest = replace(self.latest, totals=totals)

    def members(self, now: float) -> tuple[Member, ...]:
        known = [member(place, "healthy", None) for place in range(3)]
        more = [member(3, "burning", None), member(4, "healthy", 41.0)] if self.troubled else []
        return (*known, *more)


def member(place: int, scene: str, gone_seconds: float | None) -> Member:
    """One of several instances, each a little other than the rest."""
    burning = scene == "burning"
    rates = wave(90, 40 + 9 * place, 62 + 9 * place, 11, place)
    if burning:
        rates = ramp(rates, 96, 20)
    told = {
        "requests.rate": rates[-1],
        "requests.error_rate": 0.064 if burning else 0.002 * place,
        "requests.duration_seconds.p95": 31.2 if burning else 1.7 + 0.1 * place,
        "queue.depth": 92.0 if burning else float(place),
        "queue.capacity": 100.0,
        "system.cpu_percent": 78.4 if burning else 31.5 + 4 * place,
        "system.memory_percent": 63.2 - 3 * place,
    }
    latest = snapshot(scene)
    named = replace(latest.service, instance=("eu-1", "eu-2", "us-1", "us-2", "us-3")[place])
    trend = tuple(Point(WALL - 10 * (89 - step), rate) for step, rate in enumerate(rates))
    return Member(replace(latest, service=named, figures={**latest.figures, **told}), gone_seconds, trend)


def shared_fleet(troubled: bool) -> Dashboard:
    """The app at one address with three instances behind it."""
    return Dashboard(
        [Target("signals", "https://signals.example")],
        client_factory=AskedClient,
        model_factory=lambda target: SharedModel(troubled, target),
        clock=lambda: NOW,
        wall=lambda: WALL,
        zone=UTC,
    )


@asynccontextmanager
async def on_screen(key: str, scene: str = "burning", size: tuple[int, int] = (160, 48)) -> AsyncIterator[Pilot[None]]:
    """A pilot at the screen with this number."""
    async with rich_dashboard(scene).run_test(size=size) as pilot:
        await pilot.press(key)
        await pilot.pause()
        yield pilot


def text_of(pilot: Pilot[None]) -> str:
    """What is on the screen."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def said(pilot: Pilot[None]) -> list[str]:
    """The notices that are up."""
    return [notice.message for notice in pilot.app._notifications]
