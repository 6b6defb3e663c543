"""A catalogue in memory that rankers can search, with the real tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from service.catalogue import schema
from service.catalogue.records import COLUMNS, to_record
from service.messages import Deployment, Signal


class MemoryLibrary:
    """Row numbers count from 1 in the order of ``signals``."""

    def __init__(self, connection: sqlite3.Connection, signals: Sequence[Signal], version: str) -> None:
        self.version = version
        self.all = list(signals)
        self._connection = connection
        for statements in schema.MIGRATIONS:
            for statement in statements:
                connection.execute(statement)
        places = ", ".join("?" * len(COLUMNS))
        connection.executemany(
            f"INSERT INTO signals({', '.join(COLUMNS)}, digest) VALUES({places}, x'00')", map(to_record, self.all)
        )
        connection.execute("INSERT INTO signals_fts(signals_fts) VALUES('rebuild')")
        connection.commit()

    def connection(self) -> sqlite3.Connection:
        return self._connection

    def signals(self, rows: Sequence[int]) -> list[Signal]:
        return [self.all[row - 1] for row in rows]


def a_signal(
    name: str,
    description: str = "",
    *,
    id: str = "",  # noqa: A002
    platforms: tuple[str, ...] = (),
    **fields,
) -> Signal:
    signal_id = id or name.lower().replace(" ", "-")
    return Signal(signal_id, name, description, deployments=tuple(map(Deployment, platforms)), **fields)


def fillers_of(count: int) -> list[Signal]:
    """Rows that share no word with anything, so that other words are rare among them."""
    return [a_signal(f"unrelated{number:03d}", id=f"u{number}") for number in range(count)]
