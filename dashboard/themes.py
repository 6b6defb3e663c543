"""The looks: dark, light and one that is safe for colour-blind eyes. Each is a Textual theme; widgets name its roles.

One accent (``primary``) carries all that is well; ``success``, ``warning`` and ``error`` are kept for states, which
also have a glyph, a word and a border, so that nothing depends on colour alone. The safe theme follows the Okabe-Ito
palette: blue, yellow and vermilion stay apart in every common form of colour blindness.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="signals-dark",
    primary="#5cb8d6",
    secondary="#8fa3b8",
    accent="#5cb8d6",
    success="#79b67a",
    warning="#e8b34b",
    error="#f4645f",
    foreground="#dbe2ea",
    background="#0e1217",
    surface="#141a21",
    panel="#2a333e",
    boost="#1b232c",
    dark=True,
)
LIGHT = Theme(
    name="signals-light",
    primary="#0a6f94",
    secondary="#51606f",
    accent="#0a6f94",
    success="#2c7a39",
    warning="#9a6200",
    error="#c4231f",
    foreground="#18212b",
    background="#fafbfc",
    surface="#f0f3f6",
    panel="#c9d1d9",
    boost="#e6ebf0",
    dark=False,
)
SAFE = Theme(
    name="signals-safe",
    primary="#8fb8d8",
    secondary="#8fa3b8",
    accent="#8fb8d8",
    success="#3aa0f0",
    warning="#f0e442",
    error="#ff7a1a",
    foreground="#e2e6ea",
    background="#101114",
    surface="#17191d",
    panel="#30353c",
    boost="#1f2227",
    dark=True,
)
THEMES = (DARK, LIGHT, SAFE)


def theme_after(name: str) -> str:
    """Return the name of the theme that follows ``name``; the first one after a name that is not ours."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
