"""Is the service well? Small pure checks over plain values, and one word for all of them together.

``web`` asks at ``/api/monitoring/health``, a job every few minutes. Unhealthy means that a balancer should send
requests elsewhere; degraded means that an operator should look. ``Since`` adds when each check last changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, NamedTuple

from service.monitoring.rendering import timestamp
from service.monitoring.sources import AiPhase

Status = Literal["healthy", "degraded", "unhealthy"]
SEVERITY: tuple[Status, ...] = ("healthy", "degraded", "unhealthy")

DISPATCH_SECONDS = 10.0
AI_LOADING_SECONDS = 60.0
SILENT_PERIODS = 3
DISK_FREE_BYTES = 100_000_000


class Verdict(NamedTuple):
    """What one check finds; ``detail`` is one short sentence for a person."""

    status: Status
    detail: str


@dataclass(frozen=True, slots=True)
class Check:
    """A verdict and the epoch second at which its status last changed."""

    status: Status
    detail: str
    since: float

    def document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"status": self.status, "detail": self.detail, "since": timestamp(self.since)}


def assess(checks: Mapping[str, Check | Verdict]) -> Status:
    """Return the worst status of all; healthy if there are none."""
    return max((check.status for check in checks.values()), key=SEVERITY.index, default="healthy")


class Since:
    """Remembers when each check last changed its status. Thread-safe, and bounded: the code names the checks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, tuple[Status, float]] = {}

    def stamp(self, verdicts: Mapping[str, Verdict], now: float) -> dict[str, Check]:
        """Return the checks with their ``since``; ``now`` in epoch seconds."""
        with self._lock:
            for name, verdict in verdicts.items():
                if self._known.get(name, (None, 0.0))[0] != verdict.status:
                    self._known[name] = (verdict.status, now)
            return {
                name: Check(verdict.status, verdict.detail, self._known[name][1]) for name, verdict in verdicts.items()
            }


def catalogue(signals: int | None, damage: str | None = None) -> Verdict:
    """Judge the catalogue that is served: its number of signals, None if there is none, and what is wrong with it."""
    if signals is None:
        return Verdict("unhealthy", f"no catalogue can be served: {damage}" if damage else "no catalogue can be served")
    if damage:
        return Verdict("degraded", f"serving the last {signals} signals loaded: {damage}")
    return Verdict("healthy", f"{signals} signals")


def catalogue_source(set_up: bool, looked: bool, trouble: str | None) -> Verdict:
    """Judge where the catalogue is published: whether it was ``looked`` for, and what is the matter with it."""
    if trouble:
        return Verdict("degraded", f"the published catalogue: {trouble}")
    if not set_up:
        return Verdict("healthy", "no CATALOGUE_URL")
    return Verdict("healthy", "as published" if looked else "not read yet")


def catalogue_fleet(several: bool, disagreement: str | None) -> Verdict:
    """Judge whether the instances of a fleet serve the same catalogue."""
    if disagreement:
        return Verdict("degraded", disagreement)
    return Verdict("healthy", "no instances that differ" if several else "no REDIS_URL")


def dispatch(delay: float) -> Verdict:
    """Judge how long (seconds) the oldest accepted request has waited for a thread."""
    if delay > DISPATCH_SECONDS:
        return Verdict("unhealthy", f"a request has waited {delay:.0f} s for a thread")
    return Verdict("healthy", "requests are taken up at once" if delay < 1 else f"a request waits since {delay:.0f} s")


def draining(under_way: bool) -> Verdict:
    """Judge whether the service is shutting down."""
    return Verdict("unhealthy", "shutting down") if under_way else Verdict("healthy", "accepting requests")


def alerts(firing: Sequence[str]) -> Verdict:
    """Judge the names of the alerts that fire."""
    return Verdict("degraded", "firing: " + ", ".join(firing)) if firing else Verdict("healthy", "none fires")


def scheduler(silences: Mapping[str, tuple[float, float]]) -> Verdict:
    """Judge jobs by (seconds since they last ended, seconds of their period)."""
    silent = [
        f"{job} for {seconds:.0f} s" for job, (seconds, period) in silences.items() if seconds > SILENT_PERIODS * period
    ]
    return Verdict("degraded", "silent: " + ", ".join(silent)) if silent else Verdict("healthy", "jobs run on time")


def ai(enabled: bool, phase: AiPhase, seconds: float) -> Verdict:
    """Judge AI ranking, ``seconds`` in its phase: off is as wanted, open and a long loading are not."""
    if not enabled or phase == "off":
        return Verdict("healthy", "off")
    if phase == "open":
        return Verdict("degraded", "calls fail and are held back: answers are ranked by text")
    if phase == "loading" and seconds > AI_LOADING_SECONDS:
        return Verdict("degraded", f"loading for {seconds:.0f} s: answers are ranked by text")
    return Verdict("healthy", phase)


def client_store(store: str, ok: bool) -> Verdict:
    """Judge where limits and blocks are kept: ``memory`` or ``redis``."""
    return Verdict("healthy", store) if ok else Verdict("degraded", f"{store} is down: each instance limits by itself")


def state(damage: str | None) -> Verdict:
    """Judge the state database by what is wrong with it."""
    return Verdict("degraded", damage) if damage else Verdict("healthy", "readable and writable")


def disk(free_bytes: int | None) -> Verdict:
    """Judge the free bytes of the disk that holds the databases; None if they cannot be known."""
    if free_bytes is None:
        return Verdict("healthy", "free space unknown")
    status: Status = "degraded" if free_bytes < DISK_FREE_BYTES else "healthy"
    return Verdict(status, f"{free_bytes // 1_000_000} MB free")


def proxies(trusted: bool, forwarders: int) -> Verdict:
    """Judge whether clients can be told apart: ``forwarders`` private peers sent X-Forwarded-For."""
    if forwarders and not trusted:
        return Verdict(
            "degraded",
            f"{forwarders} private peers send X-Forwarded-For but TRUSTED_PROXIES is 0: "
            "all clients behind a proxy share one limit",
        )
    return Verdict("healthy", "X-Forwarded-For is believed as set" if trusted else "clients are socket peers")


def metrics_port(wanted: int, fault: str | None) -> Verdict:
    """Judge the port of the Prometheus metrics (0: off) by what kept it from opening."""
    if wanted == 0:
        return Verdict("healthy", "off")
    return Verdict("degraded", f"port {wanted}: {fault}") if fault else Verdict("healthy", f"port {wanted}")
