"""Every vital sign at once: boxes in a grid where there is room (from 100 columns), else rows above one big box.

The same tiles serve both. In rows, the box at the foot shows the sign under the cursor, as far as there are lines left.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen

from dashboard.widgets.aside import Aside
from dashboard.widgets.box import View
from dashboard.widgets.frame import Frame
from dashboard.widgets.ink import Ink
from dashboard.widgets.row import heading
from dashboard.widgets.rules import RulesTile
from dashboard.widgets.runs import Row
from dashboard.widgets.seat import seat
from dashboard.widgets.tile import Tile
from dashboard.widgets.vitals import fitting_window
from dashboard.widgets.welcome import Welcome

KEYS = ("requests", "errors", "latency", "cached", "queue", "work", "refused", "ai", "cache", "cpu", "memory")
TILE_WIDTH, TILE_HEIGHT = 100, 24
COLUMNS = 4
MIN_DETAIL = 4
BESIDE_WIDTH, BESIDE_HEIGHT = 76, 8


class Heading(Ink):
    """The column titles of the rows."""

    window_seconds = 900.0

    def drawn(self, width: int, height: int) -> list[Row]:
        return [heading(View(0.0, self.window_seconds), width)]


class Detail(Tile, can_focus=False):
    """The box at the foot of the rows."""


class OverviewScreen(Screen[None]):
    """All vital signs."""

    DEFAULT_CSS = """
    OverviewScreen #overview { layers: below above; align: center middle; }
    OverviewScreen #overview > * { layer: below; }
    OverviewScreen #overview > Welcome { layer: above; }
    OverviewScreen #vitals { width: 1fr; height: 1fr; scrollbar-size: 1 1; }
    OverviewScreen.-tiles #vitals { layout: grid; grid-size: 4 3; grid-gutter: 0 0; }
    OverviewScreen.-tiles Tile, OverviewScreen.-tiles RulesTile { width: 1fr; height: 1fr; }
    OverviewScreen.-tiles Heading, OverviewScreen.-tiles #foot { display: none; }
    OverviewScreen.-rows #vitals { height: auto; max-height: 1fr; overflow-y: auto; }
    OverviewScreen.-rows Tile { height: 1; }
    OverviewScreen.-rows RulesTile { display: none; }
    OverviewScreen.-rows Heading { height: 1; }
    OverviewScreen #foot { height: 1fr; }
    OverviewScreen.-rows Detail { width: 1fr; height: 1fr; }
    OverviewScreen.-slim Aside, OverviewScreen.-bare #foot { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "move(-1, 0)", "Left", show=False),
        Binding("l,right", "move(1, 0)", "Right", show=False),
        Binding("k,up", "move(0, -1)", "Up", show=False),
        Binding("j,down", "move(0, 1)", "Down", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Frame(), Vertical(id="overview"):
            yield Heading()
            with Container(id="vitals"):
                for key in KEYS:
                    yield Tile(key, id=f"tile-{key}")
                yield RulesTile(id="rules")
            with Horizontal(id="foot"):
                yield Detail("requests", id="detail")
                yield Aside()
            yield Welcome()

    def on_mount(self) -> None:
        self.query_one("#tile-requests").focus()

    def on_resize(self, event: events.Resize) -> None:
        tiles = event.size.width >= TILE_WIDTH and event.size.height >= TILE_HEIGHT
        # Header, strip, hints and heading take a line each.
        left = event.size.height - len(KEYS) - 4
        self.set_class(tiles, "-tiles")
        self.set_class(not tiles, "-rows")
        self.set_class(left < MIN_DETAIL, "-bare")
        self.set_class(event.size.width < BESIDE_WIDTH or left < BESIDE_HEIGHT, "-slim")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, Tile):
            self.query_one(Detail).show(event.widget.vital, event.widget.window_seconds)

    def selected(self) -> str:
        """Return the key of the vital sign under the cursor."""
        focused = self.focused
        return focused.key if isinstance(focused, Tile) else KEYS[0]

    def refresh_data(self) -> None:
        """Give every tile its vital sign as it is now."""
        app = seat(self)
        vitals = {vital.key: vital for vital in app.model.vitals(app.now(), app.window_seconds)}
        window = fitting_window(tuple(vitals.values()), app.window_seconds)
        for tile in self.query(Tile):
            if tile.key in vitals:
                tile.show(vitals[tile.key], window)
        self.query_one(Welcome).show(app.model.connection(app.now()), app.model.url, app.model.latest is None)
        self.query_one(Aside).show(tuple(vitals.values()))
        self.query_one(RulesTile).redraw()
        self.query_one(Heading).window_seconds = window
        self.query_one(Heading).redraw()

    def action_move(self, across: int, down: int) -> None:
        """Move the focus by so many tiles; in rows every step is one row."""
        order = [widget for widget in self.query("#vitals > *") if widget.focusable and widget.display]
        if not order:
            return
        here = order.index(self.focused) if self.focused in order else 0
        step = across + down * COLUMNS if self.has_class("-tiles") else across + down
        order[min(max(here + step, 0), len(order) - 1)].focus()
