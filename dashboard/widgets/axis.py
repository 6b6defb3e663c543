"""The axes of a chart: value labels in a gutter on the left, times below. Pure."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.model.vitals import Vital
from dashboard.widgets.chart import Scale
from dashboard.widgets.runs import Row, merged

ROUND_SECONDS = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


def tick(value: float, unit: str) -> str:
    """Return a short label: ``30s``, ``200ms``, ``1.5k``, ``0``; percents and rates go without their unit."""
    if unit == "s":
        return "0" if value == 0 else (f"{value * 1000:g}ms" if value < 1 else f"{value:g}s")
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:.3g}M"
    return f"{value / 1000:.3g}k" if abs(value) >= 1000 else f"{value:.3g}"


def gutter(vital: Vital, rows: int) -> list[tuple[str, str]]:
    """Return a (label, role) a row, all of one width with a blank at the right: the range's ends and the limits."""
    scale = Scale(vital.low, vital.high, rows * 4)
    limits = {
        scale.row(limit) // 4: (tick(limit, vital.unit), role)
        for limit, role in ((vital.warns, "warns"), (vital.fires, "fires"))
        if limit is not None and vital.low <= limit <= vital.high
    }
    labels: dict[int, tuple[str, str]] = {}
    for share in _shares(rows):
        value = vital.low + (vital.high - vital.low) * share
        row = scale.row(value) // 4
        # A round number keeps off the limits, but the ends of the range are always said.
        if share in (0, 1) or not {row - 1, row, row + 1} & limits.keys():
            labels[row] = (tick(value, vital.unit), "axis")
    labels |= limits
    width = max(len(label) for label, _ in labels.values())
    return [(f"{label:>{width}} ", role) for label, role in (labels.get(row, ("", "axis")) for row in range(rows))]


def _shares(rows: int) -> tuple[float, ...]:
    if rows < 2:
        return (1.0,)
    if rows < 7:
        return (0.0, 1.0)
    return (0.0, 0.5, 1.0) if rows < 16 else (0.0, 0.25, 0.5, 0.75, 1.0)


def time_labels(
    end: float, window_seconds: float, width: int, clock_time: Callable[[float], str], begins: float | None = None
) -> tuple[Row, Row]:
    """Return a row of ticks and a row of times of day below it, as many as fit with room between them.

    Where nothing is kept from before ``begins`` and that lies in the window, the ticks say so.
    """
    step = next((s for s in ROUND_SECONDS if window_seconds / s * 11 <= width), ROUND_SECONDS[-1])
    ticks, times = [" "] * width, [" "] * width
    moment = end - end % step
    while moment > end - window_seconds:
        x = width - 1 - int((end - moment) / window_seconds * width)
        label = clock_time(moment)
        start = min(x - len(label) // 2, width - len(label))
        if start >= 0 and x >= 0:
            ticks[x] = "╵"
            times[start : start + len(label)] = list(label)
        moment -= step
    if begins is not None and begins > end - window_seconds:
        _say_begin(ticks, width - 1 - int((end - begins) / window_seconds * width), f"kept since {clock_time(begins)}")
    return merged([("".join(ticks), "axis")]), merged([("".join(times), "axis")])


def _say_begin(ticks: list[str], x: int, words: str) -> None:
    """Write where the history begins into a row of ticks, beside that place."""
    x = min(max(x, 0), len(ticks) - 1)
    start = x - len(words) - 1 if x > len(words) else x + 2
    if start + len(words) <= len(ticks):
        ticks[x] = "├"
        ticks[start : start + len(words)] = list(words)
