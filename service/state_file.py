"""A small SQLite file that outlives the process and never stops it.

A damaged file is set aside as ``<name>.corrupt-<time>`` and a new one begun; a locked or unwritable one never stops the
signals: the write is skipped, ``status()`` says so, and the first write after a pause of 5 s tries again. Who must know
that it was written uses ``durable.DurableFile``. A file that is deleted or replaced while it is open is
noticed at the next write: SQLite itself would go on writing to what nobody will find again.
"""

from __future__ import annotations

import math
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

_BUSY_SECONDS = 0.25
_PAUSE_SECONDS = 5.0


class StateFile:
    """The file, opened by ``open``; every method is safe from any thread and never raises for the file's sake.

    ``schema`` makes what is missing, and sets ``PRAGMA user_version`` to ``version``. ``clock`` is Unix seconds;
    ``say`` is told when the file fails, is set aside, or works again.
    """

    def __init__(
        self, path: Path, schema: str, version: int, clock: Callable[[], float], say: Callable[[str], None]
    ) -> None:
        self._path = path
        self._schema = schema
        self._version = version
        self._clock = clock
        self._say = say
        self._lock = threading.RLock()  # who is in a transaction may ask for something besides
        self._database: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._opened = False
        self._failed_at = -math.inf
        self._trouble: str | None = None
        self._lost: str | None = None

    def open(self) -> None:
        """Open or create the file, setting a damaged one aside."""
        with self._lock:
            self._opened = True
            try:
                self._database = self._connect()
            except sqlite3.Error as error:
                self._fail(error)

    def close(self) -> None:
        with self._lock:
            self._opened = False
            self._disconnect()

    def status(self) -> str | None:
        """Return what is wrong with the file or, until the next start, that a damaged one was set aside; else None."""
        return self._trouble or self._lost

    def is_usable(self) -> bool:
        """Return whether what was last run was run: only then is what was not found not there."""
        return self._trouble is None and self._database is not None

    def run(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Run one statement and return its rows; none while the file cannot be used."""
        with self._lock:
            # Whoever writes while another process holds the file waits: not every request shall, one after the other.
            if not self._opened or 0 <= self._clock() - self._failed_at < _PAUSE_SECONDS:
                return []
            try:
                rows = self._execute(statement, values)
            except (sqlite3.Error, OSError) as error:
                self._fail(error)
                return []
            self._works()
            return rows

    def _begun(self) -> sqlite3.Connection:
        if not self._opened:
            raise sqlite3.ProgrammingError("the file is closed")
        database = self._database
        if database is None or self._identity != self._found():
            database = self._reconnect()
        return database

    def _execute(self, statement: str, values: tuple[object, ...]) -> list[Any]:
        """Run a statement, again if a damaged file had to be set aside for it."""
        try:
            return self._once(statement, values)
        except sqlite3.Error as error:
            if not _is_damage(error):
                raise
            self._set_aside(error)
        return [] if self._database is None else self._once(statement, values)

    def _once(self, statement: str, values: tuple[object, ...]) -> list[Any]:
        return self._begun().execute(statement, values).fetchall()

    def _connect(self) -> sqlite3.Connection:
        # It holds a key and who was blocked: a new one is its owner's alone, and so is the log that SQLite puts beside.
        with suppress(OSError):
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
        try:
            if database.execute("PRAGMA user_version").fetchone()[0] > self._version:
                raise sqlite3.NotSupportedError("it was written by a newer version of this service")
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.executescript(self._schema)
            if database.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("quick_check failed")
        except BaseException:
            database.close()
            raise
        self._identity = self._found()
        return database

    def _found(self) -> tuple[int, int] | None:
        """Return what tells the file at the path from any other; None if there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _reconnect(self) -> sqlite3.Connection:
        """Open the file that is there now. If it was deleted, make it again from what was open."""
        if self._database is None or self._found() is not None:
            self._disconnect()
            self._database = self._connect()
            return self._database
        with closing(sqlite3.connect(":memory:")) as kept:
            self._database.backup(kept)
            # First: the last connection to close removes the write-ahead log at the path, whosever it is.
            self._disconnect()
            self._remove_log()
            self._database = database = self._connect()
            kept.backup(database)
        self._say(f"state file {self._path} was deleted, and made again from what was known")
        return database

    def _remove_log(self) -> None:
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _disconnect(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _fail(self, error: sqlite3.Error | OSError) -> None:
        if isinstance(error, sqlite3.Error) and _is_damage(error):
            self._set_aside(error)
        else:
            self._note(f"cannot be used: {error}")

    def _set_aside(self, error: sqlite3.Error) -> None:
        aside = self._path.with_name(f"{self._path.name}.corrupt-{int(self._clock())}")
        self._disconnect()
        try:
            self._path.rename(aside)
            self._remove_log()
            self._database = self._connect()
        except (OSError, sqlite3.Error) as second:
            self._note(f"is damaged ({error}) and cannot be replaced: {second}")
            return
        self._lost = f"was damaged ({error}) and set aside as {aside.name}"
        self._say(f"state file {self._path} {self._lost}")

    def _works(self) -> None:
        if self._trouble is not None and self._database is not None:
            self._trouble, self._failed_at = None, -math.inf
            self._say(f"state file {self._path} works again")

    def _note(self, trouble: str) -> None:
        self._failed_at = self._clock()
        if trouble != self._trouble:
            self._trouble = trouble
            self._say(f"state file {self._path} {trouble}")


def _is_damage(error: sqlite3.Error) -> bool:
    # Only damage is reported as a plain DatabaseError; locks, permissions and the rest are children of it.
    return type(error) is sqlite3.DatabaseError
