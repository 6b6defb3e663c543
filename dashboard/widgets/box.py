"""A vital sign in a box: its name and state in the border, its number, and its trend over a fixed range. Pure.

The border says the state too: thin and grey when well, coloured when warning, heavy and red when firing. A box of
twelve rows writes its number in big digits; one of four keeps only the chart.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.model import words
from dashboard.model.vitals import GLYPHS, WORDS, State, Vital
from dashboard.widgets.axis import gutter
from dashboard.widgets.chart import plot
from dashboard.widgets.digits import big
from dashboard.widgets.runs import Row, Run, cut, merged, spread, width_of

THIN = ("╭", "─", "╮", "│", "╰", "╯")
HEAVY = ("┏", "━", "┓", "┃", "┗", "┛")
TIMED: tuple[State, ...] = ("warning", "pending", "firing", "clearing", "stale")
BIG_HEIGHT, BIG_WIDTH = 12, 30


@dataclass(frozen=True, slots=True)
class View:
    """How to look at a vital sign: the moment at the right edge, the window before it, and whether it has the focus."""

    end: float
    window_seconds: float
    focused: bool = False


def mood(state: State) -> str:
    """Return ``fire``, ``warn``, ``ok`` or ``stale``: the four looks of the ten states."""
    if state == "firing":
        return "fire"
    if state in ("warning", "pending", "clearing"):
        return "warn"
    return "ok" if state in ("ok", "resolved") else "stale"


def word_role(state: State) -> str:
    """Return the role of a state's word and glyph."""
    return {"fire": "word-fire", "warn": "word-warn"}.get(mood(state), mood(state))


def state_runs(vital: Vital, width: int) -> Row:
    """Return glyph, word and duration of the state, as much as fits into ``width`` cells."""
    if vital.state == "neutral":
        return []
    glyph, word, role = GLYPHS[vital.state], WORDS[vital.state], word_role(vital.state)
    timed = vital.state_seconds is not None and vital.state in TIMED
    calm_word = "note" if role == "ok" else role
    choices: list[Row] = [[(glyph, role), (f" {word}", calm_word)], [(glyph, role)]]
    if vital.state == "unknown":
        # All are unknown at once, and the strip says why.
        return choices[-1]
    if timed and vital.state_seconds is not None:
        choices.insert(0, [(glyph, role), (f" {word} {words.duration(vital.state_seconds)}", role)])
    return next((choice for choice in choices if width_of(choice) <= width), [])


def number_runs(vital: Vital) -> Row:
    """Return the number and its unit."""
    text, unit = words.number(vital.value, vital.unit)
    role = {"fire": "value-fire", "warn": "value-warn"}.get(mood(vital.state), "value")
    return merged([(text.strip(), role), (f" {unit}" if unit else "", "unit")])


def box(vital: Vital, view: View, width: int, height: int) -> list[Row]:
    """Return the box as ``height`` rows of ``width`` cells."""
    if width < 6 or height < 3:
        return [cut([(GLYPHS[vital.state], word_role(vital.state)), (vital.name, "title")], width)] * min(height, 1)
    look = mood(vital.state)
    edges = HEAVY if look == "fire" else THIN
    frame = {"fire": "frame-fire", "warn": "frame-warn"}.get(look, "frame-focus" if view.focused else "frame")
    inner = width - 4
    body = _head(vital, inner, height - 2)
    body += _chart(vital, view, inner, height - 2 - len(body))
    top = _top(vital, view, edges, frame, width)
    sides = [merged([(f"{edges[3]} ", frame), *cut(row, inner), (f" {edges[3]}", frame)]) for row in body]
    return [top, *sides, _bottom(view, edges, frame, width)]


def border(left: Run, right: Row, edges: tuple[str, str, str], frame: str, width: int) -> Row:
    """Return a horizontal border with a title in it at the left and runs at the right: ``╭ Queue ──── ● ok ╮``."""
    start, line, stop = edges
    dashes = width - 3 - width_of([left]) - width_of(right) if right else width - 2 - width_of([left])
    rule = line * max(dashes - 1, 0) + " " * min(max(dashes, 0), 1) if right else line * dashes
    return cut(
        [(start, frame), left, (rule, frame), *right, (" " if right else "", frame), (stop, frame)], width, frame
    )


def _top(vital: Vital, view: View, edges: tuple[str, ...], frame: str, width: int) -> Row:
    name: Run = (f" {vital.name} ", "title-focus" if view.focused else "title")
    state = state_runs(vital, width - 3 - width_of([name]))
    return border(name, state, (edges[0], edges[1], edges[2]), frame, width)


def _bottom(view: View, edges: tuple[str, ...], frame: str, width: int) -> Row:
    right: Row = [("⏎ zoom", "axis")] if view.focused else []
    return border(
        (f" {window_words(view.window_seconds)} ", "axis"), right, (edges[4], edges[1], edges[5]), frame, width
    )


def window_words(seconds: float) -> str:
    """Return ``15 min`` or ``6 h``."""
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds / 60:g} min"


def _head(vital: Vital, width: int, height: int) -> list[Row]:
    """Return the number with its side figures: three big rows, one row, or none where only the chart has room."""
    if height + 2 >= BIG_HEIGHT and width >= BIG_WIDTH:
        return _big_head(vital, width)
    if height < 3:
        return []
    left, notes = number_runs(vital), list(vital.notes)
    while notes and width_of(left) + 2 + len("  ".join(notes)) > width:
        notes.pop()
    return [spread(left, [("  ".join(notes), "note")], width)]


def _big_head(vital: Vital, width: int) -> list[Row]:
    text, unit = words.number(vital.value, vital.unit)
    digits = big(text.strip(), heavy=mood(vital.state) in ("fire", "warn"))
    if digits is None:
        return [spread(number_runs(vital), [], width)]
    role = {"fire": "value-fire", "warn": "value-warn"}.get(mood(vital.state), "value")
    notes = [*vital.notes[:3], "", "", ""][:3]
    rows = []
    for index, digit_row in enumerate(digits):
        left: Row = [(digit_row, role), (f" {unit}" if index == 2 else "", "unit")]
        rows.append(spread(left, [(notes[index], "note")], width))
    return [*rows, []]


def _chart(vital: Vital, view: View, width: int, height: int) -> list[Row]:
    if height <= 0:
        return []
    labels = gutter(vital, height)
    room = width - len(labels[0][0])
    if room < 8:
        return plot(vital, view.end, view.window_seconds, width, height)
    rows = plot(vital, view.end, view.window_seconds, room, height)
    return [merged([label, *row]) for label, row in zip(labels, rows, strict=True)]
