"""One import into an open catalogue database: batches of rows inside a single transaction.

A batch is compared with what is there by digest, so that only what differs is written; full text is kept in step by
hand, which triggers would do at half the speed. ``Store`` owns the connection and calls this.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from service.catalogue.records import COLUMNS, Record, digest, moved, to_record
from service.catalogue.rows import BadRow
from service.catalogue.schema import EMPTY_VERSION, read_meta, write_meta
from service.messages import Signal

BATCH_ROWS = 5000
BAD_LIMIT = 1000
CACHE_KIB = 32_768
"""Page cache while importing."""

_KNOWN = "SELECT id, row, digest FROM signals WHERE id IN (SELECT value FROM json_each(?))"
_MARKS = ", ".join("?" * (len(COLUMNS) + 2))
_PUT = f"INSERT OR REPLACE INTO signals(row, {', '.join(COLUMNS)}, digest) VALUES({_MARKS})"
_FTS_PUT = "INSERT INTO signals_fts(rowid, name, path, description, data_provider) VALUES(?, ?, ?, ?, ?)"
_FTS_DROP = """INSERT INTO signals_fts(signals_fts, rowid, name, path, description, data_provider)
    SELECT 'delete', row, name, path, description, data_provider FROM signals WHERE row = ?"""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. ``bad`` holds the first ``BAD_LIMIT`` bad rows, ``bad_count`` counts all of them.

    ``written`` is False when the catalogue was left as it was because of bad rows; the counts of rows are then 0.
    """

    inserted: int
    updated: int
    removed: int
    unchanged: int
    bad: list[BadRow]
    bad_count: int
    written: bool
    version: str
    seconds: float


@dataclass(slots=True)
class _Tally:
    inserted: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)
    bad_count: int = 0
    fatal: bool = False

    def refuse(self, row: BadRow) -> None:
        """Note a bad row."""
        self.bad_count += 1
        self.fatal = self.fatal or row.fatal
        if len(self.bad) < BAD_LIMIT or row.fatal:
            self.bad.append(row)

    def good(self, rows: Iterable[Signal | BadRow]) -> Iterator[Signal]:
        """Yield the signals among ``rows`` and note the others."""
        for row in rows:
            if isinstance(row, Signal):
                yield row
            else:
                self.refuse(row)


class Import:
    """One import over ``connection``, which must be in autocommit mode."""

    def __init__(self, connection: sqlite3.Connection, *, replace: bool, skip_bad: bool, sample: bool) -> None:
        self._connection = connection
        self._replace = replace
        self._skip_bad = skip_bad
        self._sample = sample
        self._tally = _Tally()
        self._version = EMPTY_VERSION
        self._next_row = 1
        self._was_empty = True

    def run(
        self, rows: Iterable[Signal | BadRow], progress: Callable[[int], None], clock: Callable[[], float]
    ) -> ImportReport:
        """Write ``rows`` in one transaction, or nothing; returns the report. ``clock`` gives seconds since 1970."""
        started = clock()
        # Pages pushed out of a small cache early are written twice.
        self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            meta = read_meta(self._connection)
            written = self._write(rows, progress, meta)
            if written:
                self._note(meta, clock())
            self._connection.execute("COMMIT" if written else "ROLLBACK")
        except BaseException:
            # A full disk has SQLite roll back by itself.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return self._report(written, meta, clock() - started)

    def _write(self, rows: Iterable[Signal | BadRow], progress: Callable[[int], None], meta: dict[str, str]) -> bool:
        """Write what is good; return whether it may stay."""
        connection, tally = self._connection, self._tally
        last, count = connection.execute("SELECT coalesce(max(row), 0), count(*) FROM signals").fetchone()
        self._version = meta.get("version", EMPTY_VERSION)
        self._next_row, self._was_empty = last + 1, count == 0
        if self._sample and not self._was_empty:
            return True
        if self._replace:
            connection.execute("CREATE TEMP TABLE kept(row INTEGER PRIMARY KEY)")
        good, done = tally.good(rows), 0
        while batch := list(islice(good, BATCH_ROWS)):
            # After a bad row nothing will be written: go on only to report the others.
            if self._skip_bad or not tally.bad:
                self._put(batch)
            done += len(batch)
            progress(done)
        if self._replace and not done and not tally.bad:
            # A cut file or a failed export, much rather than the wish to offer nothing.
            tally.refuse(BadRow(1, "there are no rows: a catalogue is not replaced by nothing", fatal=True))
        if tally.fatal or (tally.bad and not self._skip_bad):
            return False
        if self._replace:
            self._remove_others()
        return True

    def _put(self, batch: list[Signal]) -> None:
        """Write a batch; of an id given twice in it the last wins."""
        records = {signal.id: to_record(signal) for signal in batch}
        known = self._known(records)
        added: list[tuple[int, Record, bytes]] = []
        gone: list[bytes] = []
        replaced: list[tuple[int]] = []
        for identity, record in records.items():
            row, old = known.get(identity, (0, b""))
            new = digest(record)
            if new == old:
                continue
            if row:
                gone.append(old)
                replaced.append((row,))
            else:
                row = self._next_row
                self._next_row += 1
            added.append((row, record, new))
        self._tally.unchanged += len(batch) - len(added)
        self._tally.updated += len(replaced)
        self._tally.inserted += len(added) - len(replaced)
        self._version = moved(self._version, [new for _, _, new in added], gone)
        self._execute(added, replaced)
        if self._replace:
            rows = [(row,) for row, _ in known.values()] + [(row,) for row, _, _ in added]
            self._connection.executemany("INSERT OR IGNORE INTO kept VALUES(?)", rows)

    def _known(self, records: dict[str, Record]) -> dict[str, tuple[int, bytes]]:
        if self._was_empty and self._tally.inserted == 0:
            return {}
        found = self._connection.execute(_KNOWN, (json.dumps([*records]),))
        return {identity: (row, old) for identity, row, old in found}

    def _execute(self, added: list[tuple[int, Record, bytes]], replaced: list[tuple[int]]) -> None:
        connection = self._connection
        connection.executemany(_FTS_DROP, replaced)
        connection.executemany(_PUT, ((row, *record, new) for row, record, new in added))
        texts = ((row, record[1], record[3], record[2], record[6]) for row, record, _ in added)
        connection.executemany(_FTS_PUT, texts)

    def _remove_others(self) -> None:
        connection = self._connection
        query = "SELECT row, digest FROM signals WHERE row NOT IN (SELECT row FROM kept) LIMIT ?"
        while leaving := connection.execute(query, (BATCH_ROWS,)).fetchall():
            rows = [(row,) for row, _ in leaving]
            connection.executemany(_FTS_DROP, rows)
            connection.executemany("DELETE FROM signals WHERE row = ?", rows)
            self._version = moved(self._version, (), [old for _, old in leaving])
            self._tally.removed += len(leaving)

    def _note(self, meta: dict[str, str], now: float) -> None:
        """Write the facts beside the rows. The edition changes with everything that may move a row number."""
        tally = self._tally
        if "version" in meta and not (tally.inserted or tally.updated or tally.removed):
            return
        only_sample = self._sample and self._was_empty
        write_meta(
            self._connection,
            version=self._version,
            edition=secrets.token_hex(8),
            sample="1" if only_sample else "0",
            loaded_at=repr(now),
        )

    def _report(self, written: bool, meta: dict[str, str], seconds: float) -> ImportReport:
        tally = self._tally
        counts = (tally.inserted, tally.updated, tally.removed, tally.unchanged) if written else (0, 0, 0, 0)
        version = self._version if written else meta.get("version", EMPTY_VERSION)
        return ImportReport(*counts, tally.bad, tally.bad_count, written, version, seconds)
