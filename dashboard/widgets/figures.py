"""Figures of a stats document as text: numbers that are numbers, ratios as per cent, long texts in lines. Pure.

A figure that is missing or of another type is None, and a dash on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from dashboard.model.snapshot import Alert
from dashboard.model.vitals import SEVERITY
from dashboard.model.words import number
from dashboard.widgets.box import mood

Figures = Mapping[str, float | str | bool | None]


def number_of(figures: Figures, name: str) -> float | None:
    """Return a figure if it is a number."""
    value = figures.get(name)
    return None if isinstance(value, (bool, str)) else value


def mood_of(alert: Alert) -> str:
    """Return the look of an alert as the service has it."""
    return mood(next((state for state in SEVERITY if state == alert.state), "unknown"))


def wrapped(text: str, width: int, height: int) -> list[str]:
    """Return the text in at most ``height`` lines of ``width`` characters, broken at blanks."""
    lines = wrap(text, max(width, 1), max_lines=max(height, 1), placeholder="…") or [""]
    return lines[: max(height, 1)]


def whole(count: float) -> str:
    """Return a count of things in at most five characters: ``412``, ``1.84k``."""
    return number(count, "requests")[0]


def bar_role(alerts: Sequence[Alert], name: str) -> str:
    """Return the colour of a bar that belongs to a rule: ``fire``, ``warn``, and ``line`` while it is calm."""
    look = next((mood_of(alert) for alert in alerts if alert.name == name), "ok")
    return look if look in ("fire", "warn") else "line"
