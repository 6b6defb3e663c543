"""Tables that stay still: columns of fixed width, rows drawn in place, the cursor on the row it was put on.

Columns are laid out for the width there is: those that grow share what is left, those of the highest rank are given up
first. A poll draws only the rows that differ; the cursor and the view follow the key of their row when it moves. Cells
are runs (text, role), so text of a server is never markup and every role has its colour from the theme. Textual's table
keeps cursor, scrolling and mouse; its cells stay empty, because it takes twenty times as long to draw them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.theme import Theme
from textual.widgets import DataTable

from dashboard.model.words import DASH
from dashboard.widgets.columns import ROOMY, Column, Line, fitted, layout
from dashboard.widgets.runs import Row, merged
from dashboard.widgets.seat import seat


class Table(DataTable[str]):
    """Rows with a cursor."""

    DEFAULT_CSS = """
    Table, Table:focus {
        width: 1fr; height: 1fr; background: transparent; background-tint: transparent;
        scrollbar-size: 1 1; overflow-x: hidden;
    }
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
        self.specs = tuple(columns)
        self.empty = empty
        self._told = False
        self.log_like = log
        self.lines: tuple[Line, ...] = ()
        self._placed: tuple[tuple[Column, int], ...] = ()
        self._head: Row = []
        self._rows: list[Row] = []

    def on_mount(self) -> None:
        # After the style sheet has been worked out anew, so that both make one paint.
        self.app.theme_changed_signal.subscribe(self, self._recolour)

    def _recolour(self, theme: Theme) -> None:
        self.refresh()

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
        self._placed, self._rows = placed, []
        for column, size in placed:
            self.add_column("", width=size, key=column.key)
        self._head = self._joined({column.key: [(column.title, "head")] for column, _ in placed})
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
        for index, line in enumerate(self.lines):
            row = self._joined(line.cells)
            if index >= len(self._rows):
                self._rows.append(row)
                self.add_row(*("" for _ in self._placed), key=str(index))
            elif self._rows[index] != row:
                self._rows[index] = row
                self.refresh_row(index)
        while len(self._rows) > len(self.lines):
            self._rows.pop()
            self.remove_row(str(len(self._rows)))

    def _joined(self, cells: Mapping[str, Row]) -> Row:
        """Return a row of cells as one row of runs, each cell as wide as its column."""
        parts = [fitted(cells.get(c.key, []), c, size, self._gap_of(c)) for c, size in self._placed]
        return merged(run for part in parts for run in part)

    def _follow(self, chosen: str | None, was: int) -> None:
        """Keep the cursor on the row it was on, and the rows in sight where they were."""
        if chosen is None or (self.log_like and was == 0):
            return
        row = self._row_of(chosen, was)
        if row != was and row < len(self.lines):
            self.move_cursor(row=row, scroll=False)
            if self.scroll_y > 0:
                self.scroll_to(y=self.scroll_y + row - was, animate=False)

    def render_line(self, y: int) -> Strip:
        width, styles = self.size.width, seat(self).palette
        below = y - (1 if self.show_header else 0)
        index = below + self.scroll_offset.y
        if below < 0:
            row = self._head
        elif not self.lines and below == 0:
            # Before the first answer nothing is known, not even that there is nothing.
            row = [(self.empty if self._told else DASH, "stale")]
        else:
            row = self._rows[index] if index < len(self._rows) else []
        over = self._over(index) if below >= 0 and index < len(self._rows) else Style.null()
        strip = Strip([Segment(text, styles[role] + over) for text, role in row])
        return strip.adjust_cell_length(width, styles["blank"] + over)

    def _over(self, index: int) -> Style:
        """Return what the whole of a row wears: the bar of the cursor, and where it is, for Textual's table."""
        role = "row-cursor" if self.has_focus and index == self.cursor_row else ""
        if not role and self.mouse_hover and index == self.hover_row:
            role = "row-hover"
        under = seat(self).palette[role] if role else Style.null()
        return under + Style.from_meta({"row": index, "column": 0})
