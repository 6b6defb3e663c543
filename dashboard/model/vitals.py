"""Vital signs: each is one number with its trend, its limits and its state, ready to be drawn in any room. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["neutral", "ok", "warning", "pending", "firing", "clearing", "resolved", "no_data", "stale", "unknown"]

GLYPHS: dict[State, str] = {
    "neutral": "·",
    "ok": "●",
    "warning": "◐",
    "pending": "◔",
    "firing": "▲",
    "clearing": "△",
    "resolved": "○",
    "no_data": "–",
    "stale": "◌",
    "unknown": "–",
}
WORDS: dict[State, str] = {
    "neutral": "",
    "ok": "ok",
    "warning": "warning",
    "pending": "pending",
    "firing": "FIRING",
    "clearing": "clearing",
    "resolved": "resolved",
    "no_data": "no data",
    "stale": "stale",
    "unknown": "no data yet",
}
SEVERITY: tuple[State, ...] = (
    "neutral",
    "ok",
    "resolved",
    "no_data",
    "unknown",
    "stale",
    "clearing",
    "warning",
    "pending",
    "firing",
)
"""From calm to alarming."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a Unix second; None is a gap. One that is a mean says what it lay between."""

    at: float
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Vital:
    """One vital sign.

    ``value`` is in ``unit`` (``/s``, ``%`` 0-100, ``s``, ``requests``, ``MB``); ``low`` and ``high`` bound the chart;
    ``warns`` and ``fires`` are in the same unit; ``notes`` are short side figures ("p50 0.9 s", "slots 2/2");
    ``state_seconds`` says for how long it has been in its state; ``alert`` names the rule behind it, if there is one.
    """

    key: str
    name: str
    value: float | None
    unit: str
    trend: tuple[Point, ...] = ()
    low: float = 0.0
    high: float = 1.0
    warns: float | None = None
    fires: float | None = None
    below: bool = False
    state: State = "unknown"
    state_seconds: float | None = None
    notes: tuple[str, ...] = ()
    alert: str | None = None
