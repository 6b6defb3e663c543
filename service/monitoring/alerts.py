"""The life of an alert, as a pure state machine: ``step`` moves one alert on by one measurement.

``watch`` runs it for every rule. An alert fires when its value was beyond ``fires`` for ``for_seconds``, fires for 60 s
at least, and ends only after the value was calm for ``for_seconds`` (60 s at most). It then shows as resolved for five
minutes, unless it gets worse again: ok, warning and no_data follow a resolved alert, never a firing one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.monitoring.rules import Rule

State = Literal["ok", "warning", "pending", "firing", "clearing", "resolved", "no_data"]

CLEAR_SECONDS_AT_MOST = 60.0
RESOLVED_SECONDS = 300.0
"""How long an alert that ended is shown as resolved, unless it gets worse again."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value and how many samples it rests on; None if there is nothing to tell."""

    value: float | None
    samples: int = 1


NOTHING = Measurement(None, 0)


@dataclass(frozen=True, slots=True)
class AlertState:
    """Where an alert stands. All times are monotonic seconds.

    ``since`` is when ``state`` began, ``fired_at`` when the episode began to fire (None outside one), ``peak`` the
    worst value since it left ok, ``resolved_at`` when the last episode ended.
    """

    state: State = "no_data"
    since: float = 0.0
    value: float | None = None
    peak: float | None = None
    fired_at: float | None = None
    resolved_at: float | None = None


def step(rule: Rule, state: AlertState, measurement: Measurement, now: float) -> AlertState:
    """Return the state after a measurement at ``now`` (monotonic seconds, never less than before)."""
    value = measurement.value if measurement.samples >= rule.needs else None
    if state.fired_at is None:
        nature = _resting(rule, state, value, now)
        fired_at = now if nature == "firing" else None
    else:
        nature = _burning(rule, state, value, now, state.fired_at)
        fired_at = None if nature == "resolved" else state.fired_at
    return AlertState(
        state=nature,
        since=state.since if nature == state.state else now,
        value=value,
        peak=_peak(rule, state, nature, value),
        fired_at=fired_at,
        resolved_at=now if nature == "resolved" and state.fired_at is not None else state.resolved_at,
    )


def _resting(rule: Rule, state: AlertState, value: float | None, now: float) -> State:
    if value is not None and rule.beyond(value, rule.fires):
        waited = now - state.since if state.state == "pending" else 0.0
        return "firing" if waited >= rule.for_seconds else "pending"
    if value is not None and rule.beyond(value, rule.warns):
        return "warning"
    if state.state == "resolved" and now - state.since < RESOLVED_SECONDS:
        return "resolved"
    return "no_data" if value is None else "ok"


def _burning(rule: Rule, state: AlertState, value: float | None, now: float, fired_at: float) -> State:
    # Without a value: what needs traffic is over when the traffic is; what needs none could not be measured, and that
    # is no sign of recovery.
    calm = rule.needs > 0 if value is None else rule.calm(value)
    if not calm:
        return "firing"
    waited = now - state.since if state.state == "clearing" else 0.0
    over = waited >= min(rule.for_seconds, CLEAR_SECONDS_AT_MOST) and now - fired_at >= rule.minimum_firing_seconds
    return "resolved" if over else "clearing"


def _peak(rule: Rule, state: AlertState, nature: State, value: float | None) -> float | None:
    if nature in ("ok", "no_data"):
        return None
    # An episode that ended keeps its peak until the alert is calm or begins anew.
    before = None if state.state == "resolved" and nature != "resolved" else state.peak
    if before is None or value is None:
        return value if before is None else before
    return value if rule.beyond(value, before) else before
