"""The tables of a catalogue database, how a database gets there, and how it is opened.

``PRAGMA user_version`` counts the migrations done. A database from a newer version of this program, and one that
belongs to another program, are refused and left untouched. The ranker reads ``signals``, ``signals_fts`` and
``signals_terms`` by SQL: their names are part of the contract.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EMPTY_VERSION = "0" * 32

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE signals(
            row INTEGER PRIMARY KEY,
            id TEXT UNIQUE NOT NULL,
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            path TEXT NOT NULL,          -- levels joined by ' > '
            kind TEXT NOT NULL,
            signal_type TEXT NOT NULL,
            data_provider TEXT NOT NULL,
            provider_domain TEXT NOT NULL,
            coverage REAL,
            cpm REAL,
            currency TEXT NOT NULL,
            countries TEXT NOT NULL,     -- ';US;CA;' or ''
            platforms TEXT NOT NULL,     -- ';dv360;' or ''
            deployments TEXT NOT NULL,   -- JSON
            digest BLOB NOT NULL)""",
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE VIRTUAL TABLE signals_fts USING fts5(name, path, description, data_provider,
            content='signals', content_rowid='row', tokenize='porter unicode61 remove_diacritics 2', detail=full)""",
        "CREATE VIRTUAL TABLE signals_terms USING fts5vocab('signals_fts', 'row')",
    ),
    (
        # Nothing public is counted or weighed by what is private: not the rows, not their words, not their versions.
        """CREATE TABLE private_signals(
            row INTEGER PRIMARY KEY,     -- negative, so that it is never taken for one of signals
            id TEXT UNIQUE NOT NULL,
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            path TEXT NOT NULL,
            kind TEXT NOT NULL,
            signal_type TEXT NOT NULL,
            data_provider TEXT NOT NULL,
            provider_domain TEXT NOT NULL,
            coverage REAL,
            cpm REAL,
            currency TEXT NOT NULL,
            countries TEXT NOT NULL,
            platforms TEXT NOT NULL,
            deployments TEXT NOT NULL,
            digest BLOB NOT NULL)""",
        """CREATE TABLE sights(
            principal TEXT NOT NULL,
            row INTEGER NOT NULL,        -- a private row that this principal may see, or any that it has a price for
            cpm REAL,
            currency TEXT,
            digest BLOB NOT NULL,        -- of what it sees
            PRIMARY KEY(principal, row)) WITHOUT ROWID""",
        "CREATE INDEX sights_of_row ON sights(row)",
        """CREATE TABLE viewers(
            principal TEXT PRIMARY KEY,
            version TEXT NOT NULL,       -- the sum of the digests of its sights
            edition TEXT NOT NULL) WITHOUT ROWID""",
    ),
)


class CatalogueError(Exception):
    """The catalogue database cannot be used; the message says why, for an operator."""


class Damaged(CatalogueError):
    """The file is not a whole SQLite database."""


class Busy(CatalogueError):
    """Another writer held the catalogue for longer than one was ready to wait."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about the database at ``path`` into a ``CatalogueError``."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if is_busy(error):
            raise Busy(f"{path} is locked: another import is under way") from error
        raise CatalogueError(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{path} is damaged ({error}); move it away and import the catalogue again") from error


@contextmanager
def writing(path: Path, wait_seconds: float) -> Iterator[sqlite3.Connection]:
    """Open ``path``, created and migrated as needed, for writing; closes it. Raises ``CatalogueError``."""
    with explained(path):
        connection = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None)
        try:
            migrate(connection, path)
            connection.execute("PRAGMA journal_mode=WAL")
            yield connection
        finally:
            connection.close()


def upgrade(path: Path, wait_seconds: float) -> None:
    """Bring a catalogue of an older schema up to date; anything else is left as it is."""
    with reading(path, wait_seconds, oldest=1) as connection:
        older = _user_version(connection) < len(MIGRATIONS)
    if older:
        with writing(path, wait_seconds):
            pass


@contextmanager
def reading(path: Path, wait_seconds: float, oldest: int | None = None) -> Iterator[sqlite3.Connection]:
    """Open an existing ``path`` read-only; closes it. Raises ``CatalogueError``, also when it is no catalogue.

    ``oldest`` is the schema that will do; the newest alone unless it is told.
    """
    with explained(path):
        if not path.exists():
            raise CatalogueError(f"{path} does not exist")
        connection = _connect(path, wait_seconds)
        try:
            if not (oldest or len(MIGRATIONS)) <= _user_version(connection) <= len(MIGRATIONS):
                _refuse_strangers(connection, path)
                raise CatalogueError(f"{path} holds no catalogue yet: import one")
            yield connection
        finally:
            connection.close()


def _connect(path: Path, wait_seconds: float) -> sqlite3.Connection:
    """Open ``path`` for reading: as other processes may be writing it, or as it stands where that cannot be."""
    writable = os.access(path.absolute().parent, os.W_OK)
    try:
        return _connect_to(address(path, writable_folder=writable), wait_seconds)
    except sqlite3.OperationalError as error:
        if not writable or is_busy(error):
            raise
    # On a full disk there is no room for the files beside the database.
    return _connect_to(address(path, writable_folder=False), wait_seconds)


def _connect_to(where: str, wait_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(where, uri=True, timeout=wait_seconds, isolation_level=None)
    try:
        _user_version(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether somebody else holds the database."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def address(path: Path, *, writable_folder: bool) -> str:
    """Return the URI that opens ``path`` for reading.

    A write-ahead log wants files beside the database; where none can be made, and none holds anything, there is no
    writer here to look out for, and the file is read as it stands.
    """
    log = path.with_name(path.name + "-wal")
    sealed = not writable_folder and not (log.exists() and log.stat().st_size)
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if sealed else ''}"


def _user_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _refuse_strangers(connection: sqlite3.Connection, path: Path) -> None:
    version = _user_version(connection)
    if version > len(MIGRATIONS):
        raise CatalogueError(
            f"{path} was made by a newer version (schema {version}, this program knows {len(MIGRATIONS)}): "
            "run that version, or move the file away and import the catalogue again"
        )
    if version == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise CatalogueError(f"{path} is the database of another program, not a catalogue")


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the database up to the newest schema in one transaction; raises ``CatalogueError`` if it is not ours."""
    if _user_version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        _refuse_strangers(connection, path)
        # Read again under the lock: somebody else may have done the work meanwhile.
        for number, statements in enumerate(MIGRATIONS[_user_version(connection) :], start=_user_version(connection)):
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def read_meta(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the facts kept beside the rows: version, edition, sample, loaded_at."""
    return dict(connection.execute("SELECT key, value FROM meta").fetchall())


def write_meta(connection: sqlite3.Connection, **facts: str) -> None:
    """Set facts beside the rows."""
    connection.executemany("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", facts.items())
