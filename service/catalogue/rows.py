"""The import and export formats: CSV with a header, and JSON Lines. Pure: streams in, signals out.

Reading never raises for what a file holds: each row comes out as a ``Signal`` or as a ``BadRow`` that names the line,
the column and the value. What spoils the whole file (its header, its encoding) is one last ``BadRow`` marked ``fatal``.
What is written here is read back unchanged.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from service.catalogue.access import price_cell, price_object
from service.catalogue.columns import COLUMNS, deployment_object
from service.catalogue.parsing import Format, Unreadable, lines_of, parse
from service.messages import Deployment, Signal

ROWS_LIMIT = 1_000_000
"""Rows in a file, at most: the memory of ids seen (about 110 bytes each) is bounded by it."""

_SUFFIXES: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: its first line (1 is the first of the file), and why.

    ``fatal`` means that the file as a whole cannot be read; nothing follows it.
    """

    line: int
    reason: str
    fatal: bool = False


def open_text(raw: BinaryIO) -> TextIO:
    """Return a text stream over ``raw`` for ``read_rows``: drops a BOM, and leaves bad bytes to be told by line."""
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")


def guess_format(name: str) -> Format | None:
    """Return the format that a file name tells, or None."""
    return next((known for suffix, known in _SUFFIXES.items() if name.lower().endswith(suffix)), None)


def read_rows(stream: TextIO, format: Format | None = None) -> Iterator[Signal | BadRow]:  # noqa: A002
    """Yield what each row of ``stream`` holds; without a ``format`` the first character that is no blank tells it."""
    seen: set[str] = set()
    try:
        for line, row in parse(lines_of(stream), format):
            if isinstance(row, str):
                yield BadRow(line, row)
            elif row.id in seen:
                yield BadRow(line, f"id {row.id!r} is already the id of an earlier row")
            elif len(seen) == ROWS_LIMIT:
                raise Unreadable(line, f"the file has more than {ROWS_LIMIT:,} rows")
            else:
                seen.add(row.id)
                yield row
    except Unreadable as error:
        yield BadRow(error.line, error.reason, fatal=True)


def write_csv(signals: Iterable[Signal], stream: TextIO) -> int:
    """Write ``signals`` with a header; return how many. What ``platforms`` cannot tell goes into ``deployments``."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for count, signal in enumerate(signals, start=1):  # noqa: B007
        cells = _filled(signal) | {"prices": price_cell(signal.prices, signal.currency)}
        writer.writerow([_cell(name, cells.get(name, "")) for name in COLUMNS])
    return count


def _cell(name: str, value: object) -> str:
    if name == "deployments" and value:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return (" > " if name == "path" else ";").join(value)
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def write_jsonl(signals: Iterable[Signal], stream: TextIO) -> int:
    """Write ``signals`` as one JSON object a line, unknown fields left out; return how many."""
    count = 0
    for count, signal in enumerate(signals, start=1):  # noqa: B007
        stream.write(json.dumps(_filled(signal), ensure_ascii=False) + "\n")
    return count


def _filled(signal: Signal) -> dict[str, object]:
    """Return the columns that say something about ``signal``, by name, in the order of the format."""
    plain = all(deployment == Deployment(deployment.platform) for deployment in signal.deployments)
    values: dict[str, object] = {
        column.name: getattr(signal, column.field) for column in COLUMNS.values() if column.field != "deployments"
    }
    values["platforms" if plain else "deployments"] = [
        deployment.platform if plain else deployment_object(deployment) for deployment in signal.deployments
    ]
    values["prices"] = price_object(signal.prices, signal.currency)
    listed = ((name, list(value) if isinstance(value, tuple) else value) for name, value in values.items())
    return {name: value for name, value in listed if value is not None and value not in ("", [], {})}
