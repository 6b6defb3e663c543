"""A state file that writes for certain too: in transactions that are on the disk when they end, or ``Unwritten``."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from service.state_file import StateFile

WAIT_SECONDS = 5.0
WAITERS = 16


class Unwritten(Exception):
    """A transaction that did not come to pass: the file cannot be used now."""


class DurableFile(StateFile):
    """``wait_seconds`` is the longest wait for another thread's transaction."""

    def __init__(
        self, path: Path, schema: str, version: int, clock: Callable[[], float], say: Callable[[str], None]
    ) -> None:
        super().__init__(path, schema, version, clock, say)
        self.wait_seconds = WAIT_SECONDS
        self._waiting = threading.BoundedSemaphore(WAITERS)
        self._afterwards: list[Callable[[], object]] = []

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend the database for statements that are on the disk, all of them, when the block ends, or none.

        Raises ``Unwritten`` where they cannot be, where others write for seconds, or where too many wait. Within
        another one it is part of that: only the outermost ends it.
        """
        self._take_turn()
        try:
            if self._database is not None and self._database.in_transaction:
                yield self._database
                return
            self._afterwards.clear()
            try:
                with _whole(self._begun()) as database:
                    yield database
            except (sqlite3.Error, OSError) as error:
                self._fail(error)
                raise Unwritten(str(error)) from error
            self._works()
            for call in self._afterwards:
                call()
        finally:
            self._lock.release()

    def _take_turn(self) -> None:
        if self._lock.acquire(blocking=False):
            return
        # Who waits holds a thread of the server: with a disk that hangs they would soon be all of them.
        if not self._waiting.acquire(blocking=False):
            raise Unwritten("too many wait")
        try:
            if not self._lock.acquire(timeout=self.wait_seconds):
                raise Unwritten("others write")
        finally:
            self._waiting.release()

    def afterwards(self, call: Callable[[], object]) -> None:
        """Within a transaction: have something told once that was committed, and never if it was not."""
        self._afterwards.append(call)


@contextmanager
def _whole(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Begin a transaction; commit it to the disk, or undo it where the block raises."""
    # What is only likely to last is enough for the rest of the file, and spares a wait for the disk.
    database.execute("PRAGMA synchronous = FULL")
    try:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
    finally:
        database.execute("PRAGMA synchronous = NORMAL")
