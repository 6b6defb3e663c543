"""What every screen wears: header, targets if they are several, alerts strip, the screen's own body, key hints.

A screen composes ``with Frame(): yield …``; what it yields lands in the body. The app calls ``refresh_data`` of the
frame of the active screen at every poll and every second (for ages and clocks), so screens need not. When the last
answer is too old the frame takes the class ``-stale``, which dims the body and clears nothing.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from dashboard.widgets.header import Header
from dashboard.widgets.hints import Hints
from dashboard.widgets.playback_line import PlaybackLine
from dashboard.widgets.seat import seat
from dashboard.widgets.strip import AlertsStrip
from dashboard.widgets.tabs import Tabs


class Frame(Vertical):
    """Header, strip, body, hints."""

    DEFAULT_CSS = """
    Frame { width: 1fr; height: 1fr; background: $background; }
    Frame > .frame--body { width: 1fr; height: 1fr; }
    Frame.-stale > .frame--body { opacity: 60%; }
    """

    def __init__(self, *children: Widget, name: str | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(name=name, id=id)
        self._lines: tuple[Header | Tabs | PlaybackLine | AlertsStrip | Hints, ...] = ()
        self.body = Vertical(*children, classes="frame--body")

    def compose(self) -> ComposeResult:
        playback = () if seat(self).playback is None else (PlaybackLine(),)
        above, hints = (Header(), Tabs(), *playback, AlertsStrip()), Hints()
        self._lines = (*above, hints)
        yield from above
        yield self.body
        yield hints

    def compose_add_child(self, widget: Widget) -> None:
        self.body.compose_add_child(widget)

    def on_mount(self) -> None:
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show the model as it is now in header, strip and hints."""
        app = seat(self)
        connection = app.model.connection(app.now())
        self.set_class(not connection.data_ok and app.model.latest is not None, "-stale")
        # None before the frame is built: a poll may come while it is.
        for line in self._lines:
            line.refresh_data()
