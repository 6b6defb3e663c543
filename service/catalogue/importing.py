"""One import into an open catalogue database: batches of rows inside a single transaction.

What is public and what is private are written apart (``public_rows``, ``sights``). ``Store`` owns the connection and
calls this.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from service.catalogue.public_rows import PublicRows
from service.catalogue.rows import BadRow
from service.catalogue.schema import EMPTY_VERSION, read_meta, write_meta
from service.catalogue.sights import Sights
from service.messages import Signal

BATCH_ROWS = 5000
BAD_LIMIT = 1000
CACHE_KIB = 32_768
"""Page cache while importing."""


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

    _public: PublicRows
    _sights: Sights

    def __init__(self, connection: sqlite3.Connection, *, replace: bool, skip_bad: bool, sample: bool) -> None:
        self._connection = connection
        self._replace = replace
        self._skip_bad = skip_bad
        self._sample = sample
        self._tally = _Tally()
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
        self._public = PublicRows(connection, meta.get("version", EMPTY_VERSION))
        self._sights = Sights(connection)
        self._was_empty = self._public.count == 0 and self._sights.count == 0
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
            tally.removed += self._public.remove_others() + self._sights.remove_others()
        self._sights.close()
        return True

    def _put(self, batch: list[Signal]) -> None:
        """Write a batch; of an id given twice in it the last wins."""
        public, private = self._sights.apart([*{signal.id: signal for signal in batch}.values()])
        moved = self._sights.publish(signal.id for signal in public) | self._public.drop(one.id for one in private)
        written, hidden = self._public.put(public), self._sights.put(private)
        updated = written.updated | hidden.updated | self._sights.price(public)
        inserted = (written.inserted | hidden.inserted) - moved
        updated = (updated | moved) - inserted
        self._tally.inserted += len(inserted)
        self._tally.updated += len(updated)
        self._tally.unchanged += len(batch) - len(inserted) - len(updated)
        if self._replace:
            rows = [(row,) for row in (*written.rows, *hidden.rows)]
            self._connection.executemany("INSERT OR IGNORE INTO kept VALUES(?)", rows)

    def _note(self, meta: dict[str, str], now: float) -> None:
        """Write the facts beside the public rows, as long as those moved: nothing here tells of private ones.

        The edition changes with everything that may move a row number.
        """
        if "version" in meta and not self._public.changed:
            return
        write_meta(
            self._connection,
            version=self._public.version,
            edition=secrets.token_hex(8),
            sample="1" if self._sample and self._was_empty else "0",
            loaded_at=repr(now),
        )

    def _report(self, written: bool, meta: dict[str, str], seconds: float) -> ImportReport:
        tally = self._tally
        counts = (tally.inserted, tally.updated, tally.removed, tally.unchanged) if written else (0, 0, 0, 0)
        version = self._public.version if written else meta.get("version", EMPTY_VERSION)
        return ImportReport(*counts, tally.bad, tally.bad_count, written, version, seconds)
