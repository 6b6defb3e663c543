"""Screen 5: the jobs that run by themselves, and the machine, process, build and catalogue underneath.

A job that failed last time is red and says so in a word. Where there is room, CPU and memory show their course.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Container, Horizontal

from dashboard.model.book import gauge
from dashboard.model.snapshot import Alert, JobRow, Snapshot
from dashboard.model.words import DASH, measure, number, plain
from dashboard.widgets.bars import fact, limited
from dashboard.widgets.columns import Column, Line
from dashboard.widgets.figures import Figures, number_of
from dashboard.widgets.filter import Filter, Filtered
from dashboard.widgets.frame import Frame
from dashboard.widgets.header import uptime
from dashboard.widgets.hints import KEYS, Hint
from dashboard.widgets.moments import Moments, moments_of
from dashboard.widgets.panel import Drawing, Panel
from dashboard.widgets.runs import Row
from dashboard.widgets.seat import seat
from dashboard.widgets.tables import Table
from dashboard.widgets.tile import Tile
from dashboard.widgets.vitals import show_vitals

JOBS = (
    Column("glyph", "", 1),
    Column("id", "Job", 18, grows=True, most=30),
    Column("outcome", "Outcome", 8),
    Column("last", "Last run", 12, right=True),
    Column("at", "At", 8, rank=5),
    Column("took", "Took", 8, right=True, rank=3),
    Column("runs", "Runs", 6, right=True, rank=4),
    Column("failures", "Failed", 6, right=True, rank=1),
    Column("next", "Next", 10, right=True),
    Column("rest", "", 0, grows=True, rank=6),
)
GOOD = ("ok", "success")
Values = Mapping[str, float | None]


def job_lines(rows: Sequence[JobRow], moments: Moments) -> list[Line]:
    """Return the jobs by name, so that each stays where it is."""
    return [job_line(row, moments) for row in sorted(rows, key=lambda row: row.id)]


def job_line(row: JobRow, moments: Moments) -> Line:
    """Return one job as a row."""
    never, good = row.last_outcome is None, row.last_outcome in GOOD
    glyph, role = ("–", "stale") if never else ("●", "ok") if good else ("▲", "word-fire")
    outcome = DASH if never else "ok" if good else plain(str(row.last_outcome), 20)
    cells: dict[str, Row] = {
        "glyph": [(glyph, role)],
        "id": [(plain(row.id, 60), "blank" if never or good else "value")],
        "outcome": [(outcome, "note" if never or good else "word-fire")],
        "last": [("not yet" if row.last_run_at is None else moments.ago(row.last_run_at), "note")],
        "at": [(moments.time(row.last_run_at), "stale")],
        "took": [(measure(row.last_duration_seconds, "s"), "blank")],
        "runs": [(number(row.runs, "requests")[0], "note")],
        "failures": [(number(row.failures, "requests")[0], "value-warn" if row.failures else "stale")],
        "next": [(moments.until(row.next_run_at), "value")],
    }
    return Line(row.id, cells)


def machine_rows(values: Values, latest: Snapshot, width: int) -> list[Row]:
    """Return CPU and memory with the marks of their limits, and where they were measured.

    ``values`` are those of the vital signs, so that a bar and its tile never disagree.
    """
    rules, figures = {alert.name: alert for alert in latest.alerts}, latest.figures
    rows = [
        fact(label, usage(values.get(label), rules.get(rule), width - 9), width, 8)
        for label, rule in (("cpu", "HighCpu"), ("memory", "HighMemory"))
    ]
    used = measure(number_of(figures, "system.memory_used_bytes"), "B")
    source = plain(str(figures.get("system.source") or DASH), 20)
    return [*rows, fact("used", [(used, "blank")], width, 8), fact("source", [(source, "note")], width, 8)]


def usage(value: float | None, alert: Alert | None, width: int) -> Row:
    """Return a percentage (0-100) with its bar and limits; a rule may speak of ratios or of per cent."""
    scale = 0.01 if alert is not None and (alert.fires or 0) > 1 else 1.0
    warns, fires = (None, None) if alert is None else (_scaled(alert.warns, scale), _scaled(alert.fires, scale))
    share = None if value is None else value / 100
    role = "fire" if _beyond(share, fires) else "warn" if _beyond(share, warns) else "line"
    text = {"fire": "value-fire", "warn": "value-warn"}.get(role, "value")
    drawn = limited(share, warns, fires, width - 8, role) if width >= 16 else []
    return [(f"{measure(value, '%'):<7} ", text), *drawn]


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def _beyond(share: float | None, limit: float | None) -> bool:
    return share is not None and limit is not None and share > limit


def process_rows(latest: Snapshot, moments: Moments, width: int) -> list[Row]:
    """Return what the process holds."""
    figures = latest.figures
    return [
        fact("uptime", [(uptime(latest.service.uptime_seconds), "value")], width, 9),
        fact("memory", [(measure(gauge(latest.metrics, "process_resident_memory_bytes"), "B"), "value")], width, 9),
        fact("threads", [(number(number_of(figures, "system.threads"), "requests")[0], "blank")], width, 9),
        fact("files", [(number(number_of(figures, "system.open_files"), "requests")[0], "blank")], width, 9),
    ]


def service_rows(latest: Snapshot, moments: Moments, width: int) -> list[Row]:
    """Return which build answers, as what."""
    service, figures = latest.service, latest.figures
    store = plain(str(figures.get("clients.store") or DASH), 20)
    broken = figures.get("clients.store_ok") is False
    return [
        fact("version", [(plain(service.version, 40) or DASH, "value")], width, 9),
        fact("instance", [(plain(service.instance, 60) or DASH, "blank")], width, 9),
        fact("since", [(moments.time(service.started_at), "blank")], width, 9),
        fact("store", [(store, "blank"), ("  ▲ broken" if broken else "", "word-fire")], width, 9),
    ]


def catalogue_rows(figures: Figures, moments: Moments, width: int) -> list[Row]:
    """Return which catalogue is served."""
    loaded = figures.get("catalogue.loaded_at")
    stamp = loaded if isinstance(loaded, str) else None
    sample = figures.get("catalogue.sample")
    kind = DASH if not isinstance(sample, bool) else "sample data" if sample else "your own"
    return [
        fact("signals", [(number(number_of(figures, "catalogue.signals"), "requests")[0], "value")], width, 9),
        fact("version", [(plain(str(figures.get("catalogue.version") or DASH), 60), "blank")], width, 9),
        fact("loaded", [(moments.ago(stamp), "blank")], width, 9),
        fact("content", [(kind, "value-warn" if sample is True else "blank")], width, 9),
    ]


class JobsScreen(Filtered):
    """Jobs and what runs them."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-mid"), (36, "-high")]  # noqa: RUF012
    HINTS = (Hint("w", "warm up", "app.warm_up"), Hint("/", "filter", "screen.filter"), *KEYS[:3], *KEYS[-2:])
    DEFAULT_CSS = """
    JobsScreen #jobs-panel { height: 1fr; }
    JobsScreen #tiles { height: 1fr; display: none; }
    JobsScreen #tiles Tile { width: 1fr; height: 1fr; }
    JobsScreen.-wide.-high #tiles { display: block; }
    JobsScreen.-wide.-high #jobs-panel, JobsScreen.-wide.-high #jobs { height: auto; max-height: 50vh; }
    JobsScreen #facts { layout: grid; grid-size: 2; grid-rows: 6 6; height: 12; }
    JobsScreen.-low #facts { grid-rows: 4 4; height: 8; }
    JobsScreen.-wide #facts { grid-size: 4; grid-rows: 6; height: 6; }
    """

    def compose(self) -> ComposeResult:
        with Frame():
            yield Filter("job or outcome")
            with Panel("Jobs", id="jobs-panel"):
                yield Table(JOBS, empty="no jobs known", id="jobs")
            with Horizontal(id="tiles"):
                yield Tile("cpu", id="cpu")
                yield Tile("memory", id="memory")
            with Container(id="facts"):
                for key in ("Machine", "Process", "Service", "Catalogue"):
                    with Panel(key):
                        yield Drawing(id=key.lower())

    def on_mount(self) -> None:
        self.query_one("#jobs", Table).focus()
        self.refresh_data()

    def on_table_placed(self) -> None:
        self.refresh_data()

    def refresh_data(self) -> None:
        """Show jobs and system as they are now."""
        app = seat(self)
        latest, now = app.model.latest, app.now()
        show_vitals(self)
        if latest is None:
            return
        moments, values = moments_of(latest, now, app.clock_time), app.model.newest_values()
        self.query_one("#jobs", Table).show(self.kept(job_lines(latest.jobs, moments)))
        failing = sum(row.last_outcome is not None and row.last_outcome not in GOOD for row in latest.jobs)
        said, mood = (f"{failing} failed last time", "warn") if failing else ("", "")
        self.query_one("#jobs-panel", Panel).say(said, mood=mood)
        self.query_one("#machine", Drawing).show(lambda w, h: machine_rows(values, latest, w))
        self.query_one("#process", Drawing).show(lambda w, h: process_rows(latest, moments, w))
        self.query_one("#service", Drawing).show(lambda w, h: service_rows(latest, moments, w))
        self.query_one("#catalogue", Drawing).show(lambda w, h: catalogue_rows(latest.figures, moments, w))
