"""A SQLite transaction whose end is known: on the disk when the block ends, or undone and ``Unwritten``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


class Unwritten(Exception):
    """A transaction that did not come to pass: the file cannot be used now."""


@contextmanager
def whole(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
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
