"""Many targets at a glance: one row each, the worst first, and a line of totals. Pure.

A row costs little: it takes the newest values and the worst alert of its target, and a short trend of its requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan

from dashboard.model.alerts import AlertView, shown
from dashboard.model.snapshot import Failure, Service
from dashboard.model.target import TargetModel
from dashboard.model.vitals import SEVERITY, Point, State
from dashboard.model.words import plain

TREND_SECONDS = 900.0
QUIET: tuple[State, ...] = ("neutral", "ok", "resolved", "no_data")


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One target: ``index`` is its place in the list of models; ``state`` that of its worst alert or its connection.

    ``sentence`` says what is wrong, and is empty when all is well. Values are the newest, in the units of the vital
    signs; None where not known. ``current`` tells that they are of now.
    """

    index: int
    name: str
    state: State
    state_seconds: float | None
    sentence: str
    loud: int
    values: dict[str, float | None]
    capacity: float | None
    service: Service
    current: bool
    instances: int
    trend: tuple[Point, ...]


def row_of(index: int, model: TargetModel, now: float) -> FleetRow:
    """Return the row of one target at ``now`` (monotonic seconds)."""
    connection = model.connection(now)
    worst, loud = _worst(model, now)
    latest = model.latest
    capacity = None if latest is None else latest.figures.get("queue.capacity")
    return FleetRow(
        index,
        model.name,
        *_state(worst, connection.data_ok, latest is not None, connection.age_seconds),
        _sentence(worst, model.failure, connection.data_ok),
        loud,
        model.newest_values(),
        capacity if isinstance(capacity, float) else None,
        Service() if latest is None else latest.service,
        connection.data_ok,
        len(model.instances(now)),
        tuple(
            Point(band.at, None if isnan(band.mean) else band.mean)
            for band in model.bands("requests", now, TREND_SECONDS)
        ),
    )


def rows_of(models: Sequence[TargetModel], now: float) -> list[FleetRow]:
    """Return a row for each target, the worst first; equals by name."""
    return sorted((row_of(index, model, now) for index, model in enumerate(models)), key=_weight)


def state_of(model: TargetModel, now: float) -> State:
    """Return the state of a target as its row has it."""
    connection = model.connection(now)
    worst, _ = _worst(model, now)
    return _state(worst, connection.data_ok, model.latest is not None, connection.age_seconds)[0]


def _worst(model: TargetModel, now: float) -> tuple[AlertView | None, int]:
    """Return the worst alert that is not calm, one that nobody acknowledged first, and how many there are."""
    loud = [view for view in model.alerts(now) if view.state not in QUIET and view.snoozed_until is None]
    return next((view for view in loud if not view.acknowledged), loud[0] if loud else None), len(loud)


@dataclass(frozen=True, slots=True)
class Totals:
    """All targets together; ``requests`` is the sum of the rates that are known, None if none is."""

    targets: int
    firing: int
    warning: int
    lost: int
    requests: float | None


def totals_of(rows: Iterable[FleetRow]) -> Totals:
    """Return the totals of the rows. What is lost is not counted as firing too."""
    found = list(rows)
    rates = [rate for row in found if row.current and (rate := row.values.get("requests")) is not None]
    lost = [row for row in found if not row.current]
    return Totals(
        len(found),
        sum(row.current and row.state == "firing" for row in found),
        sum(row.current and row.state in ("warning", "pending", "clearing") for row in found),
        len(lost),
        sum(rates) if rates else None,
    )


def _state(worst: AlertView | None, data_ok: bool, ever: bool, age_seconds: float | None) -> tuple[State, float | None]:
    if worst is not None:
        return worst.state, worst.state_seconds
    if data_ok:
        return "ok", None
    return ("stale", age_seconds) if ever else ("unknown", None)


def _sentence(worst: AlertView | None, failure: Failure | None, data_ok: bool) -> str:
    """Return what is wrong in a few words; how it is and since when stands beside it."""
    if not data_ok:
        return "no answer yet" if failure is None else plain(failure.reason)
    return "" if worst is None else f"{plain(worst.alert.name, 60)} {shown(worst.alert.value, worst.alert)}"


def _weight(row: FleetRow) -> tuple[int, str, int]:
    return (-SEVERITY.index(row.state), row.name, row.index)
