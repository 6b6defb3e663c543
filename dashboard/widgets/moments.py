"""Moments that a service named, as seen from now: how long ago, how long until, at what time of day. Pure.

Ages are counted on the service's own clock, so that two machines whose clocks differ show no negative ages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.model.alerts import server_time
from dashboard.model.snapshot import Snapshot
from dashboard.model.words import DASH, duration, unix_seconds


@dataclass(frozen=True, slots=True)
class Moments:
    """``server_now`` is the Unix second on the service's clock; ``clock`` gives the operator's time of day."""

    server_now: float
    clock: Callable[[float | None], str]

    def time(self, stamp: str | None) -> str:
        """Return ``12:41:07``, or a dash."""
        at = unix_seconds(stamp)
        return DASH if at is None else self.clock(at)

    def ago(self, stamp: str | None) -> str:
        """Return ``2m14s ago``, or a dash."""
        at = unix_seconds(stamp)
        return DASH if at is None else f"{duration(max(self.server_now - at, 0.0))} ago"

    def until(self, stamp: str | None) -> str:
        """Return ``in 41s``, ``now`` once it has passed, or a dash."""
        at = unix_seconds(stamp)
        if at is None:
            return DASH
        return f"in {duration(at - self.server_now)}" if at - self.server_now >= 1 else "now"


def moments_of(latest: Snapshot, now: float, clock: Callable[[float | None], str]) -> Moments:
    """Return the moments as of ``now`` (monotonic) for the newest answer."""
    return Moments(server_time(latest) + max(now - latest.at, 0.0), clock)
