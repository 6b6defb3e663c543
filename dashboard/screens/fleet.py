"""Screen 0: every target in a row, the worst first. Enter goes to its overview, ``/`` keeps those that hold a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import DataTable, Input

from dashboard.model.fleet import FleetRow, Totals, rows_of, totals_of
from dashboard.model.words import measure
from dashboard.widgets.columns import Line
from dashboard.widgets.fleet_rows import FLEET, fleet_line
from dashboard.widgets.frame import Frame
from dashboard.widgets.hints import KEYS, Hint
from dashboard.widgets.panel import Panel
from dashboard.widgets.seat import seat
from dashboard.widgets.tables import Table


def matching(rows: Sequence[FleetRow], text: str) -> list[FleetRow]:
    """Return the rows that hold every word of ``text`` in name, instance, version, state or sentence."""
    wanted = text.casefold().split()
    return [row for row in rows if all(word in _searchable(row) for word in wanted)]


def summary(totals: Totals) -> str:
    """Return the totals in words: ``50 targets · 2 firing · 1 lost · 412 /s``."""
    said = [f"{totals.targets} {'target' if totals.targets == 1 else 'targets'}"]
    counts = ((totals.firing, "firing"), (totals.warning, "warning"), (totals.lost, "lost"))
    said += [f"{count} {word}" for count, word in counts if count] or ["all well"]
    return " · ".join([*said, measure(totals.requests, "/s")])


class FleetScreen(Screen[None]):
    """All targets."""

    HINTS = (Hint("⏎", "open", "screen.open"), Hint("/", "filter", "screen.filter"), *KEYS[:3], *KEYS[-2:])
    DEFAULT_CSS = """
    FleetScreen #filter { height: 1; border: none; padding: 0 1; background: $boost; display: none; }
    FleetScreen #filter:focus { border: none; }
    FleetScreen #filter.-open { display: block; }
    FleetScreen Frame.-stale > .frame--body { opacity: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter"),
        Binding("escape", "clear", "Let go of the filter", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Frame():
            yield Input(placeholder="filter by name, state or words · ⏎ keeps it · esc lets go", id="filter")
            with Panel("Fleet", id="fleet-panel"):
                yield Table(FLEET, empty="no target matches", id="fleet")

    def on_mount(self) -> None:
        self.query_one("#fleet", Table).focus()
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show every target as it is now, filtered."""
        app = seat(self)
        rows = rows_of(app.models, app.now())
        table, end = self.query_one("#fleet", Table), app.wall()
        shown = matching(rows, self.query_one("#filter", Input).value)
        wide = table.width_for("trend")
        table.show([Line(str(row.index), fleet_line(row, wide, end)) for row in shown])
        totals = totals_of(rows)
        mood = "fire" if totals.firing or totals.lost else "warn" if totals.warning else ""
        self.query_one("#fleet-panel", Panel).say(summary(totals), mood)

    def on_table_placed(self) -> None:
        self.refresh_data()

    def on_input_changed(self) -> None:
        self.refresh_data()

    def on_input_submitted(self) -> None:
        self.query_one("#fleet", Table).focus()

    async def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        await self.action_open()

    async def action_open(self) -> None:
        """Go to the overview of the target under the cursor."""
        chosen = self.query_one("#fleet", Table).selected
        if chosen is not None:
            app = seat(self)
            app.look_at(int(chosen))
            await app.action_show("overview")

    def action_filter(self) -> None:
        """Open the filter."""
        field = self.query_one("#filter", Input)
        field.add_class("-open")
        field.focus()

    async def action_clear(self) -> None:
        """Let go of the filter; without one, go back."""
        field = self.query_one("#filter", Input)
        if not field.has_class("-open"):
            await seat(self).action_back()
            return
        field.value = ""
        field.remove_class("-open")
        self.query_one("#fleet", Table).focus()


def _searchable(row: FleetRow) -> str:
    service = row.service
    return f"{row.name} {service.instance} {service.version} {row.state} {row.sentence}".casefold()
