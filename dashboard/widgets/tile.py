"""A vital sign that can be focused: a box where it has three lines, a row where it has one. Enter opens its chart."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dashboard.model.vitals import Vital
from dashboard.widgets.box import View, box
from dashboard.widgets.ink import Ink
from dashboard.widgets.row import row
from dashboard.widgets.runs import Row
from dashboard.widgets.seat import seat


def end_of(vital: Vital, wall: float) -> float:
    """Return the Unix second at the right edge: that of the newest sample, so that it is always the last column."""
    return vital.trend[-1].at if vital.trend else wall


class Tile(Ink, can_focus=True):
    """One vital sign."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "zoom", "Zoom")]

    def __init__(self, key: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.key = key
        self.vital = Vital(key, key, None, "")
        self.window_seconds = 900.0

    def show(self, vital: Vital, window_seconds: float) -> None:
        """Show the last ``window_seconds`` of ``vital`` from now on."""
        self.key, self.vital, self.window_seconds = vital.key, vital, window_seconds
        self.redraw()

    def view(self) -> View:
        """Return how the tile is looked at."""
        return View(end_of(self.vital, seat(self).wall()), self.window_seconds, self.has_focus)

    def drawn(self, width: int, height: int) -> list[Row]:
        if height <= 2:
            return [row(self.vital, self.view(), width)]
        return box(self.vital, self.view(), width, height)

    def on_click(self, event: object) -> None:
        if getattr(event, "chain", 1) >= 2:
            self.run_worker(self.action_zoom())

    async def action_zoom(self) -> None:
        """Open the big chart."""
        await seat(self).action_zoom_to(self.key)
