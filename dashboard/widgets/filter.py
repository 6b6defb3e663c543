"""A line that keeps only the rows of a screen's tables that hold every word typed into it.

``/`` opens it, enter gives the keys back to the table and keeps the filter, escape lets go of both. While it has the
focus every letter belongs to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from dashboard.widgets.columns import Line
from dashboard.widgets.seat import seat
from dashboard.widgets.tables import Table

R = TypeVar("R")


class Filter(Input):
    """The line itself, there only while it is open."""

    DEFAULT_CSS = """
    Filter, Filter:focus { height: 1; border: none; padding: 0 1; background: $boost; display: none; }
    Filter.-open { display: block; }
    """

    def __init__(self, what: str) -> None:
        """``what`` names what can be typed."""
        super().__init__(placeholder=f"filter by {what} · ⏎ keeps it · esc lets go", id="filter", max_length=200)

    def keeps(self, text: str) -> bool:
        """Return whether ``text`` holds every word."""
        return holds(text, self.value)


class Filtered(Screen[None]):
    """A screen with tables and a ``Filter`` over them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter"),
        Binding("escape", "clear", "Let go of the filter", show=False),
    ]

    def refresh_data(self) -> None:
        """Draw the tables again."""
        raise NotImplementedError

    @property
    def filter(self) -> Filter:
        """The line."""
        return self.query_one(Filter)

    def kept(self, lines: Iterable[Line]) -> list[Line]:
        """Return the rows in whose cells every word of the filter is found."""
        return [line for line in lines if self.filter.keeps(words_of(line))]

    def on_input_changed(self) -> None:
        self.refresh_data()

    def on_input_submitted(self) -> None:
        self.query(Table).first().focus()

    def action_filter(self) -> None:
        """Open the filter."""
        self.filter.add_class("-open")
        self.filter.focus()

    async def action_clear(self) -> None:
        """Let go of the filter; without one, go back."""
        if not self.filter.has_class("-open"):
            await seat(self).action_back()
            return
        self.filter.value = ""
        self.filter.remove_class("-open")
        self.query(Table).first().focus()


def holds(text: str, wanted: str) -> bool:
    """Return whether every word of ``wanted`` is somewhere in ``text``, in upper or lower case."""
    folded = text.casefold()
    return all(word in folded for word in wanted.casefold().split())


def words_of(line: Line) -> str:
    """Return all that a row says."""
    return " ".join("".join(text for text, _ in cell) for cell in line.cells.values())
