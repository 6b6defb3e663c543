"""From lines of CSV or JSON Lines to signals, row by row, with the reason where a row is bad.

Stands under ``rows``, which adds what needs memory (repeated ids). Everything streams: at most one record is held.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Literal, NoReturn, TextIO

from service.catalogue.access import in_currency
from service.catalogue.columns import COLUMNS, Column
from service.messages import Signal

Format = Literal["csv", "jsonl"]
Parsed = Iterator[tuple[int, Signal | str]]

_ACCESS = frozenset({"visible_to", "prices"})
LINE_LIMIT = 1_048_576
"""Characters in a line of a file, at most."""


class Unreadable(Exception):
    """The rest of the file cannot be read, for the reason given."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def lines_of(stream: TextIO) -> Iterator[str]:
    """Yield the lines of ``stream``; raises ``Unreadable`` for one over ``LINE_LIMIT`` or not in UTF-8."""
    number = 0
    try:
        for number, line in enumerate(iter(partial(stream.readline, LINE_LIMIT), ""), start=1):
            if len(line) == LINE_LIMIT:
                raise Unreadable(number, f"the line has more than {LINE_LIMIT:,} characters")
            yield line
    except UnicodeDecodeError as error:
        raise Unreadable(number + 1, f"the file is not valid UTF-8 ({error.reason})") from None


def parse(lines: Iterator[str], format: Format | None) -> Parsed:  # noqa: A002
    """Yield each row's first line and its signal or what is wrong with it; raises ``Unreadable``."""
    leading = []
    for line in lines:
        leading.append(line)
        if line.strip("\ufeff \t\r\n"):
            break
    else:
        raise Unreadable(1, "the file is empty")
    first = leading[-1].lstrip("\ufeff \t")
    # A BOM that the stream kept belongs to no cell; blank lines stay, so that line numbers are right.
    whole = itertools.chain(["\n"] * (len(leading) - 1), [first], lines)
    if (format or ("jsonl" if first[0] in "{[" else "csv")) == "jsonl":
        return _json_rows(whole)
    return _csv_rows(whole)


def _csv_rows(lines: Iterator[str]) -> Parsed:
    columns: tuple[Column, ...] = ()
    for line, cells in _records(lines):
        if isinstance(cells, list) and not any(map(str.strip, cells)):
            continue
        if not columns:
            columns = _header(line, cells)
        elif isinstance(cells, str):
            yield line, cells
        elif len(cells) != len(columns):
            yield line, f"has {len(cells)} cells, the header has {len(columns)}"
        else:
            yield line, _signal(zip(columns, cells, strict=True))


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
        raise Unreadable(line, f"the header {cells}")
    names = [cell.strip().lower() for cell in cells]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise Unreadable(line, f"unknown column {', '.join(map(_shown, unknown))}; known are {', '.join(COLUMNS)}")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise Unreadable(line, f"column given twice: {', '.join(repeated)}")
    missing = [name for name in ("id", "name") if name not in names]
    if missing:
        raise Unreadable(line, f"column missing: {', '.join(missing)}")
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
    told: list[str] = []
    for (name, field, parse), raw in cells:
        value = raw.strip() if isinstance(raw, str) else raw
        if name in _ACCESS:
            told.append(name)
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
    signal = Signal(**fields)  # type: ignore[arg-type]
    return _with_access(signal, frozenset(told)) if told else signal


def _with_access(signal: Signal, told: frozenset[str]) -> Signal:
    """Return the signal with its prices in full; a price for somebody who may not see it shows it to nobody."""
    prices = in_currency(signal.prices, signal.currency)
    if signal.visible_to:
        prices = tuple(price for price in prices if price.principal in signal.visible_to)
    return replace(signal, prices=prices, told=told)


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"
