"""A row of the fleet as cells of a table: sign, name, numbers, a trend of the requests, and what is wrong. Pure."""

from __future__ import annotations

from dashboard.model import words
from dashboard.model.fleet import TREND_SECONDS, FleetRow
from dashboard.model.vitals import GLYPHS, WORDS, Vital
from dashboard.widgets.box import word_role
from dashboard.widgets.chart import spark
from dashboard.widgets.columns import Column
from dashboard.widgets.runs import Row

FLEET = (
    Column("sign", "", 1),
    Column("name", "Name", 14, grows=True, most=22),
    Column("state", "State", 14, rank=1),
    Column("requests", "Requests", 9, right=True),
    Column("trend", "15 min", 12, grows=True, most=20, rank=5),
    Column("errors", "Errors", 7, right=True, rank=2),
    Column("latency", "p95", 7, right=True, rank=3),
    Column("queue", "Queue", 7, right=True, rank=4),
    Column("cpu", "CPU", 6, right=True, rank=7),
    Column("memory", "Memory", 7, right=True, rank=8),
    Column("version", "Version", 7, rank=10),
    Column("words", "", 24, grows=True, rank=9),
)
LOST = "LOST"
GONE = "GONE"


def fleet_line(row: FleetRow, trend_width: int, end: float) -> dict[str, Row]:
    """Return the cells of a row; its trend takes ``trend_width`` cells and ends at the Unix second ``end``."""
    role = word_role(row.state)
    lasted = "" if row.state_seconds is None or row.state == "ok" else f" {words.duration(row.state_seconds)}"
    value = "value" if row.current else "stale"
    word = WORDS[row.state] if row.current else GONE if row.gone else LOST
    behind = f" ×{row.instances}" if row.instances > 1 else ""
    return {
        "sign": [(GLYPHS[row.state], role)],
        "name": [(words.plain(row.name, 60), "title" if row.current else "stale"), (behind, "note")],
        "state": [(f"{word}{lasted}", role)],
        "requests": _measured(row.values.get("requests"), "/s", value),
        "trend": _trend(row, trend_width, end),
        "errors": _measured(row.values.get("errors"), "%", value),
        "latency": _measured(row.values.get("latency"), "s", value),
        "queue": _queue(row, value),
        "cpu": _measured(row.values.get("cpu"), "%", value),
        "memory": _measured(row.values.get("memory"), "%", value),
        "version": [(words.plain(row.service.version, 20), "note")],
        "words": [(words.plain(row.sentence), role if row.sentence else "blank")],
    }


def _measured(value: float | None, unit: str, role: str) -> Row:
    text, shown = words.number(value, unit)
    return [(text, role), (f" {shown}" if text != words.DASH else "", "unit")]


def _queue(row: FleetRow, role: str) -> Row:
    depth = words.number(row.values.get("queue"), "requests")[0]
    return [(depth, role), ("" if row.capacity is None else f"/{row.capacity:.0f}", "unit")]


def _trend(row: FleetRow, width: int, end: float) -> Row:
    if width <= 0 or not row.trend:
        return []
    highest = max((point.value for point in row.trend if point.value is not None), default=0.0)
    vital = Vital("requests", "Requests", None, "/s", row.trend, 0.0, max(highest, 1.0))
    return spark(vital, end, TREND_SECONDS, width)
