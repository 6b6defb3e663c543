"""The last line of every screen: the screens by number, then the keys worth knowing. Each hint can be clicked.

A screen with keys of its own names them in ``HINTS``; as many are shown as there is room for, the first ones first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content

from dashboard.widgets.line import Line
from dashboard.widgets.seat import seat

SCREENS = (
    ("1", "overview", "Overview"),
    ("2", "alerts", "Alerts"),
    ("3", "traffic", "Traffic"),
    ("4", "ai_cache", "AI·Cache"),
    ("5", "jobs", "Jobs"),
    ("6", "errors", "Errors"),
    ("7", "explore", "Explore"),
)


@dataclass(frozen=True, slots=True)
class Hint:
    """A key, what it does in a word, and the action behind it (as Textual names actions)."""

    key: str
    word: str
    action: str


KEYS = (
    Hint("?", "help", "app.help"),
    Hint("^p", "commands", "app.command_palette"),
    Hint("space", "pause", "app.pause"),
    Hint("⏎", "zoom", "focused.zoom"),
    Hint("a", "ack", "app.acknowledge"),
    Hint("t", "theme", "app.next_theme"),
    Hint("q", "quit", "app.quit"),
)
OWN_KEYS = 4
Piece = tuple[Content, str]
"""What is shown, and the action of a click on it."""


def tabs(active: str, names: bool) -> list[Piece]:
    """Return the screens by number; without ``names`` only the active one is named."""
    pieces = []
    for key, screen, name in SCREENS:
        here = screen == active
        said = f" {key} {name} " if names or here else f" {key} "
        style = "bold reverse $primary" if here else "$foreground 70%"
        pieces.append((Content.styled(said, style), f"app.show('{screen}')"))
    return pieces


def keys(width: int, hints: Sequence[Hint] = KEYS) -> list[Piece]:
    """Return as many hints as fit into ``width`` cells, those asked for first."""
    pieces: list[Piece] = []
    for hint in hints:
        said = Content.styled(f"  {hint.key}", "bold $primary") + Content.styled(f" {hint.word}", "$foreground 70%")
        width -= said.cell_length
        if width < 0:
            break
        pieces.append((said, hint.action))
    return pieces


def length(pieces: Sequence[Piece]) -> int:
    """Return how many cells the pieces take."""
    return sum(content.cell_length for content, _ in pieces)


class Hints(Line):
    """Screens on the left, keys on the right."""

    DEFAULT_CSS = "Hints { background: $surface; }"

    def pieces(self, width: int) -> list[Piece]:
        """Return what is shown from left to right, with the room between."""
        hints: Sequence[Hint] = getattr(self.screen, "HINTS", KEYS)
        # The first of a screen's own keys come before the names of the others.
        least = length(keys(999, hints[: 1 if hints is KEYS else OWN_KEYS])) + 1
        named = tabs(seat(self).active_name, names=True)
        left = named if length(named) + least <= width else tabs(seat(self).active_name, names=False)
        right = keys(width - length(left) - 1, hints)
        room = max(width - length(left) - length(right) - 1, 0)
        return [*left, (Content(" " * room), ""), *right]

    def line(self, width: int) -> Content:
        return Content("").join([content for content, _ in self.pieces(width)]).truncate(width)

    async def on_click(self, event: events.Click) -> None:
        x = event.x
        for content, action in self.pieces(self.size.width):
            if 0 <= x < content.cell_length and action:
                await self.run_action(action)
            x -= content.cell_length
