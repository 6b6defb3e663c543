"""Vital signs as a side show: gives the tiles of any screen their signs."""

from __future__ import annotations

from textual.screen import Screen

from dashboard.widgets.seat import seat
from dashboard.widgets.tile import Tile


def show_vitals(screen: Screen[None]) -> None:
    """Give each tile of ``screen`` its vital sign as it is now."""
    app = seat(screen)
    tiles = {tile.key: tile for tile in screen.query(Tile)}
    for vital in app.model.vitals(app.now(), app.window_seconds):
        if vital.key in tiles:
            tiles[vital.key].show(vital, app.window_seconds)
