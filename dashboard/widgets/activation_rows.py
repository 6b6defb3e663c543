"""The activations of the traffic screen: how many are in which state, and the last that failed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.model.snapshot import FailedActivation
from dashboard.model.words import plain
from dashboard.widgets.figures import Figures, number_of, whole
from dashboard.widgets.moments import Moments
from dashboard.widgets.runs import Row, cut, merged, spread, width_of

STATES = ("live", "requested", "activating", "failed", "deactivated")
_ROLES = {"live": "ok", "failed": "word-warn"}
_PLACE_WIDTH = 48


def is_used(figures: Figures) -> bool:
    """Return whether anything was ever activated, as far as the service tells."""
    return any(number_of(figures, f"activations.states.{state}") for state in STATES)


def activation_rows(
    figures: Figures, failures: Sequence[FailedActivation], moments: Moments, width: int, height: int
) -> list[Row]:
    """Return a line of counts by state, and below it a line a failure, latest first, as many as there is room for."""
    return [_counts(figures, width), *(_failure(row, moments, width) for row in failures[: max(height - 1, 0)])]


def _counts(figures: Figures, width: int) -> Row:
    """Return the counts by state, as many whole ones as fit."""
    counts: Row = []
    for state in STATES:
        count = number_of(figures, f"activations.states.{state}")
        role = _ROLES.get(state, "value") if count else "stale"
        one: Row = [("–" if count is None else whole(count), role), (f" {state}", "note" if count else "stale")]
        if width_of(counts) + width_of(one) > width:
            break
        counts += [*one, ("   ", "blank")]
    return cut(merged(counts), width)


def _failure(row: FailedActivation, moments: Moments, width: int) -> Row:
    place = plain(f"{row.signal} → {row.destination}", 200)
    room = min(_PLACE_WIDTH, max(width // 2 - 2, 8))
    shown = place if len(place) <= room else f"{place[: room - 1]}…"
    left: Row = [("✗ ", "word-warn"), (f"{shown:<{room}} ", "blank"), (plain(row.reason, 200), "note")]
    ago: Row = [(f" {moments.ago(row.failed_at)}", "note")]
    return spread(cut(left, max(width - len(ago[0][0]), 0)), ago, width)
