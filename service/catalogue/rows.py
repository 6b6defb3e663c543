"""The import and export formats: CSV with a header, and JSON Lines. Pure: streams in, signals out.

Reading never raises for what a file holds: each row comes out as a ``Signal`` or as a ``BadRow`` that names the line,
the column and the value. What spoils the whole file (its header, its encoding) is one last ``BadRow`` marked ``fatal``.
What is written here is read back unchanged.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Literal, NoReturn, TextIO

from service.catalogue.cells import COLUMNS, Column
from service.messages import Deployment, Signal

Format = Literal["csv", "jsonl"]
Parsed = Iterator[tuple[int, Signal | str]]

LINE_LIMIT = 1_048_576
"""Characters in a line of a file, at most."""
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


class _Unreadable(Exception):
    """The rest of the file cannot be read, for the reason given."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def open_text(raw: BinaryIO) -> TextIO:
    """Return a text stream over ``raw`` for ``read_rows``: drops a BOM, and leaves bad bytes to be told by line."""
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")


def guess_format(name: str) -> Format | None:
    """Return the format that a file name tells, or None."""
    return next((format for suffix, format in _SUFFIXES.items() if name.lower().endswith(suffix)), None)


def read_rows(stream: TextIO, format: Format | None = None) -> Iterator[Signal | BadRow]:  # noqa: A002
    """Yield what each row of ``stream`` holds; without a ``format`` the first character that is no blank tells it."""
    seen: set[str] = set()
    try:
        for line, row in _parse(_lines(stream), format):
            if isinstance(row, str):
                yield BadRow(line, row)
            elif row.id in seen:
                yield BadRow(line, f"id {row.id!r} is already the id of an earlier row")
            else:
                seen.add(row.id)
                yield row
                if len(seen) >= ROWS_LIMIT:
                    raise _Unreadable(line, f"the file has more than {ROWS_LIMIT:,} rows")
    except _Unreadable as error:
        yield BadRow(error.line, error.reason, fatal=True)


def _lines(stream: TextIO) -> Iterator[str]:
    number = 0
    try:
        for number, line in enumerate(iter(partial(stream.readline, LINE_LIMIT), ""), start=1):
            if len(line) == LINE_LIMIT:
                raise _Unreadable(number, f"the line has more than {LINE_LIMIT:,} characters")
            yield line
    except UnicodeDecodeError as error:
        raise _Unreadable(number + 1, f"the file is not valid UTF-8 ({error.reason})") from None


def _parse(lines: Iterator[str], format: Format | None) -> Parsed:  # noqa: A002
    leading = []
    for line in lines:
        leading.append(line)
        if line.strip("\ufeff \t\r\n"):
            break
    else:
        raise _Unreadable(1, "the file is empty")
    first = leading[-1].lstrip("\ufeff \t")
    # A BOM that the stream kept belongs to no cell; blank lines stay, so that line numbers are right.
    whole = itertools.chain(leading[:-1], [first], lines)
    if (format or ("jsonl" if first[0] in "{[" else "csv")) == "jsonl":
        return _json_rows(whole)
    return _csv_rows(whole)


def _csv_rows(lines: Iterator[str]) -> Parsed:
    records = _records(lines)
    columns: tuple[Column, ...] = ()
    for line, cells in records:
        if not columns and cells:
            columns = _header(line, cells)
        elif isinstance(cells, str):
            yield line, cells
        elif len(cells) == len(columns):
            yield line, _signal(zip(columns, cells, strict=True))
        elif any(cell.strip() for cell in cells):
            yield line, f"has {len(cells)} cells, the header has {len(columns)}"


def _records(lines: Iterator[str]) -> Iterator[tuple[int, list[str] | str]]:
    reader = csv.reader(lines, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"is not CSV: {error}"


def _header(line: int, cells: list[str] | str) -> tuple[Column, ...]:
    if isinstance(cells, str):
        raise _Unreadable(line, f"the header {cells}")
    names = [cell.strip().lower() for cell in cells]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise _Unreadable(line, f"unknown column {', '.join(map(_shown, unknown))}; known are {', '.join(COLUMNS)}")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise _Unreadable(line, f"column given twice: {', '.join(repeated)}")
    missing = [name for name in ("id", "name") if name not in names]
    if missing:
        raise _Unreadable(line, f"column missing: {', '.join(missing)}")
    return tuple(COLUMNS[name] for name in names)


def _json_rows(lines: Iterator[str]) -> Parsed:
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    for number, line in enumerate(lines, start=1):
        bare = line.strip()
        if not bare:
            continue
        try:
            row = decoder.decode(bare)
        except (ValueError, RecursionError) as error:
            yield number, f"is not JSON: {'nested too deeply' if isinstance(error, RecursionError) else error}"
            continue
        yield number, _object(row)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _object(row: object) -> Signal | str:
    if not isinstance(row, dict):
        return "is not a JSON object; one object a line is wanted"
    unknown = [key for key in row if key not in COLUMNS]
    if unknown:
        return f"unknown field {', '.join(map(_shown, unknown[:5]))}"
    return _signal((COLUMNS[key], value) for key, value in row.items())


def _signal(cells: Iterable[tuple[Column, object]]) -> Signal | str:
    """Return the signal of one row, or what is wrong with it. Empty cells and nulls are unknown."""
    fields: dict[str, object] = {}
    for (name, field, parse), raw in cells:
        value = raw.strip() if isinstance(raw, str) else raw
        if value == "" or value is None:
            continue
        if field in fields:
            return "has platforms and deployments: give one of them"
        try:
            fields[field] = parse(value)
        except ValueError as error:
            return f"{name} {_shown(raw)} {error}"
    for required in ("id", "name"):
        if not fields.get(required):
            return f"{required} is missing"
    return Signal(**fields)  # type: ignore[arg-type]


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"


def write_csv(signals: Iterable[Signal], stream: TextIO) -> int:
    """Write ``signals`` with a header; return how many. What ``platforms`` cannot tell goes into ``deployments``."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for count, signal in enumerate(signals, start=1):  # noqa: B007
        cells = _filled(signal)
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
    listed = ((name, list(value) if isinstance(value, tuple) else value) for name, value in values.items())
    return {name: value for name, value in listed if value is not None and value not in ("", [])}


def deployment_object(deployment: Deployment) -> dict[str, object]:
    """Return a deployment as the import format's JSON object."""
    filled: dict[str, object] = {"type": deployment.type, "is_live": deployment.is_live}
    if deployment.platform:
        filled["platform"] = deployment.platform
    if deployment.agent_url is not None:
        filled["agent_url"] = deployment.agent_url
    return filled
