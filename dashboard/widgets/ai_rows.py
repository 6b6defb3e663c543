"""The facts of the AI and cache screen in lines: states, rates with their limits, failures, warm-up. Pure.

The most telling line comes first, because a small screen shows only the first few.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.model.snapshot import Alert, Snapshot
from dashboard.model.vitals import SEVERITY, State
from dashboard.model.words import DASH, measure, number, plain
from dashboard.widgets.bars import bar, fact, limited
from dashboard.widgets.figures import Figures, mood_of, number_of, percent, wrapped
from dashboard.widgets.moments import Moments
from dashboard.widgets.runs import Row, cut

FAILURES = ("timeout", "breaker_open", "overloaded", "bad_answer", "error", "not_ready", "quota")


AI_STATES: dict[str, tuple[str, str]] = {
    "off": ("–", "stale"),
    "loading": ("◔", "word-warn"),
    "ready": ("●", "ok"),
    "open": ("▲", "word-fire"),
}


AI_WORDS = {"off": "off: ranked by text", "open": "open: not called now"}


def worst(alerts: Sequence[Alert], names: Sequence[str]) -> State:
    """Return the worst state of the named rules; neutral if there are none."""
    states = [state for state in SEVERITY for alert in alerts if alert.name in names and alert.state == state]
    return states[-1] if states else "neutral"


def ai_rows(latest: Snapshot, width: int, height: int) -> list[Row]:
    """Return the facts about the AI, the most telling first."""
    figures, rules = latest.figures, {alert.name: alert for alert in latest.alerts}
    state = plain(str(figures.get("ai.state") or DASH), 20)
    glyph, role = AI_STATES.get(state, ("–", "stale"))
    calls = number_of(figures, "ai.requests")
    rows = [
        fact("state", [(f"{glyph} ", role), (AI_WORDS.get(state, state), "value")], width),
        fact("success", _with_bar(figures, "ai.success_rate", rules.get("AiFailing"), width), width),
        fact("fallbacks", _with_bar(figures, "ai.fallback_rate", rules.get("TooManyFallbacks"), width), width),
        fact("p95", [(measure(number_of(figures, "ai.duration_seconds.p95"), "s"), "value")], width),
        fact("model", [(plain(str(figures.get("ai.model") or DASH), 60), "blank")], width),
        fact("calls", [(number(calls, "requests")[0], "value"), (" in 60 s", "note")], width),
        fact("p50", [(measure(number_of(figures, "ai.duration_seconds.p50"), "s"), "blank")], width),
        fact("p99", [(measure(number_of(figures, "ai.duration_seconds.p99"), "s"), "blank")], width),
    ]
    return rows[:height]


def _with_bar(figures: Figures, name: str, alert: Alert | None, width: int) -> Row:
    value = number_of(figures, name)
    room = width - 22
    warns, fires = (None, None) if alert is None else (alert.warns, alert.fires)
    role = "line" if alert is None else {"fire": "fire", "warn": "warn"}.get(mood_of(alert), "line")
    drawn = limited(value, warns, fires, room, role) if room >= 6 else []
    return [(f"{percent(figures, name):<9} ", "value"), *drawn]


def failure_counts(figures: Figures) -> list[tuple[str, float]]:
    """Return the failures of the last minute by kind, most frequent first; every kind is named."""
    counts = [(kind.replace("_", " "), number_of(figures, f"ai.failures.{kind}") or 0.0) for kind in FAILURES]
    return sorted(counts, key=lambda pair: -pair[1])


def cache_rows(figures: Figures, width: int, height: int) -> list[Row]:
    """Return the facts about the cache."""
    entries, capacity = number_of(figures, "cache.entries"), number_of(figures, "cache.capacity")
    full = None if entries is None or not capacity else entries / capacity
    rate, room = number_of(figures, "cache.hit_rate"), width - 22
    counts = [(name, number_of(figures, f"cache.{name}")) for name in ("hits", "misses", "stale")]
    rows = [
        fact("hit rate", [(f"{percent(figures, 'cache.hit_rate'):<9} ", "value"), *bar(rate, room)], width),
        *(fact(name, [(number(value, "requests")[0], "blank"), (" in 60 s", "note")], width) for name, value in counts),
        fact("entries", [(f"{number(entries, 'requests')[0]:<9} ", "value"), *bar(full, room)], width),
        fact("room for", [(number(capacity, "requests")[0], "blank")], width),
    ]
    return rows[:height]


def warm_rows(figures: Figures, moments: Moments, said: str, width: int, height: int) -> list[Row]:
    """Return what is known of the warm-up, and what came of the one asked for here."""
    running = figures.get("warmup.running") is True
    last = figures.get("warmup.last_run_at")
    stamp = last if isinstance(last, str) else None
    failed = number_of(figures, "warmup.failed")
    state: Row = [("◔ running now", "word-warn")] if running else [("○ ", "ok"), ("at rest", "value")]
    clock = f"  {moments.time(stamp)}" if stamp and width >= 34 else ""
    rows = [
        fact("warm-up", state, width),
        fact("last", [(moments.ago(stamp), "value"), (clock, "note")], width),
        fact("warmed", [(number(number_of(figures, "warmup.warmed"), "requests")[0], "value")], width),
        fact("failed", [(number(failed, "requests")[0], "value-warn" if failed else "value")], width),
    ]
    rows = rows[: max(height - 1, 0)]
    words = wrapped(plain(said), width, height - len(rows)) if said else ["w warms the cache up now"]
    return [*rows, *(cut([(text, "line" if said else "stale")], width) for text in words)][:height]
