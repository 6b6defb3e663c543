"""The rows of the alerts screen: each rule with its limits, each change of state, the rule under the cursor. Pure.

A calm word stays grey, a loud one takes the colour of its state; every state has its glyph and its word besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard.model.alerts import AlertView, shown, state_of
from dashboard.model.snapshot import Alert, Transition
from dashboard.model.vitals import GLYPHS, WORDS, State
from dashboard.model.words import DASH, duration, plain
from dashboard.widgets.bars import gauge
from dashboard.widgets.box import mood, word_role
from dashboard.widgets.columns import Column, Line
from dashboard.widgets.moments import Moments
from dashboard.widgets.runs import Row, cut

UNITS = {"intervals": "×", "percent": "%"}


RULES = (
    Column("glyph", "", 1),
    Column("name", "Alert", 19),
    Column("state", "State", 8),
    Column("held", "Held", 6, right=True),
    Column("value", "Value", 7, right=True),
    Column("gauge", "", 16, grows=True, rank=9),
    Column("warns", "Warns", 8, right=True, rank=7),
    Column("fires", "Fires", 7, right=True),
    Column("clears", "Clears", 8, right=True, rank=8),
    Column("for", "For", 5, right=True, rank=4),
    Column("since", "Since", 8, rank=6),
    Column("peak", "Peak", 8, right=True, rank=5),
    Column("note", "", 14, rank=3),
)


CHANGES = (
    Column("time", "Time", 8),
    Column("ago", "", 11, right=True, rank=2),
    Column("name", "Alert", 19),
    Column("before", "From", 10),
    Column("arrow", "", 1),
    Column("after", "To", 10),
    Column("value", "Value", 9, right=True, rank=1),
    Column("rest", "", 0, grows=True, rank=3),
)


def figure(value: float | None, alert: Alert) -> str:
    """Return a value of the alert with a unit that fits into a column."""
    return shown(value, replace(alert, unit=UNITS.get(alert.unit, alert.unit)))


def whole_time(seconds: float) -> str:
    """Return a length of time without the part that is nothing: ``5m``, ``90s`` as ``1m30s``, ``0s``."""
    said = duration(seconds)
    return said.removesuffix("00s") if said.endswith("m00s") else said


def state_word(state: State) -> Row:
    """Return the word of a state in its colour; calm words stay grey."""
    role = "note" if mood(state) in ("ok", "stale") else word_role(state)
    return [(WORDS[state] or "–", role)]


def note(view: AlertView, now: float) -> Row:
    """Return what else there is to say: silenced, about to fire, or why there is no data."""
    if view.snoozed_until is not None:
        return [(f"snoozed {duration(view.snoozed_until - now)}", "note")]
    if view.acknowledged:
        return [("acknowledged", "note")]
    if view.countdown_seconds is not None:
        return [(f"fires in {duration(view.countdown_seconds)}", "word-warn")]
    if view.state == "no_data" and view.alert.needs:
        return [(f"needs {view.alert.needs}", "stale")]
    return []


def rule_line(view: AlertView, now: float, moments: Moments | None, gauge_width: int) -> Line:
    """Return one rule as a row."""
    alert, look = view.alert, mood(view.state)
    loud = look in ("fire", "warn")
    held = duration(view.state_seconds) if view.state not in ("ok", "no_data", "neutral") else ""
    bar_role = {"fire": "fire", "warn": "warn"}.get(look, "line")
    cells: dict[str, Row] = {
        "glyph": [(GLYPHS[view.state], word_role(view.state))],
        "name": [(plain(alert.name, 60), "value" if loud else "blank")],
        "state": state_word(view.state),
        "held": [(held, word_role(view.state) if loud else "note")],
        "value": [(figure(alert.value, alert), {"fire": "value-fire", "warn": "value-warn"}.get(look, "value"))],
        "gauge": gauge(alert, gauge_width, bar_role),
        "for": [(whole_time(alert.for_seconds), "note")],
        "since": [(moments.time(alert.since) if moments else DASH, "note")],
        "peak": [(figure(alert.peak, alert), "note")],
        "note": note(view, now),
    }
    limits = {"warns": alert.warns, "fires": alert.fires, "clears": alert.clears}
    return Line(alert.name, cells | {key: [(figure(value, alert), "note")] for key, value in limits.items()})


def change_lines(transitions: Sequence[Transition], alerts: Sequence[Alert], moments: Moments) -> list[Line]:
    """Return the log, newest first."""
    known = {alert.name: alert for alert in alerts}
    newest_first = sorted(transitions, key=lambda change: change.at, reverse=True)
    return [change_line(change, known.get(change.name), moments) for change in newest_first]


def change_line(change: Transition, alert: Alert | None, moments: Moments) -> Line:
    """Return one change of state as a row."""
    before, after = state_of(change.before), state_of(change.after)
    cells: dict[str, Row] = {
        "time": [(moments.time(change.at), "note")],
        "ago": [(moments.ago(change.at), "stale")],
        "name": [(plain(change.name, 60), "blank")],
        "before": [(f"{GLYPHS[before]} {WORDS[before]}", "stale")],
        "arrow": [("→", "stale")],
        "after": [(f"{GLYPHS[after]} ", word_role(after)), *state_word(after)],
        "value": [(figure(change.value, alert or Alert(change.name, "")), "note")],
    }
    return Line(f"{change.at} {change.name} {change.after}", cells)


def detail(view: AlertView | None, moments: Moments | None, width: int) -> list[Row]:
    """Return two lines about the rule under the cursor."""
    if view is None:
        return []
    alert = view.alert
    since = moments.time(alert.since) if moments else DASH
    named = (("warns", alert.warns), ("clears", alert.clears))
    limits = " · ".join(f"{name} {figure(value, alert)}" for name, value in named)
    rest = f"since {since} · peak {figure(alert.peak, alert)}"
    loud = mood(view.state) in ("fire", "warn")
    return [
        cut([(view.sentence, word_role(view.state) if loud else "note")], width),
        cut([(f"{limits} · {rest}", "axis")], width),
    ]
