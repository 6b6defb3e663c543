"""The facts of the AI and cache screen in lines: states, rates with their limits, failures, warm-up. Pure.

Numbers are the growth of counters, over the same time as those of the tiles, so that the two never disagree. The most
telling line comes first, because a small screen shows only the first few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.model.book import gauge
from dashboard.model.rates import Counted
from dashboard.model.snapshot import Alert, Snapshot
from dashboard.model.vitals import SEVERITY, State
from dashboard.model.words import DASH, duration, measure, number, plain
from dashboard.widgets.bars import bar, fact, limited
from dashboard.widgets.figures import Figures, mood_of, number_of, wrapped
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


@dataclass(frozen=True, slots=True)
class Calls:
    """What the counters say of the AI's calls and of the rankings in the same time; latencies in seconds."""

    outcomes: Counted
    rankings: Counted
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


def ai_rows(latest: Snapshot, calls: Calls, width: int, height: int) -> list[Row]:
    """Return the facts about the AI, the most telling first."""
    figures, rules = latest.figures, {alert.name: alert for alert in latest.alerts}
    state = plain(str(figures.get("ai.state") or DASH), 20)
    glyph, role = AI_STATES.get(state, ("–", "stale"))
    off = figures.get("ai.enabled") is False
    fallbacks = None if off else calls.rankings.share("text")
    asked, per = sum(calls.outcomes.counts.values()), span(calls.outcomes)
    rows = [
        fact("state", [(f"{glyph} ", role), (AI_WORDS.get(state, state), "value")], width),
        fact("success", _with_bar(calls.outcomes.share("ok"), rules.get("AiFailing"), width), width),
        fact("fallbacks", _with_bar(fallbacks, rules.get("TooManyFallbacks"), width), width),
        fact("p95", [(measure(calls.p95, "s"), "value")], width),
        fact("model", [(plain(str(figures.get("ai.model") or DASH), 60), "blank")], width),
        fact("calls", [(number(asked if per else None, "requests")[0], "value"), (per, "note")], width),
        fact("p50", [(measure(calls.p50, "s"), "blank")], width),
        fact("p99", [(measure(calls.p99, "s"), "blank")], width),
    ]
    return rows[:height]


def span(counted: Counted) -> str:
    """Return ``in 5m``: over how long was counted; nothing where that is not known."""
    return f" in {duration(round(counted.seconds)).removesuffix('00s')}" if counted.seconds > 0 else ""


def _with_bar(value: float | None, alert: Alert | None, width: int) -> Row:
    room = width - 22
    warns, fires = (None, None) if alert is None else (alert.warns, alert.fires)
    role = "line" if alert is None else {"fire": "fire", "warn": "warn"}.get(mood_of(alert), "line")
    drawn = limited(value, warns, fires, room, role) if room >= 6 else []
    return [(f"{_percent(value):<9} ", "value"), *drawn]


def _percent(ratio: float | None) -> str:
    return measure(None if ratio is None else ratio * 100, "%")


def failure_counts(outcomes: Counted) -> list[tuple[str, float]]:
    """Return the failures by kind, most frequent first; every kind is named, one not known here too."""
    kinds = dict.fromkeys([*FAILURES, *(kind for kind in outcomes.counts if kind != "ok")])
    counts = [(plain(kind.replace("_", " "), 30), outcomes.counts.get(kind, 0.0)) for kind in kinds]
    return sorted(counts, key=lambda pair: -pair[1])


def cache_rows(latest: Snapshot, lookups: Counted, width: int, height: int) -> list[Row]:
    """Return the facts about the cache."""
    entries, capacity = gauge(latest.metrics, "cache_entries"), number_of(latest.figures, "cache.capacity")
    full = None if entries is None or not capacity else entries / capacity
    rate, room, per = lookups.share("hit"), width - 22, span(lookups)
    counts = [
        (name, lookups.counts.get(kind, 0.0) if per else None)
        for name, kind in (("hits", "hit"), ("misses", "miss"), ("stale", "stale"))
    ]
    rows = [
        fact("hit rate", [(f"{_percent(rate):<9} ", "value"), *bar(rate, room)], width),
        *(fact(name, [(number(value, "requests")[0], "blank"), (per, "note")], width) for name, value in counts),
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
