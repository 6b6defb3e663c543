"""Screen 6: the errors of late, newest first, each with the request id that finds it in the logs.

``c`` copies the id under the cursor, ``/`` keeps only the rows that hold a text, escape lets go of it. The whole error
is written out under the table, as plain text whatever it holds.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from dashboard.model.snapshot import ErrorRow
from dashboard.model.words import DASH, plain
from dashboard.widgets.bars import fact
from dashboard.widgets.columns import Column, Line
from dashboard.widgets.figures import wrapped
from dashboard.widgets.filter import Filter, Filtered
from dashboard.widgets.frame import Frame
from dashboard.widgets.hints import KEYS, Hint
from dashboard.widgets.moments import Moments, moments_of
from dashboard.widgets.panel import Drawing, Panel
from dashboard.widgets.runs import Row
from dashboard.widgets.seat import seat
from dashboard.widgets.tables import Table

ERRORS = (
    Column("time", "Time", 8),
    Column("ago", "", 11, right=True, rank=2),
    Column("status", "Status", 6),
    Column("endpoint", "Endpoint", 17, grows=True, most=28),
    Column("id", "Request id", 20),
    Column("error", "Error", 16, grows=True, rank=1),
)
LONGEST_ERROR = 2_000


def key_of(row: ErrorRow) -> str:
    """Return what tells an error from all others."""
    return f"{row.timestamp} {row.request_id} {row.error}"


def searchable(row: ErrorRow) -> str:
    """Return all that can be filtered by."""
    return f"{row.request_id} {row.endpoint} {row.status} {row.error}"


def error_line(row: ErrorRow, moments: Moments) -> Line:
    """Return one error as a row."""
    cells: dict[str, Row] = {
        "time": [(moments.time(row.timestamp), "note")],
        "ago": [(moments.ago(row.timestamp), "stale")],
        "status": [(f"▲ {row.status}" if row.status else "▲ –", "word-fire")],
        "endpoint": [(plain(row.endpoint), "blank")],
        "id": [(plain(row.request_id, 64), "line")],
        "error": [(plain(row.error), "blank")],
    }
    return Line(key_of(row), cells)


def detail(row: ErrorRow | None, width: int, height: int) -> list[Row]:
    """Return the whole error under the cursor."""
    if row is None:
        return [[("the error under the cursor is written out here", "stale")]]
    lines = wrapped(plain(row.error, LONGEST_ERROR), width, height - 1)
    status = DASH if row.status is None else str(row.status)
    head: Row = [(plain(row.request_id, 64), "value"), (f"  {status}  {plain(row.endpoint)}", "note")]
    return [fact("request", head, width, 8), *([(line, "blank")] for line in lines)]


class ErrorsScreen(Filtered):
    """Recent errors."""

    HINTS = (Hint("c", "copy id", "screen.copy_id"), Hint("/", "filter", "screen.filter"), *KEYS[:3], *KEYS[-2:])
    DEFAULT_CSS = """
    ErrorsScreen #detail-panel { height: 6; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_id", "Copy the request id"),
    ]

    def compose(self) -> ComposeResult:
        with Frame():
            yield Filter("id, endpoint, status or text")
            with Panel("Recent errors", id="errors-panel"):
                yield Table(ERRORS, empty="no errors: nothing has failed lately", log=True, id="errors")
            with Panel("In full", id="detail-panel"):
                yield Drawing(id="detail")

    def on_mount(self) -> None:
        self.query_one("#errors", Table).focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show the errors as they are now, filtered."""
        app = seat(self)
        latest = app.model.latest
        if latest is None:
            return
        moments = moments_of(latest, app.now(), app.clock_time)
        text = self.filter.value
        newest_first = sorted(latest.errors, key=lambda row: row.timestamp, reverse=True)
        rows = [row for row in newest_first if self.filter.keeps(searchable(row))]
        table = self.query_one("#errors", Table)
        table.empty = f"no error matches “{text}”" if text else "no errors: nothing has failed lately"
        table.show([error_line(row, moments) for row in rows])
        count = f"{len(rows)} of {len(latest.errors)}" if text else f"{len(rows)}"
        said = (count, "c copies the id", "/ filters") if latest.errors else ()
        self.query_one("#errors-panel", Panel).say(*said)
        self._detail()

    def _chosen(self) -> ErrorRow | None:
        latest, key = seat(self).model.latest, self.query_one("#errors", Table).selected
        return None if latest is None else next((row for row in latest.errors if key_of(row) == key), None)

    def _detail(self) -> None:
        row = self._chosen()
        self.query_one("#detail", Drawing).show(lambda width, height: detail(row, width, height))

    def on_data_table_row_highlighted(self) -> None:
        self._detail()

    def action_copy_id(self) -> None:
        """Copy the request id under the cursor to the clipboard."""
        row = self._chosen()
        if row is None:
            seat(self).say("No error to copy an id from")
            return
        self.app.copy_to_clipboard(plain(row.request_id, 64))
        seat(self).say(f"Copied {plain(row.request_id, 64)}")
