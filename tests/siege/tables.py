"""Tables as the siege prints them: plain text, columns as wide as they need to be."""

from __future__ import annotations

from collections.abc import Sequence


def lines_of(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return the lines of a table; what looks like a number stands at the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return [
        "  ".join(
            cell.rjust(width) if cell[:1].isdigit() or cell[:1] in "+-" else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def show(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print("\n" + "\n".join(lines_of(header, rows)), flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that ``share`` of them do not exceed; NaN of none."""
    if not values:
        return float("nan")
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
