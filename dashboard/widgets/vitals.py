"""Vital signs as a side show: gives the tiles of any screen their signs."""

from __future__ import annotations

from collections.abc import Sequence

from textual.screen import Screen

from dashboard.model.vitals import Vital
from dashboard.widgets.seat import seat
from dashboard.widgets.tile import Tile

FIRST_WINDOWS = (60.0, 120.0, 300.0)


def fitting_window(vitals: Sequence[Vital], longest_seconds: float) -> float:
    """Return the window to show: short while there is little history, so that the first minutes fill the charts."""
    ends = [(vital.trend[0].at, vital.trend[-1].at) for vital in vitals if vital.trend]
    history = max((newest - oldest for oldest, newest in ends), default=longest_seconds)
    return next((window for window in FIRST_WINDOWS if window >= history), longest_seconds)


def show_vitals(screen: Screen[None]) -> None:
    """Give each tile of ``screen`` its vital sign as it is now."""
    app = seat(screen)
    tiles = {tile.key: tile for tile in screen.query(Tile)}
    vitals = app.model.vitals(app.now(), app.window_seconds)
    window = fitting_window(vitals, app.window_seconds)
    for vital in vitals:
        if vital.key in tiles:
            tiles[vital.key].show(vital, window)
