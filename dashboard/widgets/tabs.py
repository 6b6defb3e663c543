"""The targets in one line, there only when there are several: each with its sign, the present one marked.

Click goes there, ``0`` shows them all as a table, tab and shift+tab go round.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from textual import events
from textual.content import Content

from dashboard.model import words
from dashboard.model.fleet import state_of
from dashboard.model.vitals import GLYPHS, State
from dashboard.widgets.box import mood
from dashboard.widgets.line import Line
from dashboard.widgets.seat import seat

STATES_SECONDS = 0.5
STYLES = {"fire": "bold $error", "warn": "$warning"}
Tab = tuple[str, State]
Piece = tuple[Content, str]
"""What is shown, and the action of a click on it."""


def tab_pieces(tabs: Sequence[Tab], current: int, fleet: bool, width: int) -> list[Piece]:
    """Return the tabs that fit around the present one, with arrows where there are more."""
    shown = [_piece(index, tab, here=index == current and not fleet) for index, tab in enumerate(tabs)]
    head: Piece = (
        Content.styled(" 0 Fleet ", "bold reverse $primary" if fleet else "$foreground 70%"),
        "app.show('fleet')",
    )
    room = width - head[0].cell_length - 4
    first = last = min(max(current, 0), len(shown) - 1)
    used = shown[first][0].cell_length
    while True:
        after = shown[last + 1][0].cell_length if last + 1 < len(shown) else None
        before = shown[first - 1][0].cell_length if first > 0 else None
        if after is not None and used + after <= room:
            last, used = last + 1, used + after
        elif before is not None and used + before <= room:
            first, used = first - 1, used + before
        else:
            break
    left: list[Piece] = [(Content.styled("‹ ", "$text-muted"), f"app.look_at({first - 1})")] if first else []
    right: list[Piece] = []
    if last + 1 < len(shown):
        right = [(Content.styled(" ›", "$text-muted"), f"app.look_at({last + 1})")]
    return [head, *left, *shown[first : last + 1], *right]


def _piece(index: int, tab: Tab, here: bool) -> Piece:
    name, state = tab
    sign = Content.styled(f" {GLYPHS[state]}", STYLES.get(mood(state), "$success" if state == "ok" else "$text-muted"))
    title = f" {words.plain(name, 24)} "
    text = Content.styled(title, "bold reverse $primary" if here else "$foreground 70%")
    return sign + text, f"app.look_at({index})"


class Tabs(Line):
    """One line of targets."""

    DEFAULT_CSS = """
    Tabs { background: $boost; display: none; }
    Tabs.-several { display: block; }
    """

    _tabs: tuple[Tab, ...] = ()
    _at = -inf

    def refresh_data(self) -> None:
        app = seat(self)
        several, now = len(app.models) > 1, app.now()
        self.set_class(several, "-several")
        # The frame asks at each poll of each target shown; once a second is often enough for all of them.
        if several and abs(now - self._at) >= STATES_SECONDS:
            self._at = now
            self._tabs = tuple((model.name, state_of(model, now)) for model in app.models)
        self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        """Return what is shown from left to right."""
        app = seat(self)
        return tab_pieces(self._tabs, app.current, app.active_name == "fleet", width) if self._tabs else []

    def line(self, width: int) -> Content:
        return Content("").join([content for content, _ in self.pieces(width)]).truncate(width)

    async def on_click(self, event: events.Click) -> None:
        x = event.x
        for content, action in self.pieces(self.size.width):
            if 0 <= x < content.cell_length:
                await self.run_action(action)
            x -= content.cell_length
