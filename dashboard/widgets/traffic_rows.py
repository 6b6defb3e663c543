"""The rows of the traffic screen: endpoints, statuses, refusals, clients and blocks, as cells and runs. Pure.

Colours follow the limits of the alert rules, so that a row and its alert never disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from dashboard.model.rates import Counted
from dashboard.model.snapshot import Alert, BlockRow, ClientRow, EndpointRow, KeyRow, Metrics, ToolRow
from dashboard.model.words import measure, number, plain
from dashboard.widgets.bars import bar
from dashboard.widgets.columns import Column, Line
from dashboard.widgets.figures import whole
from dashboard.widgets.moments import Moments
from dashboard.widgets.runs import Row, spread, width_of

REASONS = ("rate_limited", "blocked", "invalid", "suspicious", "overloaded", "draining")
ROOM_FOR_SHARE, ROOM_FOR_TOTAL = 26, 40


ENDPOINTS = (
    Column("method", "", 7),
    Column("endpoint", "Endpoint", 20, grows=True, most=28),
    Column("share", "", 6, grows=True, rank=2),
    Column("rate", "Rate", 9, right=True),
    Column("errors", "Errors", 7, right=True),
    Column("ratio", "of all", 8, right=True, rank=1),
    Column("p95", "p95", 8, right=True),
)


CLIENTS = (
    Column("client", "Client", 15, grows=True, most=24),
    Column("bar", "", 10, grows=True, rank=3),
    Column("used", "Used", 5, right=True),
    Column("limit", "", 8, rank=2),
)


BLOCKED = (
    Column("glyph", "", 1),
    Column("client", "Client", 13, grows=True, most=24),
    Column("left", "Ends", 9, right=True),
    Column("reason", "Reason", 10, grows=True, rank=1),
)


def share_role(value: float | None, alert: Alert | None) -> str:
    """Return the role of a value that has an alert's limits."""
    if value is None or alert is None:
        return "value"
    if alert.fires is not None and value > alert.fires:
        return "value-fire"
    return "value-warn" if alert.warns is not None and value > alert.warns else "value"


def endpoint_lines(rows: Sequence[EndpointRow], window: float, alerts: Sequence[Alert], width: int) -> list[Line]:
    """Return the endpoints, busiest first."""
    rules = {alert.name: alert for alert in alerts}
    ordered = sorted(rows, key=lambda row: (-(row.rate or 0.0), row.endpoint, row.method))
    most = max((row.rate or 0.0 for row in ordered), default=0.0)
    return [endpoint_line(row, most, window, rules, width) for row in ordered]


def tool_lines(rows: Sequence[ToolRow], endpoints: Sequence[EndpointRow], window: float, width: int) -> list[Line]:
    """Return the tools that agents call, busiest first, as rows below the endpoints; refused calls are their errors."""
    most = max((row.rate or 0.0 for row in endpoints), default=0.0)
    ordered = sorted(rows, key=lambda row: (-(row.rate or 0.0), row.tool))
    found = [EndpointRow(row.tool, "tool", row.rate, row.refused, None) for row in ordered]
    return [endpoint_line(row, most, window, {}, width) for row in found]


def endpoint_line(row: EndpointRow, most: float, window: float, rules: Mapping[str, Alert], width: int) -> Line:
    """Return one endpoint as a row; errors are a count over ``window`` seconds."""
    asked = (row.rate or 0.0) * window
    ratio = None if row.errors is None or asked <= 0 else min(row.errors / asked, 1.0)
    errors_role = share_role(ratio, rules.get("HighErrorRate")) if row.errors else "stale"
    cells: dict[str, Row] = {
        "method": [(plain(row.method, 7), "note")],
        "endpoint": [(plain(row.endpoint), "blank")],
        "share": bar((row.rate or 0.0) / most if most else 0.0, width),
        "rate": _measured(row.rate, "/s"),
        "errors": [("–" if row.errors is None else whole(row.errors), errors_role)],
        "ratio": [(measure(None if ratio is None else ratio * 100, "%"), errors_role if row.errors else "stale")],
        "p95": [(measure(row.p95, "s"), share_role(row.p95, rules.get("SlowResponses")))],
    }
    return Line(f"{row.method} {row.endpoint}", cells)


def _measured(value: float | None, unit: str) -> Row:
    text, unit = number(value, unit)
    return [(text, "value"), (f" {unit}", "note")]


def statuses(metrics: Metrics) -> list[tuple[str, float]]:
    """Return how many answers had each status since the service started."""
    counts: Counter[str] = Counter()
    for labels, value in metrics.samples.get("http_requests_total", {}).items():
        counts[plain(dict(labels).get("status", "?"), 5)] += int(value)
    return sorted((status, float(count)) for status, count in counts.items())


def status_role(status: str) -> str:
    """Return the role of a status: server errors fire, refusals warn."""
    return {"5": "fire", "4": "warn"}.get(status[:1], "line")


def status_rows(counts: Sequence[tuple[str, float]], recent: Counted, width: int, height: int) -> list[Row]:
    """Return a line a status: its share and rate of late, and its count since the start where there is room.

    Where there is no room for all, the most frequent are kept.
    """
    if not counts:
        return [[("no answers counted yet", "stale")]]
    everything = sum(recent.counts.values())
    kept = sorted(sorted(counts, key=lambda pair: -pair[1])[: max(height, 0)])
    rows: list[Row] = []
    for status, count in kept:
        rate = recent.rate(status)
        share = recent.counts.get(status, 0.0) / everything if everything else 0.0
        right: Row = [(f" {number(rate, '/s')[0]:>5}", "value" if rate else "stale"), (" /s", "note")]
        if width >= ROOM_FOR_SHARE:
            right.append((f" {'–' if rate is None else _percent(share):>6}", "note"))
        if width >= ROOM_FOR_TOTAL:
            right.append((f" {whole(count):>6}", "note"))
        left = [(f"{status:<4}", "blank"), *bar(share, width - 5 - width_of(right), status_role(status))]
        rows.append(spread(left, right, width))
    return rows


def _percent(share: float) -> str:
    return "<0.1 %" if 0 < share < 0.001 else f"{share * 100:.0f} %" if share >= 0.0995 else f"{share * 100:.1f} %"


def rejections(recent: Counted) -> list[tuple[str, float]]:
    """Return how many requests were refused for each reason of late."""
    return [(reason.replace("_", " "), recent.counts.get(reason, 0.0)) for reason in REASONS]


def client_lines(rows: Sequence[ClientRow], limit: float | None, width: int) -> list[Line]:
    """Return the busiest clients with a bar against the limit."""
    return [client_line(row, limit, width) for row in sorted(rows, key=lambda row: (-row.used, row.client))]


def key_lines(rows: Sequence[KeyRow], width: int) -> list[Line]:
    """Return the API keys by the names of their holders, the one nearest to its own limit first."""
    ordered = sorted(rows, key=lambda row: (-(row.used / row.limit if row.limit else 0.0), row.name))
    return [_use_line(f"key {row.name}", row.used, row.limit, width) for row in ordered]


def client_line(row: ClientRow, limit: float | None, width: int) -> Line:
    """Return one client."""
    return _use_line(row.client, row.used, limit, width)


def _use_line(name: str, count: int, limit: float | None, width: int) -> Line:
    """Return who uses how much of a limit: yellow from four fifths of it on, red when all is used."""
    share = count / limit if limit else None
    role = "line" if share is None or share < 0.8 else "warn" if share < 1.0 else "fire"
    used = {"line": "value", "warn": "value-warn", "fire": "value-fire"}[role]
    cells: dict[str, Row] = {
        "client": [(plain(name, 70), "blank")],
        "bar": bar(share, width, role),
        "used": [(whole(count), used)],
        "limit": [(f"of {whole(limit)}" if limit else "", "note")],
    }
    return Line(name, cells)


def block_lines(rows: Sequence[BlockRow], moments: Moments) -> list[Line]:
    """Return the blocked clients and when their blocks end."""
    return [
        Line(
            row.client,
            {
                "glyph": [("■", "word-warn")],
                "client": [(plain(row.client, 60), "blank")],
                "left": [(moments.until(row.until), "value")],
                "reason": [(plain(row.reason), "note")],
            },
        )
        for row in rows
    ]
