"""Screen 3: who asks for what and how it ends: endpoints and the tools of agents, statuses, refusals, keys by name,
clients and blocks, and, once there are any, activations.

Endpoints and clients are as the service tells them; statuses and refusals of the last minute come from its counters, so
that a restart does not spoil them. Lifting a block is the one thing here that changes the service: it asks first.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widgets import DataTable

from dashboard.model.snapshot import Snapshot
from dashboard.model.words import number, plain
from dashboard.widgets.activation_rows import activation_rows, is_used
from dashboard.widgets.bars import ranked
from dashboard.widgets.confirm import Confirm
from dashboard.widgets.figures import bar_role, number_of, whole
from dashboard.widgets.filter import Filter, Filtered
from dashboard.widgets.frame import Frame
from dashboard.widgets.hints import KEYS, Hint
from dashboard.widgets.moments import moments_of
from dashboard.widgets.panel import Drawing, Panel
from dashboard.widgets.seat import seat
from dashboard.widgets.tables import Table
from dashboard.widgets.tile import Tile
from dashboard.widgets.traffic_rows import (
    BLOCKED,
    CLIENTS,
    ENDPOINTS,
    block_lines,
    client_lines,
    endpoint_lines,
    key_lines,
    rejections,
    status_rows,
    statuses,
    tool_lines,
)
from dashboard.widgets.vitals import show_vitals

WINDOW_SECONDS = 60.0
TILES = ("requests", "errors", "refused")


class TrafficScreen(Filtered):
    """Endpoints, statuses, refusals, clients."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-mid"), (40, "-high")]  # noqa: RUF012
    HINTS = (
        Hint("u", "unblock", "screen.unblock"),
        Hint("/", "filter", "screen.filter"),
        Hint("tab", "next table", "app.focus_next"),
        *KEYS[:3],
        *KEYS[-2:],
    )
    DEFAULT_CSS = """
    TrafficScreen #grid { layout: grid; width: 1fr; height: 1fr; grid-size: 2; grid-rows: 1fr 7 7; }
    TrafficScreen #endpoints-panel { column-span: 2; }
    TrafficScreen.-low #grid { grid-rows: 1fr 5 5; }
    TrafficScreen.-wide #grid { grid-size: 4; grid-rows: 3fr 2fr; }
    TrafficScreen #activations-panel { column-span: 2; display: none; }
    TrafficScreen.-orders #activations-panel { display: block; }
    TrafficScreen.-orders #grid { grid-rows: 1fr 7 7 4; }
    TrafficScreen.-mid.-orders #grid { grid-rows: 1fr 6 5 4; }
    TrafficScreen.-low.-orders #grid { grid-rows: 1fr 4 4 3; }
    TrafficScreen.-wide #activations-panel { column-span: 4; }
    TrafficScreen.-wide.-orders #grid { grid-rows: 3fr 2fr 6; }
    TrafficScreen.-wide #clients-panel, TrafficScreen.-wide #blocked-panel { column-span: 2; }
    TrafficScreen #tiles { height: 13; display: none; }
    TrafficScreen #tiles Tile { width: 1fr; height: 1fr; }
    TrafficScreen.-wide.-high #tiles { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("u", "unblock", "Lift the block of this client")]

    def compose(self) -> ComposeResult:
        with Frame():
            yield Filter("endpoint, client or reason")
            with Horizontal(id="tiles"):
                for key in TILES:
                    yield Tile(key, id=key)
            with Container(id="grid"):
                with Panel("Endpoints", id="endpoints-panel"):
                    yield Table(ENDPOINTS, empty="no requests in the last minute", id="endpoints")
                with Panel("Statuses", id="statuses-panel"):
                    yield Drawing(id="statuses")
                with Panel("Refused", id="refusals-panel"):
                    yield Drawing(id="refusals")
                with Panel("Clients", id="clients-panel"):
                    yield Table(CLIENTS, empty="no client has asked in this window", id="clients")
                with Panel("Blocked", id="blocked-panel"):
                    yield Table(BLOCKED, empty="nobody is blocked", id="blocked")
                with Panel("Activations", id="activations-panel"):
                    yield Drawing(id="activations")

    def on_mount(self) -> None:
        self.query_one("#endpoints", Table).focus()
        self.refresh_data()

    def on_table_placed(self) -> None:
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show the traffic as it is now."""
        latest = seat(self).model.latest
        show_vitals(self)
        if latest is None:
            return
        self._endpoints(latest)
        app = seat(self)
        recent = app.model.counted("requests", app.now(), WINDOW_SECONDS)
        counts = statuses(latest.metrics)
        refused = rejections(app.model.counted("rejected", app.now(), WINDOW_SECONDS))
        role = bar_role(latest.alerts, "ManyRateLimited")
        self.query_one("#statuses", Drawing).show(lambda width, height: status_rows(counts, recent, width, height))
        self.query_one("#refusals", Drawing).show(lambda width, height: ranked(refused, width, height, role))
        self.query_one("#statuses-panel", Panel).say(f"last {WINDOW_SECONDS:.0f} s", "total since start")
        everything = whole(sum(count for _, count in refused))
        self.query_one("#refusals-panel", Panel).say(f"{everything} in {WINDOW_SECONDS:.0f} s")
        self._clients(latest)
        self._activations(latest)

    def _activations(self, latest: Snapshot) -> None:
        app = seat(self)
        figures, failures = latest.figures, latest.failed_activations
        moments = moments_of(latest, app.now(), app.clock_time)
        self.set_class(is_used(figures), "-orders")
        under_way = number_of(figures, "activations.under_way")
        self.query_one("#activations-panel", Panel).say(f"{number(under_way, 'requests')[0]} under way")
        self.query_one("#activations", Drawing).show(
            lambda width, height: activation_rows(figures, failures, moments, width, height)
        )

    def _endpoints(self, latest: Snapshot) -> None:
        table = self.query_one("#endpoints", Table)
        window = number_of(latest.figures, "window_seconds") or 60.0
        width = table.width_for("share")
        lines = endpoint_lines(latest.endpoints, window, latest.alerts, width)
        table.show(self.kept([*lines, *tool_lines(latest.tools, latest.endpoints, window, width)]))
        total = number(number_of(latest.figures, "requests.total"), "requests")[0]
        flight = number(seat(self).model.newest_values().get("work"), "requests")[0]
        said = (f"last {window:.0f} s", f"{flight} in flight", f"{total} since start")
        self.query_one("#endpoints-panel", Panel).say(*said)

    def _clients(self, latest: Snapshot) -> None:
        app = seat(self)
        limit, window = (number_of(latest.figures, f"clients.{name}") for name in ("limit", "window_seconds"))
        clients, blocked = self.query_one("#clients", Table), self.query_one("#blocked", Table)
        width = clients.width_for("bar")
        clients.show(self.kept([*key_lines(latest.keys, width), *client_lines(latest.clients, limit, width)]))
        blocked.show(self.kept(block_lines(latest.blocked, moments_of(latest, app.now(), app.clock_time))))
        tracked = number_of(latest.figures, "clients.tracked")
        said = f"limit {number(limit, 'requests')[0]} in {number(window, 'requests')[0]} s"
        self.query_one("#clients-panel", Panel).say(said, f"{number(tracked, 'requests')[0]} seen")
        hint, mood = ("u lifts a block", "warn") if latest.blocked else ("", "")
        self.query_one("#blocked-panel", Panel).say(hint, mood=mood)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        if event.data_table.id == "blocked":
            self.action_unblock()

    def action_unblock(self) -> None:
        """Ask whether the block under the cursor should be lifted, and lift it."""
        client = self.query_one("#blocked", Table).selected
        if client is None:
            seat(self).say("Nobody is blocked")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.run_worker(self._lift(client), group="lift", exit_on_error=False)

        text = f"Lift the block of {plain(client, 60)}{self._reason(client)}? It may ask again at once."
        self.app.push_screen(Confirm("Lift a block", text, "Lift it"), answered)

    def _reason(self, client: str) -> str:
        latest = seat(self).model.latest
        rows = () if latest is None else latest.blocked
        return next((f", blocked for: {plain(row.reason)}" for row in rows if row.client == client), "")

    async def _lift(self, client: str) -> None:
        app = seat(self)
        app.say(await app.client.lift_block(client))
        app.action_poll_now()
