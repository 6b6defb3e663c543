"""Many targets at a glance: one row each, the worst first, and a line of totals. Pure.

A row costs little: it takes the newest values and the worst alert of its target, and a short trend of its requests.
Where the instances behind an address tell of each other, each of them has a row of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan

from dashboard.model.alerts import AlertView, shown
from dashboard.model.members import Member
from dashboard.model.snapshot import Failure, Service, Snapshot
from dashboard.model.target import TargetModel
from dashboard.model.vitals import SEVERITY, Point, State
from dashboard.model.words import plain

TREND_SECONDS = 900.0
QUIET: tuple[State, ...] = ("neutral", "ok", "resolved", "no_data")


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One target, or one instance behind it: ``index`` is its target's place in the list of models; ``state`` that of
    its worst alert or its connection.

    ``sentence`` says what is wrong, and is empty when all is well. Values are the newest, in the units of the vital
    signs; None where not known. ``current`` tells that they are of now, ``member`` that it is an instance, ``gone``
    that it is told of no more.
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
    member: bool = False
    gone: bool = False

    @property
    def key(self) -> str:
        """What tells the row from all others."""
        return f"{self.index} {self.service.instance}" if self.member else f"{self.index}"


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
    """Return a row for each target or instance, the worst first; equals by name."""
    alone = len(models) == 1
    rows = (row for index, model in enumerate(models) for row in _rows_of(index, model, now, alone))
    return sorted(rows, key=_weight)


def _rows_of(index: int, model: TargetModel, now: float, alone: bool) -> list[FleetRow]:
    members = model.members(now)
    if len(members) < 2 or not model.connection(now).data_ok:
        return [row_of(index, model, now)]
    return [_member_row(index, model, member, now, alone) for member in members]


def _member_row(index: int, model: TargetModel, member: Member, now: float, alone: bool) -> FleetRow:
    latest = member.latest
    worst, loud = _worst_of(model.alerts_of(latest, now))
    gone = member.gone_seconds is not None
    state: State
    state, seconds = ("stale", member.gone_seconds) if gone else _state(worst, True, True, None)
    return FleetRow(
        index,
        latest.service.instance if alone else f"{model.name} {latest.service.instance}",
        state,
        seconds,
        "stopped, or cut off" if gone else _sentence(worst, None, True),
        loud,
        _member_values(latest),
        _figure(latest, "queue.capacity"),
        latest.service,
        not gone,
        1,
        member.trend,
        member=True,
        gone=gone,
    )


def _member_values(latest: Snapshot) -> dict[str, float | None]:
    """Return the vital signs that the stats of an instance tell, in their units; its metrics nobody has asked for."""
    errors = _figure(latest, "requests.error_rate")
    return {
        "requests": _figure(latest, "requests.rate"),
        "errors": None if errors is None else 100.0 * errors,
        "latency": _figure(latest, "requests.duration_seconds.p95"),
        "queue": _figure(latest, "queue.depth"),
        "cpu": _figure(latest, "system.cpu_percent"),
        "memory": _figure(latest, "system.memory_percent"),
    }


def _figure(latest: Snapshot, name: str) -> float | None:
    value = latest.figures.get(name)
    return value if isinstance(value, float) else None


def state_of(model: TargetModel, now: float) -> State:
    """Return the state of a target as its row has it."""
    connection = model.connection(now)
    worst, _ = _worst(model, now)
    return _state(worst, connection.data_ok, model.latest is not None, connection.age_seconds)[0]


def _worst(model: TargetModel, now: float) -> tuple[AlertView | None, int]:
    """Return the worst alert that is not calm, one that nobody acknowledged first, and how many there are."""
    return _worst_of(model.alerts(now))


def _worst_of(views: Iterable[AlertView]) -> tuple[AlertView | None, int]:
    loud = [view for view in views if view.state not in QUIET and view.snoozed_until is None]
    return next((view for view in loud if not view.acknowledged), loud[0] if loud else None), len(loud)


@dataclass(frozen=True, slots=True)
class Totals:
    """All targets together; ``requests`` is the sum of the rates that are known, None if none is.

    ``instances`` counts those that have a row of their own and are there, ``gone`` those that are not any more.
    """

    targets: int
    firing: int
    warning: int
    lost: int
    requests: float | None
    instances: int = 0
    gone: int = 0


def totals_of(rows: Iterable[FleetRow]) -> Totals:
    """Return the totals of the rows. What is lost or gone is not counted as firing too."""
    found = list(rows)
    rates = [rate for row in found if row.current and (rate := row.values.get("requests")) is not None]
    lost = [row for row in found if not row.current and not row.gone]
    return Totals(
        len({row.index for row in found}),
        sum(row.current and row.state == "firing" for row in found),
        sum(row.current and row.state in ("warning", "pending", "clearing") for row in found),
        len(lost),
        sum(rates) if rates else None,
        sum(row.member and not row.gone for row in found),
        sum(row.gone for row in found),
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
