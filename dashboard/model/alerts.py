"""Alerts as an operator reads them: worst first, each in one sentence, with countdowns and local marks. Pure.

The states are the service's own. This module adds ``ServiceUnreachable``, the one alert that the service cannot raise,
and keeps an alert that ended in sight for 15 minutes. Times are compared by the service's clock, not by ours. A lost
connection changes no state: it only stops the clocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dashboard.model.marks import Mark
from dashboard.model.snapshot import Alert, Snapshot
from dashboard.model.vitals import SEVERITY, State
from dashboard.model.words import duration, measure, number, plain, unix_seconds

RESOLVED_SECONDS = 900.0
UNREACHABLE = "ServiceUnreachable"
UNREACHABLE_AFTER_SECONDS = 10.0
_RANK = {state: rank for rank, state in enumerate(SEVERITY)}


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert, ready to be shown: ``countdown_seconds`` until it fires, ``snoozed_until`` a monotonic second."""

    alert: Alert
    state: State
    state_seconds: float | None
    countdown_seconds: float | None
    acknowledged: bool
    snoozed_until: float | None
    sentence: str


def server_time(snapshot: Snapshot) -> float:
    """Return the Unix second that the service's clock showed when it answered; ours if it did not tell."""
    started = unix_seconds(snapshot.service.started_at)
    uptime = snapshot.service.uptime_seconds
    return snapshot.wall if started is None or uptime is None else started + uptime


def view_of(alert: Alert, server_now: float, mark: Mark, now: float, capacity: float | None = None) -> AlertView:
    """Return one alert as shown at ``now`` (monotonic), when the service's clock shows ``server_now``.

    ``capacity`` is that of the queue, for the sentence.
    """
    state = state_of(alert.state)
    since = alert.since
    resolved_at = unix_seconds(alert.resolved_at)
    if state in ("ok", "no_data") and resolved_at is not None and server_now - resolved_at < RESOLVED_SECONDS:
        state, since = "resolved", alert.resolved_at
    began = unix_seconds(since)
    lasted = None if began is None else max(server_now - began, 0.0)
    countdown = None if state != "pending" or lasted is None else max(alert.for_seconds - lasted, 0.0)
    snoozed = mark.snoozed_until if mark.snoozed_until is not None and mark.snoozed_until > now else None
    acknowledged = mark.acknowledged and mark.since == alert.since
    sentence = _sentence(alert, state, lasted, capacity)
    return AlertView(alert, state, lasted, countdown, acknowledged, snoozed, sentence)


def state_of(text: str) -> State:
    """Return a state that the service named; one that is not known here is ``unknown``."""
    for state in SEVERITY:
        if state == text:
            return state
    return "unknown"


def unreachable(down_seconds: float, since: str, reason: str, mark: Mark, now: float) -> AlertView:
    """Return the alert for a service that gave no usable answer for ``down_seconds``: pending 10 s, then firing."""
    firing = down_seconds >= UNREACHABLE_AFTER_SECONDS
    state: State = "firing" if firing else "pending"
    alert = Alert(UNREACHABLE, state, "critical", for_seconds=UNREACHABLE_AFTER_SECONDS, since=since)
    view = view_of(alert, 0.0, mark, now)
    countdown = None if firing else UNREACHABLE_AFTER_SECONDS - down_seconds
    sentence = f"{UNREACHABLE} {state} {duration(down_seconds)}: {plain(reason)}"
    return replace(view, state_seconds=down_seconds, countdown_seconds=countdown, sentence=sentence)


def worst_first(views: Iterable[AlertView]) -> tuple[AlertView, ...]:
    """Return the views by weight: what is not acknowledged or snoozed, then state, then severity, then the longest."""
    return tuple(sorted(views, key=_weight))


def _weight(view: AlertView) -> tuple[bool, int, bool, float, str]:
    quiet = (view.acknowledged or view.snoozed_until is not None) and _RANK[view.state] >= _RANK["clearing"]
    calm = _RANK[view.state] < _RANK["clearing"]
    # Quiet alerts come after the loud ones, and still before those that are well.
    rank = -_RANK[view.state] + (len(_RANK) if quiet else 0) + (3 * len(_RANK) if calm else 0)
    return (calm, rank, view.alert.severity != "critical", -(view.state_seconds or 0.0), view.alert.name)


def _sentence(alert: Alert, state: State, lasted: float | None, capacity: float | None) -> str:
    name = plain(alert.name, 60)
    word = state.replace("_", " ")
    if state == "no_data":
        return f"{name}: no data" + (f" (needs {alert.needs} samples)" if alert.needs else "")
    if state == "pending" and lasted is not None and alert.for_seconds:
        when = f" {duration(lasted)} of {duration(alert.for_seconds)}"
    else:
        when = "" if lasted is None else f" {duration(lasted)}"
    if state == "resolved":
        return f"{name} resolved{when} ago: peak {shown(alert.peak, alert)}" if when else f"{name} resolved"
    return f"{name} {word}{when}: {_figure(alert, capacity)} ({_limit(alert, state)})"


def shown(value: float | None, alert: Alert) -> str:
    """Return a value of the alert with its unit: ``12.5 %``, ``31.0 s``, ``92``."""
    if alert.unit == "ratio":
        return measure(None if value is None else value * 100, "%")
    if alert.unit == "seconds":
        return measure(value, "s")
    return number(value, "requests")[0] if alert.unit == "requests" else measure(value, plain(alert.unit, 20))


def _figure(alert: Alert, capacity: float | None) -> str:
    if alert.name != "QueueBacklog":
        return shown(alert.value, alert)
    return shown(alert.value, alert) + ("" if capacity is None else f" of {capacity:.0f}") + " waiting"


def _limit(alert: Alert, state: State) -> str:
    if state == "clearing":
        return f"clears at {shown(alert.clears, alert)}"
    if state == "warning":
        return f"warns at {shown(alert.warns, alert)}, fires at {shown(alert.fires, alert)}"
    return f"fires at {shown(alert.fires, alert)}"
