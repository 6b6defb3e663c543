"""How a target's connection is, in one word and one sentence. Pure.

Data is ok until its age passes three intervals: a single poll that fails is no news. After that the last failure says
what is wrong; with none, the answer is merely late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

from dashboard.model.snapshot import Failure, Snapshot
from dashboard.model.words import ago, clock_time, duration, plain

ConnectionState = Literal["connecting", "ok", "stale", "unreachable", "unauthorized", "garbage"]

STALE_INTERVALS = 3.0
LEAST_STALE_SECONDS = 1.0
_STATES: dict[str, ConnectionState] = {
    "unreachable": "unreachable",
    "timeout": "unreachable",
    "unauthorized": "unauthorized",
}


@dataclass(frozen=True, slots=True)
class Connection:
    """``words`` is the whole sentence for the strip; ``age_seconds`` the age of the newest answer, None before the
    first; ``data_ok`` whether figures may be shown as those of now; ``note`` what else is to be known of a good one."""

    state: ConnectionState
    words: str
    age_seconds: float | None = None
    data_ok: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a connection. ``down_since`` is when the first failure of the present row came;
    ``instances`` are those that answered lately, the one shown first."""

    url: str
    interval_seconds: float
    latest: Snapshot | None = None
    failure: Failure | None = None
    down_since: float | None = None
    next_try: float | None = None
    instances: tuple[str, ...] = ()


def connection_of(contact: Contact, now: float, zone: tzinfo | None = None) -> Connection:
    """Return the connection at ``now`` (monotonic seconds)."""
    age = None if contact.latest is None else max(now - contact.latest.at, 0.0)
    if age is not None and age <= max(STALE_INTERVALS * contact.interval_seconds, LEAST_STALE_SECONDS):
        note = _balancer(contact.instances)
        return Connection("ok", " · ".join(filter(None, (f"data {ago(age)}", note))), age, data_ok=True, note=note)
    if contact.failure is not None:
        state = _STATES.get(contact.failure.kind, "garbage")
        return Connection(state, _trouble(state, contact, contact.failure, now, zone), age)
    if contact.latest is None:
        return Connection("connecting", f"connecting to {contact.url}")
    words = f"stale {duration(age)} · waiting for an answer · last answer {clock_time(contact.latest.wall, zone)}"
    return Connection("stale", words, age)


def _balancer(instances: tuple[str, ...]) -> str:
    if len(instances) < 2:
        return ""
    return f"{len(instances)} instances answer at this URL, shown is {plain(instances[0], 40)}"


def _trouble(state: str, contact: Contact, failure: Failure, now: float, zone: tzinfo | None) -> str:
    lasted = duration(now - (failure.at if contact.down_since is None else contact.down_since))
    reason = plain(failure.reason)
    parts = [f"{'no usable answer' if state == 'garbage' else state} {lasted}"]
    if state != "unreachable" or contact.latest is None:
        parts.append(reason)
    if contact.next_try is not None:
        wait = contact.next_try - now
        parts.append(f"next try in {duration(wait + 0.999)}" if wait > 0 else "trying now")
    if contact.latest is None:
        parts.append("no answer yet")
    else:
        parts.append(f"last answer {clock_time(contact.latest.wall, zone)}")
        if state == "unreachable":
            parts.append(reason)
    return " · ".join(parts)
