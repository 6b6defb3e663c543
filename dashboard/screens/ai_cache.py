"""Screen 4: how well the AI ranks, what fails and why, how long answers take, and what the cache saves.

The two histograms hold the answers of the window on screen: fresh ones on the left, those from the cache on the right,
coloured beyond the limits of their alert rules. ``w`` warms the cache up now; what came of it stays in its panel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.screen import Screen

from dashboard.model.book import AI_LATENCY, AI_SECONDS, RATIO_SECONDS
from dashboard.model.snapshot import Alert, Snapshot
from dashboard.model.vitals import GLYPHS, WORDS
from dashboard.model.words import number
from dashboard.widgets.ai_rows import Calls, ai_rows, cache_rows, failure_counts, span, warm_rows, worst
from dashboard.widgets.bars import ranked
from dashboard.widgets.box import mood
from dashboard.widgets.figures import bar_role, whole
from dashboard.widgets.frame import Frame
from dashboard.widgets.hints import KEYS, Hint
from dashboard.widgets.histogram import Bucket, Limits, histogram, total
from dashboard.widgets.moments import moments_of
from dashboard.widgets.panel import Drawing, Panel, Picture
from dashboard.widgets.seat import seat
from dashboard.widgets.tile import Tile
from dashboard.widgets.vitals import show_vitals

LATENCIES = (("fresh", "miss", "SlowResponses"), ("hits", "hit", "SlowCachedResponses"))
TILES = ("ai", "cache", "latency")
AI_RULES = ("AiFailing", "AiSlow", "TooManyFallbacks")
QUANTILES = (0.5, 0.95, 0.99)


def ai_mood(latest: Snapshot) -> tuple[str, str]:
    """Return what to say of the AI in a word, and its look: of its rules, or of a breaker that holds calls back."""
    state = worst(latest.alerts, AI_RULES)
    if mood(state) != "fire":
        held_back = {"open": ("▲ breaker open", "fire"), "loading": ("◔ loading", "warn")}
        found = held_back.get(str(latest.figures.get("ai.state")))
        if found is not None:
            return found
    return ("" if state in ("neutral", "ok") else f"{GLYPHS[state]} {WORDS[state]}"), mood(state)


class AiCacheScreen(Screen[None]):
    """AI, failures, cache, warm-up, latencies."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-mid"), (40, "-high")]  # noqa: RUF012
    # The charts come first; a cursor on one of them would only look like an alarm.
    AUTO_FOCUS = ""
    HINTS = (Hint("w", "warm up", "screen.warm_up"), *KEYS[:3], *KEYS[-2:])
    DEFAULT_CSS = """
    AiCacheScreen #tiles { height: 13; display: none; }
    AiCacheScreen #tiles Tile { width: 1fr; height: 1fr; }
    AiCacheScreen.-wide.-high #tiles { display: block; }
    AiCacheScreen #grid { layout: grid; width: 1fr; height: 1fr; grid-size: 2; grid-rows: 6 7 1fr; }
    AiCacheScreen.-low #grid { grid-rows: 5 5 1fr; }
    AiCacheScreen.-wide #grid { grid-size: 4; grid-rows: 10 1fr; }
    AiCacheScreen.-wide #fresh-panel, AiCacheScreen.-wide #hits-panel { column-span: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("w", "warm_up", "Warm the cache up now")]

    def __init__(self) -> None:
        super().__init__()
        self._said = ""

    def compose(self) -> ComposeResult:
        titles = {
            "ai": "AI",
            "cache": "Cache",
            "failures": "AI failures",
            "warm": "Warm-up",
            "fresh": "Latency of fresh answers",
            "hits": "Latency from the cache",
        }
        with Frame():
            with Horizontal(id="tiles"):
                for key in TILES:
                    yield Tile(key)
            with Container(id="grid"):
                for key, title in titles.items():
                    with Panel(title, id=f"{key}-panel"):
                        yield Drawing(id=key)

    def on_mount(self) -> None:
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show AI, cache and latencies as they are now."""
        app = seat(self)
        latest, now = app.model.latest, app.now()
        show_vitals(self)
        if latest is None:
            return
        figures, moments = latest.figures, moments_of(latest, now, app.clock_time)
        lookups, calls = app.model.counted("lookups", now, RATIO_SECONDS), self._calls()
        failures = failure_counts(calls.outcomes)
        role = bar_role(latest.alerts, "AiFailing")
        self._draw("ai", lambda w, h: ai_rows(latest, calls, w, h))
        self._draw("cache", lambda w, h: cache_rows(latest, lookups, w, h))
        self._draw("failures", lambda w, h: ranked(failures, w, h, role))
        self._draw("warm", lambda w, h: warm_rows(figures, moments, self._said, w, h))
        word, look = ai_mood(latest)
        self._panel("ai").say(word, mood=look)
        self._panel("failures").say(f"{whole(sum(count for _, count in failures))}{span(calls.outcomes)}")
        rules = {alert.name: alert for alert in latest.alerts}
        for key, cache, rule in LATENCIES:
            buckets = app.model.latency_buckets(now, app.window_seconds, cache)
            self._latencies(key, buckets, rules.get(rule))

    def _latencies(self, key: str, buckets: Sequence[Bucket], alert: Alert | None) -> None:
        limits = Limits() if alert is None else Limits(alert.warns, alert.fires)
        self._draw(key, lambda w, h: histogram(buckets, limits, w, h))
        minutes = f"last {seat(self).window_seconds / 60:.0f} min"
        self._panel(key).say(f"{number(total(buckets), 'requests')[0]} answers", minutes)

    def _calls(self) -> Calls:
        model, now = seat(self).model, seat(self).now()
        outcomes, rankings = (model.counted(kind, now, AI_SECONDS) for kind in ("ai", "rankings"))
        return Calls(outcomes, rankings, *(model.percentile(q, *AI_LATENCY, now, AI_SECONDS) for q in QUANTILES))

    def _draw(self, key: str, picture: Picture) -> None:
        self.query_one(f"#{key}", Drawing).show(picture)

    def _panel(self, key: str) -> Panel:
        return self.query_one(f"#{key}-panel", Panel)

    def action_warm_up(self) -> None:
        """Ask the service to warm its cache up; say in the panel what came of it."""
        self._said = "asking for a warm-up …"
        self.refresh_data()
        self.run_worker(self._warm_up(), group="warm-up", exclusive=True, exit_on_error=False)

    async def _warm_up(self) -> None:
        app = seat(self)
        said = await app.client.warm_up()
        self._said = f"{app.clock_time()} {said}"
        self.refresh_data()
        app.action_poll_now()
