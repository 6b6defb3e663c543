"""Bars in one line of text, and lines that name a figure. Pure: shares and numbers go in, runs (text, role) come out.

A bar is a heavy line on a thin one, so that it reads without colour and stays calm; half cells make it move smoothly.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.model.snapshot import Alert
from dashboard.widgets.figures import whole
from dashboard.widgets.runs import Row, cut, merged, spread

FULL, HALF, REST = "━", "╸", "─"


def bar(share: float | None, width: int, role: str = "line") -> Row:
    """Return a bar of ``width`` cells filled to ``share`` (0-1); anything above nothing shows at least half a cell."""
    if width <= 0:
        return []
    halves = 0 if share is None else round(min(max(share, 0.0), 1.0) * width * 2)
    if share and share > 0:
        halves = max(halves, 1)
    filled = FULL * (halves // 2) + (HALF if halves % 2 else "")
    return merged([(filled, role), (REST * (width - len(filled)), "frame")])


def limited(share: float | None, warns: float | None, fires: float | None, width: int, role: str) -> Row:
    """Return a bar with a mark at each limit (all 0-1): ``┆`` where it warns, ``┃`` where it fires."""
    cells = [(char, run_role) for text, run_role in bar(share, width, role) for char in text]
    for limit, mark, mark_role in ((warns, "┆", "warns"), (fires, "┃", "fires")):
        if limit is not None and width > 0:
            cells[min(max(round(limit * width), 0), width - 1)] = (mark, mark_role)
    return merged(cells)


def reach(alert: Alert) -> float:
    """Return the value at the right end of an alert's bar: 1 for ratios that should be high, else beyond firing."""
    if alert.comparison.startswith("<"):
        return 1.0 if alert.unit == "ratio" else max(alert.clears or 0.0, alert.fires or 0.0, 1e-9) * 1.25
    span = (alert.fires or 0.0) * 1.25
    return min(span, 1.0) if alert.unit == "ratio" and span > 1.0 else (span or 1.0)


def gauge(alert: Alert, width: int, role: str) -> Row:
    """Return how near the alert is to firing, with its limits marked."""
    span = reach(alert)
    share, warns, fires = (None if v is None else v / span for v in (alert.value, alert.warns, alert.fires))
    return limited(share, warns, fires, width, role)


def fact(label: str, value: Sequence[tuple[str, str]], width: int, label_width: int = 11) -> Row:
    """Return one named figure: the label in grey, the value from a fixed column on."""
    return cut([(f"{label:<{label_width}} "[: max(width, 0)], "note"), *value], width)


def ranked(rows: Sequence[tuple[str, float]], width: int, height: int, role: str = "line") -> list[Row]:
    """Return one line a row: name, count, and its share of the largest as a bar; zeros are dim, order is kept."""
    if not rows:
        return []
    most = max((count for _, count in rows), default=0.0)
    name_width = min(max(len(name) for name, _ in rows), max(width // 2, 4))
    lines: list[Row] = []
    for name, count in rows[: max(height, 0)]:
        some = count > 0
        left: Row = [(f"{name[:name_width]:<{name_width}} ", "blank" if some else "stale")]
        right: Row = [(f" {whole(count):>6}", "value" if some else "stale")]
        lines.append(spread([*left, *bar(count / most if most else 0, width - name_width - 8, role)], right, width))
    return lines
