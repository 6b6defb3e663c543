"""Rows of styled text before they have colours: a run is (text, role), a row is a list of runs. Pure.

A role is a name (``line``, ``title``); only ``dashboard.widgets.palette`` knows what it looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

Run = tuple[str, str]
Row = list[Run]


def merged(runs: Iterable[Run]) -> Row:
    """Return the runs with neighbours of one role joined and empty ones left out."""
    row: Row = []
    for text, role in runs:
        if not text:
            continue
        if row and row[-1][1] == role:
            row[-1] = (row[-1][0] + text, role)
        else:
            row.append((text, role))
    return row


def width_of(row: Sequence[Run]) -> int:
    """Return how many cells the row takes."""
    return sum(cell_len(text) for text, _ in row)


def cut(row: Sequence[Run], width: int, role: str = "blank") -> Row:
    """Return the row cut or padded to exactly ``width`` cells."""
    kept: Row = []
    room = max(width, 0)
    for text, run_role in row:
        if room <= 0:
            break
        size = cell_len(text)
        kept.append((text if size <= room else set_cell_size(text, room), run_role))
        room -= min(size, room)
    return merged([*kept, (" " * room, role)])


def spread(left: Sequence[Run], right: Sequence[Run], width: int, fill: str = " ", role: str = "blank") -> Row:
    """Return ``left`` and ``right`` at the two ends of ``width`` cells; ``right`` is given up where both do not fit."""
    room = width - width_of(left) - width_of(right)
    if room < 0:
        return cut([*left, (fill * max(width - width_of(left), 0), role)], width)
    return merged([*left, (fill * room, role), *right])
