"""The big chart: gutter, trend, time axis, and a cursor whose line says the moment and its value."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.model import words
from dashboard.model.history import FINE_SECONDS
from dashboard.model.vitals import Point, Vital
from dashboard.widgets.axis import gutter, time_labels
from dashboard.widgets.box import number_runs, state_runs, window_words
from dashboard.widgets.chart import Reach, columns, level, plot
from dashboard.widgets.ink import Ink
from dashboard.widgets.runs import Row, cut, merged, spread, width_of
from dashboard.widgets.seat import seat

AXIS_ROWS, HEAD_ROWS = 2, 2


@dataclass(frozen=True, slots=True)
class Look:
    """Where one looks: the Unix second at the right edge, the window before it, and how far that is from now.

    ``begins`` is the Unix second of the oldest value kept; None where that is not known.
    """

    end: float
    window_seconds: float
    back_seconds: float = 0.0
    begins: float | None = None

    def position(self) -> str:
        """Return ``15 min · now`` or ``1 h · 7m30s back · lowest to highest of 10 s``."""
        where = "now" if self.back_seconds <= 0 else f"{words.duration(self.back_seconds)} back"
        coarse = " · 10 s each" if self.window_seconds + self.back_seconds > FINE_SECONDS else ""
        return f"{window_words(self.window_seconds)} · {where}{coarse}"


def visible(vital: Vital, look: Look) -> tuple[Point, ...]:
    """Return the points of the window looked at."""
    start = look.end - look.window_seconds
    return tuple(point for point in vital.trend if start - look.window_seconds / 10 <= point.at <= look.end)


def summary(vital: Vital, points: tuple[Point, ...]) -> str:
    """Return lowest, mean and highest value of the window."""
    known = [point.value for point in points if point.value is not None]
    if not known:
        return "no data in this window"
    low = min(point.value if point.low is None else point.low for point in points if point.value is not None)
    high = max(point.value if point.high is None else point.high for point in points if point.value is not None)
    mean = sum(known) / len(known)
    return "  ".join(
        f"{name} {words.measure(x, vital.unit)}" for name, x in (("min", low), ("mean", mean), ("max", high))
    )


def limits(vital: Vital) -> Row:
    """Return the limits in words, each in its colour."""
    sign = "<" if vital.below else ">"
    row: Row = []
    for limit, name, role in ((vital.warns, "warns", "warn"), (vital.fires, "fires", "fire")):
        if limit is not None:
            row.append((f"  {name} {sign} {words.measure(limit, vital.unit)}", role))
    return row


def reading(vital: Vital, reach: Reach | None, moment: str) -> Row:
    """Return what the cursor says: the moment and the value, or that nothing is known."""
    if reach is None:
        return [(f" {moment} ", "title-focus"), ("  no data", "stale")]
    low, high = reach
    said = words.measure(high, vital.unit)
    if words.measure(low, vital.unit) != said:
        said = f"{words.measure(low, vital.unit)} … {said}"
    role = {"fire": "value-fire", "warn": "value-warn"}.get(level(vital, low if vital.below else high), "value")
    return [(f" {moment} ", "title-focus"), (f"  {said}", role)]


class ZoomChart(Ink, can_focus=True):
    """One vital sign in full."""

    DEFAULT_CSS = "ZoomChart { width: 1fr; height: 1fr; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.vital = Vital("", "", None, "")
        self.look = Look(0.0, 900.0)
        self.cursor: int | None = None
        self._room = 0

    def show(self, vital: Vital, look: Look) -> None:
        """Show ``vital`` where ``look`` says."""
        self.vital, self.look = vital, look
        self.redraw()

    def move(self, step: int) -> None:
        """Move the cursor; the first step puts it at the right edge, a step beyond that edge takes it away."""
        wanted = self._room - 1 if self.cursor is None else self.cursor + step
        self.cursor = None if wanted >= self._room else max(wanted, 0)
        self.redraw()

    def on_click(self, event: object) -> None:
        left = self.content_size.width - self._room
        x = getattr(event, "x", 0) - left - 1
        self.cursor = x if 0 <= x < self._room else None
        self.redraw()

    def drawn(self, width: int, height: int) -> list[Row]:
        width = self.content_size.width
        rows = height - AXIS_ROWS - HEAD_ROWS
        if rows < 1 or width < 16:
            return [cut(merged([(f"{self.vital.name} ", "title"), *number_runs(self.vital)]), width)]
        labels = gutter(self.vital, rows)
        self._room = room = width - len(labels[0][0])
        points = visible(self.vital, self.look)
        body = plot(self.vital, self.look.end, self.look.window_seconds, room, rows)
        if self.cursor is not None:
            body = [with_cursor(row, min(self.cursor, room - 1)) for row in body]
        margin = (" " * len(labels[0][0]), "axis")
        axis = time_labels(self.look.end, self.look.window_seconds, room, seat(self).clock_time, self.look.begins)
        return [
            self._title(width),
            self._second_line(points, room, width),
            *(merged([label, *row]) for label, row in zip(labels, body, strict=True)),
            *(merged([margin, *row]) for row in axis),
        ]

    def _title(self, width: int) -> Row:
        left: Row = [(f"{self.vital.name}  ", "title"), *number_runs(self.vital), ("   ", "blank")]
        left += state_runs(self.vital, width - width_of(left))
        right: Row = [(self.look.position(), "head")]
        notes = "   " + "  ".join(self.vital.notes)
        if width_of(left) + len(notes) + width_of(right) + 2 <= width:
            left.append((notes, "note"))
        return spread(left, right, width)

    def _second_line(self, points: tuple[Point, ...], room: int, width: int) -> Row:
        if self.cursor is None:
            return spread([(summary(self.vital, points), "note")], limits(self.vital), width)
        x = min(self.cursor, room - 1)
        moment = self.look.end - (room - 1 - x) / room * self.look.window_seconds
        reach = columns(self.vital.trend, self.look.end, self.look.window_seconds, room)[x]
        return spread(reading(self.vital, reach, seat(self).clock_time(moment)), limits(self.vital), width)


def with_cursor(row: Row, x: int) -> Row:
    """Return the row with a vertical line at cell ``x``, behind the trend."""
    before, cell, after = _split(row, x)
    text = "│" if cell in (" ", "┈", "╌") else cell
    return merged([*before, (text, "cursor"), *after])


def _split(row: Row, x: int) -> tuple[Row, str, Row]:
    flat = [(character, role) for text, role in row for character in text]
    return flat[:x], flat[x][0], flat[x + 1 :]
