"""The help screen: every key and every sign on one page. Any of ``?``, escape and q closes it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from dashboard.model.vitals import GLYPHS, WORDS, State
from dashboard.widgets.box import word_role

# No line is longer than a terminal of 60 columns shows.
KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Screens",
        (
            ("1 2 3 4", "overview, alerts, traffic, AI and cache"),
            ("5 6 7", "jobs, errors, explore"),
            ("0", "all targets, the worst first"),
            ("enter", "the big chart of the tile at the cursor"),
            ("esc", "back"),
            ("?", "this page"),
            ("ctrl+p", "every action by name"),
        ),
    ),
    (
        "Moving",
        (
            ("h j k l", "left, down, up, right, like the arrows"),
            ("tab", "next target, or next field or tile"),
            ("/", "filter the tables; esc lets go of it"),
        ),
    ),
    (
        "Chart",
        (
            ("+  -  =", "closer, wider (to 6 h), back to 15 min"),
            ("[  ]", "earlier, later"),
            ("h  l", "move the cursor"),
            ("j  k", "next, previous vital sign"),
        ),
    ),
    (
        "Acting",
        (
            ("space", "pause painting; data is still collected"),
            ("r", "poll now"),
            ("a", "acknowledge the worst alert"),
            ("s", "snooze it for 15 minutes"),
            ("w", "warm the cache up (operator's token)"),
            ("e  p", "save the series as CSV, the screen as SVG"),
            ("t", "next theme: dark, light, colour-blind"),
            ("q", "quit, as ctrl+c"),
        ),
    ),
    (
        "Replay",
        (
            ("space", "stop, go on"),
            (",  .", "a minute back, on; < > ten minutes"),
            ("{  }", "slower, faster"),
        ),
    ),
)
SIGNS: tuple[tuple[State, str], ...] = (
    ("ok", "within its target"),
    ("warning", "beyond its target"),
    ("pending", "beyond its alert line, but not for long"),
    ("firing", "the alert fires"),
    ("clearing", "back below, waiting to be sure"),
    ("no_data", "too little traffic to judge"),
    ("stale", "the last values known, of too long ago"),
)
STYLES = {"word-fire": "bold $error", "word-warn": "$warning", "ok": "$success", "stale": "$text-muted"}


def help_page() -> Content:
    """Return the whole page."""
    lines: list[Content] = []
    for title, keys in KEYS:
        lines.append(Content.styled(title, "bold $primary"))
        for key, meaning in keys:
            lines.append(Content.styled(f"  {key:<9}", "bold") + Content.styled(meaning, "$foreground 80%"))
        lines.append(Content(""))
    lines.append(Content.styled("Signs", "bold $primary"))
    for state, meaning in SIGNS:
        sign = f"  {GLYPHS[state]} {WORDS[state]:<9}"
        lines.append(Content.styled(sign, STYLES[word_role(state)]) + Content.styled(meaning, "$foreground 80%"))
    return Content("\n").join(lines)


class HelpScreen(ModalScreen[None]):
    """Keys and signs."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 70%; }
    HelpScreen VerticalScroll {
        width: 64; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $primary; background: $surface; border-title-style: bold;
    }
    HelpScreen Static { height: auto; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,escape,question_mark", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        with VerticalScroll() as page:
            page.border_title = "Keys and signs"
            yield Static(help_page(), markup=False)
