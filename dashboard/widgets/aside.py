"""The side figures of all vital signs in one box, for terminals that have no room for a tile each: p50 and p99, slots,
blocked clients, fallbacks. One line a sign; figures that do not fit are left out whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.model.vitals import Vital
from dashboard.widgets.box import THIN, border
from dashboard.widgets.ink import Ink
from dashboard.widgets.runs import Row, cut, merged

SIGNS = ("latency", "cached", "queue", "refused", "ai", "cache", "memory", "cpu", "requests", "errors")
"""The most telling first; a box of nine lines shows seven."""
NAME_WIDTH = 9


def aside(vitals: Sequence[Vital], width: int, height: int) -> list[Row]:
    """Return the box as ``height`` rows of ``width`` cells."""
    if width < NAME_WIDTH + 4 or height < 3:
        return []
    known = {vital.key: vital for vital in vitals}
    shown = [known[key] for key in SIGNS if key in known][: height - 2]
    body = [_line(vital, width - 4) for vital in shown] + [[]] * (height - 2 - len(shown))
    sides = [merged([(f"{THIN[3]} ", "frame"), *cut(row, width - 4), (f" {THIN[3]}", "frame")]) for row in body]
    top = border((" Beside them ", "title"), [], (THIN[0], THIN[1], THIN[2]), "frame", width)
    return [top, *sides, border(("", "axis"), [], (THIN[4], THIN[1], THIN[5]), "frame", width)]


def _line(vital: Vital, width: int) -> Row:
    notes, room = list(vital.notes), width - NAME_WIDTH
    while notes and len("  ".join(notes)) > room:
        notes.pop()
    text = "  ".join(notes) or "–"
    return [(f"{vital.name.split()[0]:<{NAME_WIDTH}}", "note"), (text, "blank" if notes else "stale")]


class Aside(Ink):
    """The box."""

    DEFAULT_CSS = "Aside { width: 40; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._vitals: Sequence[Vital] = ()

    def show(self, vitals: Sequence[Vital]) -> None:
        """Show the side figures of these signs from now on."""
        self._vitals = vitals
        self.redraw()

    def drawn(self, width: int, height: int) -> list[Row]:
        return aside(self._vitals, width, height)
