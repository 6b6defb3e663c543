"""The instances behind one address, as one of them tells of all. Pure.

Each keeps its newest figures and a short trend of its requests. One that is not told of any more is *gone*: it stays in
sight for a while, so that an operator sees that there were more, and adds nothing to any total.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from dashboard.model.snapshot import Snapshot
from dashboard.model.vitals import Point

GONE_SECONDS = 300.0
STEP_SECONDS = 10.0
POINTS_AT_MOST = 90
MEMBERS_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One instance: its newest figures, for how long it has been gone (None: it is there), and its trend."""

    latest: Snapshot
    gone_seconds: float | None
    trend: tuple[Point, ...]


@dataclass(slots=True)
class _Seen:
    latest: Snapshot
    trend: deque[Point] = field(default_factory=lambda: deque(maxlen=POINTS_AT_MOST))


class Members:
    """All that were told of lately, by name."""

    def __init__(self) -> None:
        self._told: tuple[Snapshot, ...] = ()
        self._seen: dict[str, _Seen] = {}

    def take(self, told: tuple[Snapshot, ...]) -> None:
        """Take what was told of all; nothing if nobody could tell, which makes nobody gone."""
        if told is self._told:
            return
        self._told = told
        for one in told:
            seen = self._seen.setdefault(one.service.instance, _Seen(one))
            seen.latest = one
            if not seen.trend or one.wall - seen.trend[-1].at >= STEP_SECONDS:
                seen.trend.append(Point(one.wall, _rate(one)))
        while len(self._seen) > MEMBERS_AT_MOST:
            del self._seen[min(self._seen, key=lambda name: self._seen[name].latest.at)]

    def known(self, now: float) -> tuple[Member, ...]:
        """Return everybody at ``now`` (monotonic seconds), by name; nobody while nobody can tell."""
        if not self._told:
            return ()
        there = {one.service.instance for one in self._told}
        self._seen = {
            name: seen for name, seen in self._seen.items() if name in there or now - seen.latest.at <= GONE_SECONDS
        }
        return tuple(
            Member(seen.latest, None if name in there else max(now - seen.latest.at, 0.0), tuple(seen.trend))
            for name, seen in sorted(self._seen.items())
        )


def _rate(snapshot: Snapshot) -> float | None:
    rate = snapshot.figures.get("requests.rate")
    return rate if isinstance(rate, float) else None
