"""A widget that is a picture made of runs: it gives roles their colours and draws line by line.

Subclasses say what to draw for a size (``drawn``); ``redraw`` draws again the lines that changed, and no others, since
most of a dashboard is as it was a second ago. Every segment carries a style, because unstyled ones crash Textual's
monochrome filter (NO_COLOR).
"""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

from dashboard.widgets.runs import Row, cut
from dashboard.widgets.seat import seat


class Ink(Widget):
    """Draws rows of runs."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: list[Row] = []

    def drawn(self, width: int, height: int) -> list[Row]:
        """Return the picture for a size, a row a line."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Make the picture for the present size and show it."""
        width, height = self.size
        rows = self.drawn(width, height)
        before, self._rows = self._rows, rows
        if len(rows) != len(before):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, rows, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def on_mount(self) -> None:
        # After the style sheet has been worked out anew, so that both make one paint.
        self.app.theme_changed_signal.subscribe(self, self._recolour)

    def _recolour(self, theme: Theme) -> None:
        self.refresh()

    def on_resize(self) -> None:
        self.redraw()

    def on_focus(self) -> None:
        self._redraw_if_seen()

    def on_blur(self) -> None:
        self._redraw_if_seen()

    def _redraw_if_seen(self) -> None:
        # A screen that goes takes the focus with it: nobody sees how it looks without.
        if self.screen.is_current:
            self.redraw()

    def render_line(self, y: int) -> Strip:
        width, styles = self.size.width, seat(self).palette
        row = cut(self._rows[y] if y < len(self._rows) else [], width)
        return Strip([Segment(text, styles[role]) for text, role in row], width)
