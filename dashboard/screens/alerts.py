"""Screen 2: every alert rule, worst first, with its limits and how near it is to them; below, the log of its changes.

What has no room as a column is said in two lines under the table for the row under the cursor. Acknowledge and snooze
act on that row and stay on this side: the service never learns of them.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from dashboard.actions import SNOOZE_SECONDS
from dashboard.model.alerts import AlertView
from dashboard.model.vitals import WORDS, State
from dashboard.widgets.alert_rows import CHANGES, RULES, change_lines, detail, rule_line
from dashboard.widgets.box import mood
from dashboard.widgets.filter import Filter, Filtered
from dashboard.widgets.frame import Frame
from dashboard.widgets.hints import KEYS, Hint
from dashboard.widgets.moments import moments_of
from dashboard.widgets.panel import Drawing, Panel
from dashboard.widgets.seat import seat
from dashboard.widgets.tables import Table

COUNTED: tuple[State, ...] = ("firing", "pending", "warning", "clearing", "resolved", "ok", "no_data")


class AlertsScreen(Filtered):
    """Rules and their history."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (140, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012
    HINTS = (
        Hint("a", "acknowledge", "screen.acknowledge"),
        Hint("s", "snooze", "screen.snooze"),
        Hint("/", "filter", "screen.filter"),
        *KEYS[:3],
        *KEYS[-2:],
    )
    DEFAULT_CSS = """
    AlertsScreen #rules-panel { height: auto; }
    AlertsScreen #rules { height: auto; max-height: 60vh; }
    AlertsScreen.-low #rules { height: 7; }
    AlertsScreen #detail { height: 2; }
    AlertsScreen.-low #detail { height: 1; }
    AlertsScreen.-wide #detail { display: none; }
    AlertsScreen #history { min-height: 4; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", "Acknowledge this alert"),
        Binding("s", "snooze", "Snooze this alert, or wake it"),
    ]

    def compose(self) -> ComposeResult:
        with Frame():
            yield Filter("alert, state or value")
            with Panel("Alerts", id="rules-panel"):
                yield Table(RULES, empty="no rules known yet", id="rules")
                yield Drawing(id="detail")
            with Panel("History", id="history-panel"):
                yield Table(CHANGES, empty="no alert has changed its state", log=True, id="history")

    def on_mount(self) -> None:
        self.query_one("#rules", Table).focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show every rule and every change as they are now."""
        app = seat(self)
        now, latest = app.now(), app.model.latest
        moments = None if latest is None else moments_of(latest, now, app.clock_time)
        views = app.model.alerts(now)
        rules = self.query_one("#rules", Table)
        rules.show(self.kept(rule_line(view, now, moments, rules.width_for("gauge")) for view in views))
        states = [view.state for view in views]
        counts = [(states.count(state), WORDS[state].lower()) for state in COUNTED]
        mood_now = "fire" if "firing" in states else ""
        said = (f"{count} {word}" for count, word in counts if count)
        self.query_one("#rules-panel", Panel).say(*said, mood=mood_now)
        if latest is not None and moments is not None:
            lines = self.kept(change_lines(latest.transitions, latest.alerts, moments))
            self.query_one("#history", Table).show(lines)
            self.query_one("#history-panel", Panel).say(f"{len(lines)} changes" if lines else "")
        self._detail()

    def _view(self) -> AlertView | None:
        app = seat(self)
        chosen = self.query_one("#rules", Table).selected
        return next((view for view in app.model.alerts(app.now()) if view.alert.name == chosen), None)

    def _detail(self) -> None:
        app, view = seat(self), self._view()
        latest = app.model.latest
        moments = None if latest is None else moments_of(latest, app.now(), app.clock_time)
        self.query_one("#detail", Drawing).show(lambda width, height: detail(view, moments, width))

    def on_data_table_row_highlighted(self) -> None:
        self._detail()

    def on_table_placed(self) -> None:
        self.refresh_data()

    def action_acknowledge(self) -> None:
        """Acknowledge the alert under the cursor."""
        view, app = self._view(), seat(self)
        if view is None or mood(view.state) not in ("fire", "warn"):
            app.say("Nothing to acknowledge here: this rule is calm")
            return
        app.model.acknowledge(view.alert.name)
        app.say(f"{view.alert.name} acknowledged")
        app.repaint()

    def action_snooze(self) -> None:
        """Silence the alert under the cursor for a while, or wake it if it is silent."""
        view, app = self._view(), seat(self)
        if view is None:
            return
        asleep = view.snoozed_until is not None
        app.model.snooze(view.alert.name, 0.0 if asleep else SNOOZE_SECONDS, app.now())
        done = "speaks again" if asleep else f"snoozed for {SNOOZE_SECONDS / 60:.0f} minutes"
        app.say(f"{view.alert.name} {done}")
        app.repaint()
