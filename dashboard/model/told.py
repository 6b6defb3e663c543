"""What one instance told of all that stand beside it, and when to ask it again. Pure.

Only a service behind a Redis that works can tell, and its stats say so. What was told stays until it is told anew, or
until it cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf
from typing import Any, NamedTuple

from dashboard.model.document import figures_of, snapshot_of, tells_of_others
from dashboard.model.snapshot import Metrics, Snapshot

AGAIN_SECONDS = 2.0
"""Instances tell each other how they are no more often."""

Record = Mapping[str, Any]


class FleetDocuments(NamedTuple):
    """The stats documents of all instances, and their totals."""

    instances: tuple[Record, ...]
    totals: Record


class Told:
    """For one connection."""

    def __init__(self) -> None:
        self._can_tell = False
        self._fleet: tuple[Snapshot, ...] = ()
        self._totals: dict[str, float | str | bool | None] = {}
        self._at = -inf

    def due(self, now: float) -> bool:
        """Return whether to ask for all instances now (monotonic seconds)."""
        return self._can_tell and now - self._at >= AGAIN_SECONDS

    def refused(self) -> None:
        """Note that it does not know the question: an older version, amid an upgrade."""
        self._can_tell = False

    def added_to(self, own: Snapshot, document: Record, told: FleetDocuments | None) -> Snapshot:
        """Return the snapshot of who answered with what is known of all; ``told`` is None if nobody was asked."""
        self._can_tell = tells_of_others(document)
        if not self._can_tell:
            self._fleet, self._totals, self._at = (), {}, -inf
        elif told is not None:
            at, wall = own.at, own.wall
            self._at = at
            self._fleet = tuple(snapshot_of(one, Metrics(), at=at, wall=wall, seconds=0.0) for one in told.instances)
            self._totals = figures_of(told.totals)
        return replace(own, fleet=self._fleet, totals=self._totals)
