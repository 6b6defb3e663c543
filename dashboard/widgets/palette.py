"""What each role of a picture looks like in a theme. Pure.

A role is a mixture: a colour of the theme, how much of it shows through the background, and how it is written. Kept
apart from the style sheet because a sheet would work all roles out again for every tile at every change of focus.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color

MIXTURES: Mapping[str, tuple[str, float, str]] = {
    "blank": ("foreground", 1.0, ""),
    "title": ("foreground", 1.0, "bold"),
    "title-focus": ("primary", 1.0, "bold reverse"),
    "value": ("foreground", 1.0, "bold"),
    "value-warn": ("warning", 1.0, "bold"),
    "value-fire": ("error", 1.0, "bold"),
    "unit": ("foreground", 0.65, ""),
    "note": ("foreground", 0.65, ""),
    "head": ("foreground", 0.65, ""),
    "axis": ("foreground", 0.45, ""),
    "ok": ("success", 1.0, ""),
    "stale": ("foreground", 0.45, ""),
    "word-warn": ("warning", 1.0, ""),
    "word-fire": ("error", 1.0, "bold"),
    "frame": ("panel", 1.0, ""),
    "frame-focus": ("primary", 1.0, ""),
    "frame-warn": ("warning", 1.0, ""),
    "frame-fire": ("error", 1.0, "bold"),
    "line": ("primary", 1.0, ""),
    "fill": ("primary", 0.45, ""),
    "spark": ("primary", 0.75, ""),
    "warn": ("warning", 1.0, ""),
    "warn-fill": ("warning", 0.45, ""),
    "fire": ("error", 1.0, ""),
    "fire-fill": ("error", 0.5, ""),
    "warns": ("warning", 0.6, ""),
    "fires": ("error", 0.75, ""),
    "cursor": ("foreground", 1.0, "bold"),
}

FAINTEST_ON_WHITE = 0.6
UNDER: Mapping[str, tuple[str, float]] = {"row-cursor": ("panel", 0.6), "row-hover": ("boost", 1.0)}
"""What lies under a whole row, whatever its roles."""


def palette(colours: Mapping[str, str]) -> dict[str, Style]:
    """Return a style a role; ``colours`` holds the theme's colours by name, ``background`` among them."""
    back = Color.parse(colours["background"])
    styles = {}
    # In 16 colours a pale grey on white would not be seen at all.
    least = FAINTEST_ON_WHITE if back.brightness > 0.5 else 0.0
    for role, (name, share, written) in MIXTURES.items():
        share = max(share, least) if name == "foreground" else share
        colour = back.blend(Color.parse(colours[name]), share, alpha=1.0)
        styles[role] = Style.parse(written) + Style(color=colour.rich_color, bgcolor=back.rich_color)
    for role, (name, share) in UNDER.items():
        styles[role] = Style(bgcolor=back.blend(Color.parse(colours[name]), share, alpha=1.0).rich_color)
    return styles
