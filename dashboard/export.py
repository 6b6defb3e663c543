"""What an operator takes along: the visible series as CSV, and a picture of the screen as SVG, both as new files.

Nothing is ever overwritten: a name that is taken gets a number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dashboard.model.vitals import Vital

NAMES_TRIED = 100


def as_csv(vitals: Sequence[Vital]) -> str:
    """Return a table with a row for each second that has a value or a gap, and a column for each vital sign.

    Times are ISO 8601 in UTC; a gap is an empty cell; the head names the unit: ``Latency p95 (s)``.
    """
    columns = [{point.at: point.value for point in vital.trend} for vital in vitals]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["time", *(f"{vital.name} ({vital.unit})" if vital.unit else vital.name for vital in vitals)])
    for at in sorted({at for column in columns for at in column}):
        writer.writerow([_iso(at), *(_cell(column.get(at)) for column in columns)])
    return table.getvalue()


def save(text: str, folder: Path, name: str, wall: float, suffix: str) -> Path:
    """Write a new file such as ``signals-web-1-20261122T203000Z.csv`` and return its path. Raises ``OSError``."""
    stem = f"signals-{_safe(name)}-{datetime.fromtimestamp(wall, UTC):%Y%m%dT%H%M%SZ}"
    for number in range(1, NAMES_TRIED):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{stem}{suffix} and {NAMES_TRIED} more are there already")


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "dashboard"
