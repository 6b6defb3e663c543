"""The public half of an import: the table ``signals``, its full text, and the version of both.

A batch is compared with what is there by digest, so that only what differs is written; full text is kept in step by
hand, which triggers would do at half the speed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from service.catalogue.records import COLUMNS, Record, digest, moved, to_record
from service.messages import Signal

_ROWS_AT_ONCE = 5000
_KNOWN = "SELECT id, row, digest FROM signals WHERE id IN (SELECT value FROM json_each(?))"
_MARKS = ", ".join("?" * (len(COLUMNS) + 2))
PUT = f"INSERT OR REPLACE INTO signals(row, {', '.join(COLUMNS)}, digest) VALUES({_MARKS})"
FTS_PUT = "INSERT INTO signals_fts(rowid, name, path, description, data_provider) VALUES(?, ?, ?, ?, ?)"
_FTS_DROP = """INSERT INTO signals_fts(signals_fts, rowid, name, path, description, data_provider)
    SELECT 'delete', row, name, path, description, data_provider FROM signals WHERE row = ?"""


class Put(NamedTuple):
    """What became of a batch: the rows of all its signals, and the ids of those that are new or changed."""

    rows: list[int]
    inserted: set[str]
    updated: set[str]


def searched(row: int, record: Record) -> tuple[object, ...]:
    """Return what full text holds of a record, for ``FTS_PUT``."""
    return row, record[1], record[3], record[2], record[6]


class PublicRows:
    """One import's public part over ``connection``; ``version`` is the catalogue's as it moves."""

    def __init__(self, connection: sqlite3.Connection, version: str) -> None:
        self._connection = connection
        last, self.count = connection.execute("SELECT coalesce(max(row), 0), count(*) FROM signals").fetchone()
        self._next_row = last + 1
        self._untouched = self.count == 0
        self.version = version
        self.changed = False

    def put(self, signals: Sequence[Signal]) -> Put:
        """Write signals, each of another id."""
        known = self._known([signal.id for signal in signals])
        added: list[tuple[int, Record, bytes]] = []
        gone: list[bytes] = []
        replaced: list[tuple[int]] = []
        inserted: set[str] = set()
        for signal in signals:
            record = to_record(signal)
            row, old = known.get(signal.id, (0, b""))
            new = digest(record)
            if new == old:
                continue
            if row:
                gone.append(old)
                replaced.append((row,))
            else:
                row, self._next_row = self._next_row, self._next_row + 1
                inserted.add(signal.id)
            added.append((row, record, new))
        self._write(added, replaced)
        self._note([new for _, _, new in added], gone)
        changed = {record[0] for _, record, _ in added}
        return Put([*(row for row, _ in known.values()), *(row for row, _, _ in added)], inserted, changed - inserted)

    def drop(self, identities: Iterable[str]) -> set[str]:
        """Remove signals by their ids; return the ids that were there."""
        known = self._known([*identities])
        self._remove([*known.values()])
        return set(known)

    def remove_others(self) -> int:
        """Remove the rows that are not in the table ``kept``; return how many."""
        query = "SELECT row, digest FROM signals WHERE row NOT IN (SELECT row FROM kept) LIMIT ?"
        removed = 0
        while leaving := self._connection.execute(query, (_ROWS_AT_ONCE,)).fetchall():
            self._remove(leaving)
            removed += len(leaving)
        return removed

    def _known(self, identities: list[str]) -> dict[str, tuple[int, bytes]]:
        if self._untouched or not identities:
            return {}
        found = self._connection.execute(_KNOWN, (json.dumps(identities),))
        return {identity: (row, old) for identity, row, old in found}

    def _write(self, added: list[tuple[int, Record, bytes]], replaced: list[tuple[int]]) -> None:
        connection = self._connection
        connection.executemany(_FTS_DROP, replaced)
        connection.executemany(PUT, ((row, *record, new) for row, record, new in added))
        connection.executemany(FTS_PUT, (searched(row, record) for row, record, _ in added))

    def _remove(self, leaving: Sequence[tuple[int, bytes]]) -> None:
        rows = [(row,) for row, _ in leaving]
        self._connection.executemany(_FTS_DROP, rows)
        self._connection.executemany("DELETE FROM signals WHERE row = ?", rows)
        self._note((), [old for _, old in leaving])

    def _note(self, added: Iterable[bytes], gone: Iterable[bytes]) -> None:
        before, self.version = self.version, moved(self.version, added, gone)
        if before != self.version:
            self.changed, self._untouched = True, False
