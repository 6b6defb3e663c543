"""A latency histogram as upright bars: one a bucket, counts above, bounds below, limits by colour. Pure.

Buckets outside the range in use are left out and neighbours joined until all fit, so that no bar is ever cut. Bars grow
in eighths of a line; the least count that is not zero still shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from dashboard.model import words
from dashboard.widgets.runs import Row, cut, merged

BLOCKS = " ▁▂▃▄▅▆▇█"
LEAST_WIDTH, MOST_WIDTH = 6, 12
LEAST_BARS = 6

Bucket = tuple[float, int]
"""Upper bound in seconds (the last may be infinite) and how many lay under it and above the one before."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a bar warns and fires, in seconds."""

    warns: float | None = None
    fires: float | None = None

    def role(self, low: float) -> str:
        """Return the role of a bar whose slowest answers took over ``low`` seconds."""
        if self.fires is not None and low >= self.fires:
            return "fire"
        return "warn" if self.warns is not None and low >= self.warns else "line"


@dataclass(frozen=True, slots=True)
class Bar:
    """The answers that took up to ``high`` seconds and longer than the bar before; the slowest over ``slowest``."""

    high: float
    count: int
    slowest: float


def bars(buckets: Sequence[Bucket], most: int) -> list[Bar]:
    """Return at most ``most`` bars around the buckets in use, from the quickest to the slowest."""
    used = [index for index, (_, count) in enumerate(buckets) if count > 0]
    if not used or most <= 0:
        return []
    first, last = used[0], used[-1]
    while last - first + 1 < min(LEAST_BARS, most, len(buckets)):
        first, last = max(first - 1, 0), min(last + 1, len(buckets) - 1)
    low = buckets[first - 1][0] if first else 0.0
    found = []
    for bound, count in buckets[first : last + 1]:
        found.append(Bar(bound, count, low if count else 0.0))
        low = bound
    while len(found) > most:
        found = _joined(found)
    return found


def _joined(found: Sequence[Bar]) -> list[Bar]:
    pairs = [found[index : index + 2] for index in range(0, len(found), 2)]
    return [Bar(pair[-1].high, sum(bar.count for bar in pair), max(bar.slowest for bar in pair)) for pair in pairs]


def bound_words(seconds: float) -> str:
    """Return a bound in few characters: ``250µs``, ``5ms``, ``2.5s``, ``∞``."""
    if not isfinite(seconds):
        return "∞"
    if seconds < 0.001:
        return f"{seconds * 1e6:g}µs"
    return f"{seconds * 1000:g}ms" if seconds < 1 else f"{seconds:g}s"


def histogram(buckets: Sequence[Bucket], limits: Limits, width: int, height: int) -> list[Row]:
    """Return the bars as ``height`` rows of ``width`` cells: counts, bars, a base line and the upper bounds."""
    found = bars(buckets, width // LEAST_WIDTH)
    if not found and height > 0:
        return [cut([("no answers of this kind in this window", "stale")], width)]
    if not found or height < 4:
        return []
    step = min(max(width // len(found), LEAST_WIDTH), MOST_WIDTH)
    tallest = max(bar.count for bar in found)
    rows = height - 3
    levels = [_level(bar.count, tallest, rows) for bar in found]
    picture = [_counts(found, levels, limits, step, rows, y) for y in range(rows + 1)]
    picture.append([("▔" * (step * len(found)), "axis")])
    picture.append([(f"{bound_words(bar.high):^{step}}", "note" if bar.count else "axis") for bar in found])
    return [cut(merged(row), width) for row in picture]


def _level(count: int, tallest: int, rows: int) -> int:
    """Return the height of a bar in eighths of a line."""
    return max(round(count / tallest * rows * 8), 1) if count else 0


def _counts(found: Sequence[Bar], levels: Sequence[int], limits: Limits, step: int, rows: int, y: int) -> Row:
    """Return line ``y`` of the picture: bars, and on top of each its count."""
    row: Row = []
    for bar, level in zip(found, levels, strict=True):
        # The line of the count is the one above the highest that the bar reaches.
        top = rows - -(-level // 8)
        if y == top:
            text = words.number(bar.count, "requests")[0] if bar.count else ""
            row.append((f"{text:^{step}}", "value" if bar.count else "axis"))
        elif y > top:
            eighths = min(max(level - (rows - y) * 8, 0), 8)
            body = BLOCKS[eighths] * (step - 2)
            row += [(" ", "blank"), (body, limits.role(bar.slowest)), (" ", "blank")]
        else:
            row.append((" " * step, "blank"))
    return row


def total(buckets: Sequence[Bucket]) -> int:
    """Return how many answers the buckets hold."""
    return sum(count for _, count in buckets)
