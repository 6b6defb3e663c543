"""One vital sign as large as the terminal: value axis, time axis, limits, and a cursor that says what was when.

``+`` and ``-`` change the window between a minute and six hours, ``[`` and ``]`` go back and forth in time, h and l
move the cursor, j and k change the vital sign. Everything shown comes from ``TargetModel.vital``; nothing is kept here
but where one looks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from dashboard.model.vitals import Vital
from dashboard.screens.overview import KEYS
from dashboard.widgets.frame import Frame
from dashboard.widgets.hints import Hint
from dashboard.widgets.seat import seat
from dashboard.widgets.zoomed import Look, ZoomChart

WINDOWS = (60.0, 120.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0)
LONGEST = WINDOWS[-1]


def window_beside(seconds: float, step: int) -> float:
    """Return the next shorter (``step`` -1) or longer (+1) window; the ends hold."""
    index = min(range(len(WINDOWS)), key=lambda i: abs(WINDOWS[i] - seconds))
    return WINDOWS[min(max(index + step, 0), len(WINDOWS) - 1)]


class ZoomScreen(Screen[None]):
    """The big chart of one vital sign. It is kept when it is closed: the next ``look_at`` costs one paint."""

    HINTS = (
        Hint("esc", "back", "app.back"),
        Hint("+ -", "zoom", "screen.zoom(1)"),
        Hint("[ ]", "earlier later", "screen.scrub(1)"),
        Hint("h l", "cursor", "screen.cursor(-1)"),
        Hint("j k", "next", "screen.other(1)"),
        Hint("=", "reset", "screen.reset"),
        Hint("?", "help", "app.help"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "zoom(-1)", "Closer"),
        Binding("minus", "zoom(1)", "Wider"),
        Binding("equals_sign", "reset", "15 min, now"),
        Binding("left_square_bracket", "scrub(1)", "Earlier"),
        Binding("right_square_bracket", "scrub(-1)", "Later"),
        Binding("h,left", "cursor(-1)", "Cursor left", show=False),
        Binding("l,right", "cursor(1)", "Cursor right", show=False),
        Binding("k,up", "other(-1)", "Previous vital sign", show=False),
        Binding("j,down,enter", "other(1)", "Next vital sign", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.key = KEYS[0]
        self.window_seconds = WINDOWS[0]
        self.back_seconds = 0.0

    def compose(self) -> ComposeResult:
        with Frame():
            yield ZoomChart()

    def on_mount(self) -> None:
        self.query_one(ZoomChart).focus()

    def look_at(self, key: str) -> None:
        """Look at a vital sign as it has been lately, from the next ``refresh_data`` on."""
        self.key = key
        self._look_lately()

    def _look_lately(self) -> None:
        self.window_seconds, self.back_seconds = seat(self).window_seconds, 0.0
        self.query_one(ZoomChart).cursor = None

    def refresh_data(self) -> None:
        """Draw the vital sign as it is now, in the window looked at."""
        app = seat(self)
        reach = min(self.window_seconds + self.back_seconds, LONGEST)
        vital = app.model.vital(self.key, app.now(), reach)
        newest = vital.trend[-1].at if vital.trend else app.wall()
        begins = app.wall() - app.model.reaches_back_seconds(app.now()) if vital.trend else None
        look = Look(newest - self.back_seconds, self.window_seconds, self.back_seconds, begins)
        self.query_one(ZoomChart).show(vital, look)

    def exported(self) -> tuple[Vital, ...]:
        """Return what is on the screen: the vital sign, within the window looked at."""
        app = seat(self)
        vital = app.model.vital(self.key, app.now(), min(self.window_seconds + self.back_seconds, LONGEST))
        newest = vital.trend[-1].at - self.back_seconds if vital.trend else 0.0
        seen = (point for point in vital.trend if newest - self.window_seconds <= point.at <= newest)
        return (replace(vital, trend=tuple(seen)),)

    def action_zoom(self, step: int) -> None:
        """Look closer (-1) or wider (+1)."""
        self.window_seconds = window_beside(self.window_seconds, step)
        self.back_seconds = min(self.back_seconds, LONGEST - self.window_seconds)
        self.refresh_data()

    def action_reset(self) -> None:
        """Look at the last quarter of an hour again."""
        self._look_lately()
        self.refresh_data()

    def action_scrub(self, step: int) -> None:
        """Go back (+1) or forth (-1) by a quarter of the window."""
        wanted = self.back_seconds + step * self.window_seconds / 4
        self.back_seconds = min(max(wanted, 0.0), LONGEST - self.window_seconds)
        self.refresh_data()

    def action_cursor(self, step: int) -> None:
        """Move the cursor by one cell; beyond the right edge it goes away."""
        self.query_one(ZoomChart).move(step)

    def action_other(self, step: int) -> None:
        """Show the next or the previous vital sign."""
        index = KEYS.index(self.key) if self.key in KEYS else 0
        self.key = KEYS[(index + step) % len(KEYS)]
        self.refresh_data()
