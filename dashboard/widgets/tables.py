"""Tables that stay still: columns of fixed width, cells changed in place, the cursor on the row it was put on.

Columns are laid out for the width there is: those that grow share what is left, those of the highest rank are given up
first. A poll changes only the cells that differ; the cursor and the view follow the key of their row when it moves.
Cells are runs (text, role), so text of a server is never markup and every role has its colour from the theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import DataTable

from dashboard.model.words import DASH
from dashboard.widgets.columns import ROOMY, Column, Line, fitted, layout
from dashboard.widgets.runs import Row
from dashboard.widgets.seat import seat


class Table(DataTable[Text]):
    """Rows with a cursor."""

    DEFAULT_CSS = """
    Table, Table:focus {
        width: 1fr; height: 1fr; background: transparent; background-tint: transparent;
        scrollbar-size: 1 1; overflow-x: hidden;
        & > .datatable--header {
            background: transparent; background-tint: transparent; text-style: none; color: $foreground 50%;
        }
        & > .datatable--cursor { background: transparent; color: $foreground; text-style: none; }
        & > .datatable--hover { background: $boost; }
        & > .datatable--even-row, & > .datatable--odd-row { background: transparent; }
    }
    Table:focus { & > .datatable--cursor { background: $panel 60%; color: $foreground; text-style: none; } }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("g", "scroll_top", "Top", show=False),
        Binding("G", "scroll_bottom", "Bottom", show=False),
    ]

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty: str = "nothing",
        log: bool = False,
        header: bool = True,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """``empty`` is what is said when there is no row; a ``log`` keeps its cursor at the top while it is there."""
        super().__init__(id=id, cursor_type="row", cell_padding=0, show_header=header)
        self.cursor_foreground_priority = "renderable"
        self.specs = tuple(columns)
        self.empty = empty
        self._told = False
        self.log_like = log
        self.lines: tuple[Line, ...] = ()
        self._placed: tuple[tuple[Column, int], ...] = ()
        self._shown: list[dict[str, tuple[Row, str]]] = []

    @property
    def selected(self) -> str | None:
        """The key of the row under the cursor; None if there is no row."""
        return self.lines[self.cursor_row].key if 0 <= self.cursor_row < len(self.lines) else None

    def show(self, lines: Sequence[Line]) -> None:
        """Show these rows from now on."""
        chosen, was = self.selected, self.cursor_row
        self._told = True
        self.lines = tuple(lines)
        if self._placed:
            self._fill()
            self._follow(chosen, was)
        if not self.lines:
            self.refresh()

    def width_for(self, key: str) -> int:
        """Return how many cells the column ``key`` has for its content; 0 if it is not shown."""
        for index, (column, size) in enumerate(self._placed):
            if column.key == key:
                return size - (self._gap if index < len(self._placed) - 1 else 0)
        return 0

    @property
    def _room(self) -> int:
        # One cell is left to the scrollbar, so that nothing moves when it appears.
        return self.outer_size.width - 1

    @property
    def _gap(self) -> int:
        return 2 if self._room >= ROOMY else 1

    def on_resize(self, event: events.Resize) -> None:
        placed = layout(self.specs, self._room)
        if placed == self._placed:
            return
        chosen, was, top = self.selected, self.cursor_row, self.scroll_y
        self.clear(columns=True)
        self._placed, self._shown = placed, []
        for column, size in placed:
            label = fitted([(column.title, "head")], column, size, self._gap_of(column))
            self.add_column(Text("".join(text for text, _ in label)), width=size, key=column.key)
        self._fill()
        self._follow(chosen, 0)
        self.move_cursor(row=self.cursor_row if chosen is None else self._row_of(chosen, was), scroll=False)
        self.scroll_to(y=top, animate=False)
        self.post_message(self.Placed())

    class Placed(Message):
        """The columns were laid out anew: cells that depend on their width must be drawn again."""

    def _gap_of(self, column: Column) -> int:
        return 0 if column is self._placed[-1][0] else self._gap

    def _row_of(self, key: str, otherwise: int) -> int:
        return next((index for index, line in enumerate(self.lines) if line.key == key), otherwise)

    def _fill(self) -> None:
        theme = self.app.theme
        for index, line in enumerate(self.lines):
            cells = {column.key: (line.cells.get(column.key, []), theme) for column, _ in self._placed}
            if index >= len(self._shown):
                self._shown.append(cells)
                self.add_row(*(self._text(line, column, size) for column, size in self._placed), key=str(index))
                continue
            for column, size in self._placed:
                if self._shown[index][column.key] != cells[column.key]:
                    self.update_cell(str(index), column.key, self._text(line, column, size))
            self._shown[index] = cells
        while len(self._shown) > len(self.lines):
            self._shown.pop()
            self.remove_row(str(len(self._shown)))

    def _follow(self, chosen: str | None, was: int) -> None:
        """Keep the cursor on the row it was on, and the rows in sight where they were."""
        if chosen is None or (self.log_like and was == 0):
            return
        row = self._row_of(chosen, was)
        if row != was and row < len(self.lines):
            self.move_cursor(row=row, scroll=False)
            if self.scroll_y > 0:
                self.scroll_to(y=self.scroll_y + row - was, animate=False)

    def _text(self, line: Line, column: Column, size: int) -> Text:
        text = Text(no_wrap=True, end="")
        for piece, role in fitted(line.cells.get(column.key, []), column, size, self._gap_of(column)):
            text.append(piece, self._style(role))
        return text

    def _style(self, role: str) -> Style:
        # Colour and weight only: the background belongs to the row, or the cursor would have holes.
        style = seat(self).palette[role]
        return Style(color=style.color, bold=style.bold)

    def render_line(self, y: int) -> Strip:
        if self.lines or y != (1 if self.show_header else 0):
            return super().render_line(y)
        style = seat(self).palette["stale"]
        # Before the first answer nothing is known, not even that there is nothing.
        words = self.empty if self._told else DASH
        return Strip([Segment(words, style)]).adjust_cell_length(self.size.width, style)
