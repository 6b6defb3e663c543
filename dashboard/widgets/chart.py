"""Braille charts as text: a trend and a fixed range go in, rows of runs (text, role) come out. Pure.

Points are placed by time: the right edge is the newest moment, each cell holds two columns of four dots. Values between
two polls are joined; a point without value breaks the line. Values beyond a limit take its role, so that colour follows
the value. The limits themselves are drawn in empty cells only: they never cover a sample.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.model.vitals import Point, Vital
from dashboard.widgets.runs import Row, merged

DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
BLOCKS = "▁▂▃▄▅▆▇"
"""Seven levels: a full block would run into the row above."""
Reach = tuple[float, float]
"""Lowest and highest value within one column."""


def columns(trend: Iterable[Point], end: float, window_seconds: float, count: int) -> list[Reach | None]:
    """Return what each of ``count`` columns of the window that ends at ``end`` holds; None where nothing is known.

    Columns begin at multiples of their length, so that a sample stays in its column and the picture stands still until
    the whole of it moves on by one.
    """
    found: list[Reach | None] = [None] * max(count, 0)
    if count <= 0 or window_seconds <= 0:
        return found
    step = window_seconds / count
    first = math.floor(end / step) - count + 1
    before: tuple[int, float] | None = None
    # An open column is kept apart from the list: this runs for every sample of every chart at every poll.
    here, low, high = -1, 0.0, 0.0
    for point in trend:
        value = point.value
        if value is None or not math.isfinite(value):
            before = None
            continue
        x = int(point.at // step) - first
        if before is not None and x - before[0] > 1:
            _join(found, before, (x, value))
        before = (x, value)
        if not 0 <= x < count:
            continue
        if x != here:
            here, low, high = x, value, value
        least, most = (value, value) if point.low is None or point.high is None else (point.low, point.high)
        low, high = min(low, least), max(high, most)
        found[x] = (low, high)
    return found


def _join(found: list[Reach | None], start: tuple[int, float], stop: tuple[int, float]) -> None:
    """Fill the columns between two neighbouring samples with the straight line between them."""
    (x0, v0), (x1, v1) = start, stop
    for x in range(max(x0 + 1, 0), min(x1, len(found))):
        value = v0 + (v1 - v0) * (x - x0) / (x1 - x0)
        found[x] = (value, value)


@dataclass(frozen=True, slots=True)
class Scale:
    """A fixed range of values over a number of dot rows, counted from the top."""

    low: float
    high: float
    dots: int

    def row(self, value: float) -> int:
        """Return the dot row of ``value``; values outside the range lie on its edge."""
        span = self.high - self.low
        share = (value - self.low) / span if span > 0 else 0.0
        return self.dots - 1 - round(min(max(share, 0.0), 1.0) * (self.dots - 1))


def level(vital: Vital, value: float) -> str:
    """Return ``fire``, ``warn`` or ``line``: on which side of its limits ``value`` lies."""
    for limit, role in ((vital.fires, "fire"), (vital.warns, "warn")):
        if limit is not None and (value < limit if vital.below else value > limit):
            return role
    return "line"


def worst_of(vital: Vital, reaches: Sequence[Reach | None]) -> float | None:
    """Return the value to judge these columns by: the highest, or the lowest where low is bad."""
    known = [reach for reach in reaches if reach is not None]
    if not known:
        return None
    return min(r[0] for r in known) if vital.below else max(r[1] for r in known)


def plot(vital: Vital, end: float, window_seconds: float, width: int, height: int) -> list[Row]:
    """Return ``height`` rows of ``width`` cells: an area, or a line where low values are bad."""
    if width <= 0 or height <= 0:
        return []
    reaches = columns(vital.trend, end, window_seconds, width * 2)
    scale = Scale(vital.low, vital.high, height * 4)
    masks, tops = _masks(reaches, scale, width, filled=not vital.below)
    limits = {row: (char, role) for row, char, role in limit_rows(vital, scale)}
    return [
        merged(_cell(vital, reaches, masks[y][x], x, y, tops[x], limits.get(y)) for x in range(width))
        for y in range(height)
    ]


def _masks(
    reaches: Sequence[Reach | None], scale: Scale, width: int, filled: bool
) -> tuple[list[list[int]], list[int]]:
    height = scale.dots // 4
    masks = [[0] * width for _ in range(height)]
    tops = [height] * width
    previous: int | None = None
    for x, reach in enumerate(reaches):
        if reach is None:
            previous = None
            continue
        top, bottom = scale.row(reach[1]), scale.row(reach[0])
        if filled:
            bottom = scale.dots - 1
        elif previous is not None:
            # Reach back to the neighbour, so that a steep line has no holes.
            top, bottom = min(top, previous + 1), max(bottom, previous - 1)
        for dot in range(top, bottom + 1):
            masks[dot // 4][x // 2] |= DOTS[x % 2][dot % 4]
        tops[x // 2] = min(tops[x // 2], scale.row(reach[1]) // 4)
        previous = scale.row(reach[1])
    return masks, tops


def limit_rows(vital: Vital, scale: Scale) -> list[tuple[int, str, str]]:
    """Return (cell row, character, role) of each limit within the range; the firing one last, so that it wins."""
    rows = []
    for limit, char, role in ((vital.warns, "┈", "warns"), (vital.fires, "╌", "fires")):
        if limit is not None and vital.low <= limit <= vital.high:
            rows.append((scale.row(limit) // 4, char, role))
    return rows


def _cell(
    vital: Vital, reaches: Sequence[Reach | None], mask: int, x: int, y: int, top: int, limit: tuple[str, str] | None
) -> tuple[str, str]:
    if not mask:
        return limit or (" ", "blank")
    worst = worst_of(vital, reaches[x * 2 : x * 2 + 2])
    role = "line" if worst is None else level(vital, worst)
    if not vital.below and y > top:
        role = "fill" if role == "line" else f"{role}-fill"
    return chr(0x2800 + mask), role


def spark(vital: Vital, end: float, window_seconds: float, width: int) -> Row:
    """Return the trend in one row of ``width`` cells, seven levels each."""
    cells = []
    scale = Scale(vital.low, vital.high, len(BLOCKS))
    for reach in columns(vital.trend, end, window_seconds, width):
        worst = worst_of(vital, [reach])
        if worst is None:
            cells.append((" ", "blank"))
        else:
            cells.append(
                (
                    BLOCKS[len(BLOCKS) - 1 - scale.row(worst)],
                    "spark" if level(vital, worst) == "line" else level(vital, worst),
                )
            )
    return merged(cells)
