"""How the columns of a table share a width: fixed widths, some that grow, some that are given up first. Pure.

A cell is a row of runs; ``fitted`` makes it exactly as wide as its column, so that numbers never jump or lose digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.widgets.runs import Row, cut, merged, width_of

ROOMY = 100


UNBOUND = 1_000


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` in cells; one that ``grows`` takes more, up to ``most``. The highest rank goes first, 0 never."""

    key: str
    title: str
    width: int
    right: bool = False
    grows: bool = False
    rank: int = 0
    most: int = UNBOUND


@dataclass(frozen=True, slots=True)
class Line:
    """One row: ``key`` names what it is about (and is what the cursor holds on to)."""

    key: str
    cells: Mapping[str, Row] = field(default_factory=dict)


def layout(columns: Sequence[Column], width: int) -> tuple[tuple[Column, int], ...]:
    """Return the columns that fit into ``width`` cells with the width of each, gap behind it included."""
    gap = 2 if width >= ROOMY else 1
    kept = list(columns)
    while kept and sum(c.width + gap for c in kept) - gap > width:
        worst = max(kept, key=lambda column: column.rank)
        if worst.rank == 0:
            break
        kept.remove(worst)
    spare = max(width - sum(c.width + gap for c in kept) + gap, 0)
    # Those with a bound have their fill first; the rest is shared.
    growing = sorted((c for c in kept if c.grows), key=lambda column: column.most)
    sizes = {c.key: c.width + gap for c in kept}
    for index, column in enumerate(growing):
        more = min(spare if column.most < UNBOUND else spare // (len(growing) - index), column.most - column.width)
        sizes[column.key] += more
        spare -= more
    if kept:
        sizes[kept[-1].key] -= gap
    return tuple((column, max(sizes[column.key], 1)) for column in kept)


def fitted(runs: Row, column: Column, size: int, gap: int) -> Row:
    """Return a cell of ``size`` cells, ``gap`` of them empty behind it; what is too long ends in an ellipsis."""
    room = max(size - gap, 1)
    if width_of(runs) > room:
        runs = [*cut(runs, room - 1), ("…", runs[-1][1])]
    pad = " " * (room - width_of(runs))
    inner = [(pad, "blank"), *runs] if column.right else [*runs, (pad, "blank")]
    return merged([*inner, (" " * (size - room), "blank")])
