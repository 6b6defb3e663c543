"""The vital signs, put together: number, trend, range, limits, state and side figures of each. Pure.

Numbers and trends come from the counters, states and limits from the service's own rules. A sign with several rules
shows the worst of them; one without is neutral. When the connection is lost a sign is stale and keeps its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, log10

from dashboard.model import notes
from dashboard.model.alerts import AlertView
from dashboard.model.book import HITS, KEYS, RATIO_SECONDS, UNCACHED
from dashboard.model.notes import Notes, Sight
from dashboard.model.vitals import SEVERITY, State, Vital

__all__ = ["KEYS", "Scales", "Sight", "sign"]

_RANK = {state: rank for rank, state in enumerate(SEVERITY)}


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a sign is made: ``high`` is the natural end of its range, None for one that follows the values."""

    name: str
    unit: str
    rules: tuple[str, ...]
    high: float | None
    least_high: float
    notes: Notes


class Scales:
    """Upper ends of ranges that stay: they grow at once and shrink only when far too wide."""

    def __init__(self) -> None:
        self._highs: dict[tuple[str, float], float] = {}

    def high(self, key: str, window_seconds: float, peak: float, fires: float | None, least: float) -> float:
        """Return the end of a range over ``peak``, over the firing line too when it comes within a third of it."""
        near = fires is not None and peak >= fires * 2 / 3
        needed = nice(max(peak * 1.05, least, fires * 1.1 if near and fires is not None else 0.0))
        before = self._highs.get((key, window_seconds), 0.0)
        if needed > before or needed * 4 <= before:
            before = self._highs[key, window_seconds] = needed
        return before


def nice(value: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below ``value``."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return float(next(step * power for step in (1, 2, 5, 10, 20) if step * power >= value * (1 - 1e-9)))


def sign(key: str, sight: Sight, scales: Scales) -> Vital:
    """Return the vital sign ``key``; KeyError for a name that is none."""
    kind = _KINDS[key]
    trend = () if sight.book is None else sight.book.history.points(key, sight.since)
    views = [sight.alerts[name] for name in kind.rules if name in sight.alerts]
    own = views[0].alert if views and views[0].alert.name == kind.rules[0] else None
    warns, fires = (_in_unit(limit, kind.unit) for limit in ((own.warns, own.fires) if own else (None, None)))
    peak = max((p.value for p in trend if p.value is not None), default=0.0)
    high = _natural_high(key, kind, sight)
    state, worst = _state(key, sight, views)
    return Vital(
        key=key,
        name=kind.name,
        value=None if sight.book is None else sight.book.values.get(key),
        unit=kind.unit,
        trend=trend,
        low=0.0,
        high=high or scales.high(key, sight.window_seconds, peak, fires, kind.least_high),
        warns=None if kind.unit == "/s" else warns,
        fires=None if kind.unit == "/s" else fires,
        below=own is not None and own.comparison == "<",
        state=state,
        state_seconds=None if worst is None else worst.state_seconds,
        notes=tuple(kind.notes(sight, trend)),
        alert=None if worst is None else worst.alert.name,
    )


def _state(key: str, sight: Sight, views: list[AlertView]) -> tuple[State, AlertView | None]:
    worst = max(views, key=lambda view: _RANK[view.state], default=None)
    if sight.book is None:
        return "unknown", None
    if not sight.data_ok:
        return "stale", worst
    if worst is None or (key == "ai" and sight.flag("ai.enabled") is False):
        return "neutral", None
    return worst.state, worst


def _natural_high(key: str, kind: _Kind, sight: Sight) -> float | None:
    return sight.gauge("signals_queue_capacity") if key == "queue" else kind.high


def _in_unit(limit: float | None, unit: str) -> float | None:
    return limit * 100 if limit is not None and unit == "%" else limit


_AI_RULES = ("AiFailing", "AiSlow", "TooManyFallbacks")
_KINDS: Mapping[str, _Kind] = {
    "requests": _Kind("Requests", "/s", (), None, 5.0, notes.peak_note),
    "errors": _Kind("Errors", "%", ("HighErrorRate",), None, 20.0, notes.error_notes),
    "latency": _Kind(
        "Latency p95", "s", ("SlowResponses",), None, 0.05, notes.quantile_notes(UNCACHED, RATIO_SECONDS, 0.5, 0.99)
    ),
    "cached": _Kind(
        "Cached p95", "s", ("SlowCachedResponses",), None, 0.005, notes.quantile_notes(HITS, RATIO_SECONDS, 0.5, 0.99)
    ),
    "queue": _Kind("Queue", "requests", ("QueueBacklog",), None, 10.0, notes.queue_notes),
    "work": _Kind("In flight", "requests", (), None, 5.0, notes.work_notes),
    "refused": _Kind("Refused", "/s", ("ManyRateLimited",), None, 5.0, notes.refused_notes),
    "ai": _Kind("AI", "%", _AI_RULES, 100.0, 100.0, notes.ai_notes),
    "cache": _Kind("Cache", "%", (), 100.0, 100.0, notes.cache_notes),
    "cpu": _Kind("CPU", "%", ("HighCpu",), 100.0, 100.0, notes.cpu_notes),
    "memory": _Kind("Memory", "%", ("HighMemory",), 100.0, 100.0, notes.memory_notes),
}
