"""A vital sign in one line: glyph, name, value, unit, trend, limit, state. What has no room is left out, in that order
of importance: limit, trend, state; glyph, name and value stay. Pure.
"""

from __future__ import annotations

from dashboard.model import words
from dashboard.model.vitals import GLYPHS, Vital
from dashboard.widgets.axis import tick
from dashboard.widgets.box import View, mood, state_runs, word_role
from dashboard.widgets.chart import spark
from dashboard.widgets.runs import Row, cut, merged

FIXED, STATE, LIMIT = 27, 17, 12
MIN_TREND, WITH_LIMIT = 8, 76


def shares(width: int) -> tuple[int, int, int]:
    """Return how many cells trend, limit and state get in a row of ``width`` cells."""
    limit = LIMIT if width >= WITH_LIMIT else 0
    state = STATE if width >= FIXED + STATE else 0
    trend = width - FIXED - limit - state
    return (trend, limit, state) if trend >= MIN_TREND else (0, limit, state)


def limit_words(vital: Vital) -> str:
    """Return ``> 10 %``: when it fires."""
    if vital.fires is None:
        return ""
    label = tick(vital.fires, vital.unit)
    return f"{'<' if vital.below else '>'} {label}" + (" %" if vital.unit == "%" else "")


def row(vital: Vital, view: View, width: int) -> Row:
    """Return the row, exactly ``width`` cells."""
    trend, limit, state = shares(width)
    text, unit = words.number(vital.value, vital.unit)
    look = mood(vital.state)
    value_role = {"fire": "value-fire", "warn": "value-warn"}.get(look, "value")
    runs: Row = [
        ("▌" if view.focused else " ", "cursor"),
        (GLYPHS[vital.state], word_role(vital.state)),
        (
            f" {vital.name[:12]:<13}",
            "title-focus" if view.focused else ("title" if look in ("fire", "warn") else "blank"),
        ),
        (f"{text.strip():>6}", value_role),
        (f" {'' if unit == 'requests' else unit[:2]:<2}", "unit"),
        ("  ", "blank"),
    ]
    if trend:
        runs += spark(vital, view.end, view.window_seconds, trend)
    if limit:
        runs.append((f"  {limit_words(vital):<{limit - 2}}", "note"))
    if state:
        # The glyph stands at the beginning of the row.
        runs += cut([(" ", "blank"), *state_runs(vital, state - 1)[1:]], state)
    return cut(merged(runs), width)


def heading(view: View, width: int) -> Row:
    """Return the column titles for rows of ``width`` cells."""
    trend, limit, state = shares(width)
    minutes = f"last {view.window_seconds / 60:g} min"
    titles = f"  {'vital sign':<14}{'now':>6}" + " " * 5
    titles += f"{minutes[:trend]:<{trend}}" if trend else ""
    titles += f"  {'fires':<{limit - 2}}" if limit else ""
    titles += f"  {'state':<{state - 2}}" if state else ""
    return cut([(titles, "head")], width)
