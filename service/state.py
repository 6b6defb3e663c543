"""What must last across restarts, in one small SQLite file: blocks and the key that signs cursors.

A damaged file is set aside as ``<name>.corrupt-<time>`` and a new one begun; a locked or unwritable one never stops the
signals: the write is skipped, ``status()`` says so, and the next write tries again.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

_BUSY_SECONDS = 0.25
_SCHEMA = """
CREATE TABLE IF NOT EXISTS blocks (client TEXT PRIMARY KEY, until REAL NOT NULL, times INTEGER NOT NULL,
                                   reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


class BlockRow(NamedTuple):
    """A client blocked until ``until`` (Unix seconds), for the ``times``-th time."""

    client: str
    until: float
    times: int
    reason: str


class State:
    """The file, opened by ``open``; every method is safe from any thread and never raises for the file's sake."""

    def __init__(self, path: Path, clock: Callable[[], float], say: Callable[[str], None]) -> None:
        self._path = path
        self._clock = clock
        self._say = say
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._trouble: str | None = None

    def open(self) -> None:
        """Open or create the file, setting a damaged one aside."""
        try:
            self._database = self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                self._note(f"cannot be opened: {error}")
                return
            self._set_aside(error)

    def close(self) -> None:
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def status(self) -> str | None:
        """Return what is wrong with the file, or None."""
        return self._trouble

    def blocks(self) -> list[BlockRow]:
        """Return the blocks that were kept, newest end last."""
        return [BlockRow(*row) for row in self._run("SELECT client, until, times, reason FROM blocks ORDER BY until")]

    def keep_blocks(self, rows: Iterable[BlockRow]) -> None:
        for row in rows:
            self._run("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)", row)

    def lift_block(self, client: str) -> None:
        self._run("DELETE FROM blocks WHERE client = ?", (client,))

    def forget_blocks_before(self, until: float) -> None:
        """Forget blocks that ended before a Unix time."""
        self._run("DELETE FROM blocks WHERE until < ?", (until,))

    def secret(self, name: str) -> bytes:
        """Return a random key of 32 bytes that stays the same across restarts (while the file lives)."""
        fresh = secrets.token_bytes(32)
        self._run("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, fresh))
        rows = self._run("SELECT value FROM secrets WHERE name = ?", (name,))
        return bytes(rows[0][0]) if rows else fresh

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.executescript(_SCHEMA)
            if database.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("quick_check failed")
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self, error: Exception) -> None:
        aside = self._path.with_name(f"{self._path.name}.corrupt-{int(self._clock())}")
        try:
            self._path.rename(aside)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._database = self._connect()
        except (OSError, sqlite3.Error) as second:
            self._note(f"damaged ({error}) and cannot be replaced: {second}")
            return
        self._note(f"was damaged ({error}) and set aside as {aside.name}")

    def _run(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        with self._lock:
            if self._database is None:
                return []
            try:
                return self._database.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                self._note(f"cannot be used: {error}")
                return []

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            with contextlib.suppress(ValueError):
                self._say(f"state file {self._path} {trouble}")
