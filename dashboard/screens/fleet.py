"""Screen 0: every target in a row, or every instance behind it where they tell of each other; the worst first.

Enter goes to the overview of the target, ``/`` keeps the rows that hold a text.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import DataTable

from dashboard.model.fleet import FleetRow, Totals, rows_of, totals_of
from dashboard.model.target import TargetModel
from dashboard.model.words import measure
from dashboard.widgets.columns import Line
from dashboard.widgets.filter import Filter, Filtered
from dashboard.widgets.fleet_rows import FLEET, fleet_line
from dashboard.widgets.frame import Frame
from dashboard.widgets.hints import KEYS, Hint
from dashboard.widgets.panel import Panel
from dashboard.widgets.seat import seat
from dashboard.widgets.tables import Table


def summary(totals: Totals) -> str:
    """Return the totals in words: ``50 targets · 2 firing · 1 lost · 412 /s``, ``3 instances · all well · 58.0 /s``."""
    said = [_counted(totals.targets, "target")] if totals.targets != 1 or not totals.instances else []
    said += [_counted(totals.instances, "instance")] if totals.instances else []
    counts = ((totals.firing, "firing"), (totals.warning, "warning"), (totals.lost, "lost"), (totals.gone, "gone"))
    said += [f"{count} {word}" for count, word in counts if count] or ["all well"]
    return " · ".join([*said, measure(totals.requests, "/s")])


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def together(models: Sequence[TargetModel]) -> str:
    """Return what only the instances of one fleet know together: the percentile of all their answers."""
    latest = models[0].latest if len(models) == 1 else None
    p95 = latest.totals.get("requests.duration_seconds.p95") if latest else None
    return f"p95 of all {measure(p95, 's')}" if isinstance(p95, float) else ""


class FleetScreen(Filtered):
    """All targets."""

    HINTS = (Hint("⏎", "open", "screen.open"), Hint("/", "filter", "screen.filter"), *KEYS[:3], *KEYS[-2:])
    DEFAULT_CSS = """
    FleetScreen Frame.-stale > .frame--body { opacity: 100%; }
    """

    def compose(self) -> ComposeResult:
        with Frame():
            yield Filter("name, state or words")
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
        shown = [row for row in rows if self.filter.keeps(_searchable(row))]
        wide = table.width_for("trend")
        table.show([Line(row.key, fleet_line(row, wide, end)) for row in shown])
        totals = totals_of(rows)
        mood = "fire" if totals.firing or totals.lost else "warn" if totals.warning or totals.gone else ""
        self.query_one("#fleet-panel", Panel).say(summary(totals), together(app.models), mood=mood)

    def on_table_placed(self) -> None:
        self.refresh_data()

    async def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        await self.action_open()

    async def action_open(self) -> None:
        """Go to the overview of the target under the cursor."""
        chosen = self.query_one("#fleet", Table).selected
        if chosen is not None:
            app = seat(self)
            app.look_at(int(chosen.partition(" ")[0]))
            await app.action_show("overview")


def _searchable(row: FleetRow) -> str:
    service = row.service
    return f"{row.name} {service.instance} {service.version} {'gone' if row.gone else row.state} {row.sentence}"
