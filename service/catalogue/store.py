"""The writer of the catalogue: imports, exports and checks the database at one path.

An import is one transaction: a reader, or a machine that lost its power, sees the catalogue before it or after it. It
streams, so memory is bounded by a batch. Row numbers stay with an id for as long as it is in the catalogue.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from service.catalogue import schema
from service.catalogue.importing import Import, ImportReport
from service.catalogue.records import COLUMNS, from_record, moved
from service.catalogue.rows import BadRow
from service.messages import Price, Signal

_SIGHTS = """(SELECT json_group_array(json_array(principal, cpm, currency)) FROM sights
    WHERE sights.row = {table}.row)"""
_PRIVATE_COUNTS = """SELECT (SELECT count(*) FROM private_signals),
    (SELECT count(DISTINCT row) FROM sights WHERE cpm IS NOT NULL), (SELECT count(*) FROM viewers)"""
_STRAYS = """SELECT (SELECT count(*) FROM private_signals WHERE row NOT IN (SELECT row FROM sights))
    + (SELECT count(*) FROM private_signals WHERE id IN (SELECT id FROM signals))
    + (SELECT count(*) FROM sights WHERE row NOT IN (SELECT row FROM signals UNION ALL SELECT row FROM private_signals))
    + (SELECT count(*) FROM sights WHERE principal NOT IN (SELECT principal FROM viewers))"""


@dataclass(frozen=True, slots=True)
class Stats:
    """What a catalogue holds. ``loaded_at`` is None as long as nothing was imported.

    All counts are of public signals but ``private``, ``priced_apart`` (signals with a price for a single principal) and
    ``principals``, who see either.
    """

    signals: int
    version: str
    sample: bool
    loaded_at: datetime | None
    kinds: dict[str, int]
    signal_types: dict[str, int]
    data_providers: int
    with_coverage: int
    with_price: int
    private: int
    priced_apart: int
    principals: int
    bytes: int


class Store:
    """The catalogue database at ``path``. Each method opens it, does its work and closes it; any thread may call.

    ``clock`` gives seconds since 1970; a writer waits ``wait_seconds`` for another one, then raises ``Busy``. Every
    method raises ``CatalogueError`` where the file cannot be used.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time, wait_seconds: float = 30.0) -> None:
        self.path = path
        self._clock = clock
        self._wait_seconds = wait_seconds

    def import_rows(
        self,
        rows: Iterable[Signal | BadRow],
        *,
        replace: bool = False,
        skip_bad: bool = False,
        sample: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> ImportReport:
        """Add or update ``rows``; with ``replace``, remove every other row. Writes all of it or nothing.

        A bad row means that nothing is written, unless ``skip_bad``; a fatal one always does. The ``sample`` goes into
        an empty catalogue only. ``progress`` is told the number of rows done, a few times a second.
        """
        with self._writing() as connection:
            this = Import(connection, replace=replace, skip_bad=skip_bad, sample=sample)
            return this.run(rows, progress or _silent, self._clock)

    @property
    def version(self) -> str:
        """The version of the content: 32 hexadecimal digits, equal for equal content."""
        with self._reading() as connection:
            return schema.read_meta(connection).get("version", schema.EMPTY_VERSION)

    def is_blank(self) -> bool:
        """Return whether nothing was ever imported (a catalogue without rows is not blank)."""
        if not self.path.exists() or self.path.stat().st_size == 0:
            return True
        with self._writing() as connection:
            return "version" not in schema.read_meta(connection)

    def signals(self) -> Iterator[Signal]:
        """Yield every signal in the order of first import, the public ones first, all of one moment."""
        with self._reading() as connection:
            connection.execute("BEGIN")
            for table, order in (("signals", "row"), ("private_signals", "-row")):
                query = f"SELECT {', '.join(COLUMNS)}, {_SIGHTS.format(table=table)} FROM {table} ORDER BY {order}"
                for *record, sights in connection.execute(query):
                    yield _with_sights(from_record(tuple(record)), json.loads(sights), private=order == "-row")

    def stats(self) -> Stats:
        """Count what the catalogue holds."""
        with self._reading() as connection:
            connection.execute("BEGIN")
            meta = schema.read_meta(connection)
            signals, providers, coverage, price = connection.execute(
                "SELECT count(*), count(DISTINCT nullif(data_provider, '')), count(coverage), count(cpm) FROM signals"
            ).fetchone()
            private, priced, principals = connection.execute(_PRIVATE_COUNTS).fetchone()
            return Stats(
                signals=signals,
                version=meta.get("version", schema.EMPTY_VERSION),
                sample=meta.get("sample") == "1",
                loaded_at=datetime.fromtimestamp(float(meta["loaded_at"]), UTC) if "loaded_at" in meta else None,
                kinds=_counts(connection, "kind"),
                signal_types=_counts(connection, "signal_type"),
                data_providers=providers,
                with_coverage=coverage,
                with_price=price,
                private=private,
                priced_apart=priced,
                principals=principals,
                bytes=self.path.stat().st_size,
            )

    def check(self) -> list[str]:
        """Return everything that is wrong with the database: its pages, its full text, its version."""
        with self._writing() as connection:
            found = [line for (line,) in connection.execute("PRAGMA integrity_check(20)") if line != "ok"]
            try:
                connection.execute("INSERT INTO signals_fts(signals_fts, rank) VALUES('integrity-check', 1)")
            except sqlite3.DatabaseError as error:
                found.append(f"the full-text index does not match the signals ({error})")
            digests = (digest for (digest,) in connection.execute("SELECT digest FROM signals"))
            told = schema.read_meta(connection).get("version", schema.EMPTY_VERSION)
            if moved(schema.EMPTY_VERSION, digests, ()) != told:
                found.append("the version does not match the signals")
            if connection.execute(_STRAYS).fetchone()[0]:
                found.append("what is private does not match the signals")
            return found

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        return schema.writing(self.path, self._wait_seconds)

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        schema.upgrade(self.path, self._wait_seconds)
        return schema.reading(self.path, self._wait_seconds)


def _counts(connection: sqlite3.Connection, column: str) -> dict[str, int]:
    return dict(connection.execute(f"SELECT {column}, count(*) FROM signals GROUP BY 1 ORDER BY 2 DESC, 1").fetchall())


def _with_sights(signal: Signal, sights: list[tuple[str, float | None, str | None]], *, private: bool) -> Signal:
    if not sights:
        return signal
    prices = tuple(sorted(Price(name, cpm, str(currency)) for name, cpm, currency in sights if cpm is not None))
    return replace(signal, visible_to=tuple(sorted(name for name, *_ in sights)) if private else (), prices=prices)


def _silent(done: int) -> None:
    del done
