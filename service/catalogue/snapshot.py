"""One version of the catalogue, as requests read it: a private copy that nothing can change.

Whoever reads holds it (``with shelf.borrow() as snapshot``); when the last holder lets go of a snapshot that was
replaced, its connections and its file go. Every thread that holds it has a connection of its own and hands it on when
it lets go, so there are only as many as read at once.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, get_ident
from types import TracebackType

from service.bounded import BoundedStore
from service.catalogue.copies import discard
from service.catalogue.records import COLUMNS, NUMBERS, SELECT, from_record
from service.catalogue.schema import read_meta
from service.catalogue.view import Sight, View, viewer_key
from service.errors import Unavailable
from service.messages import Signal

CACHE_KIB = 512
"""Page cache of a connection; the operating system caches the file for all of them."""

SIGHTS_KEPT = 32
"""Viewers for whom what they see is kept in memory at a time."""

_TEXTS = tuple(column for column in COLUMNS if column not in NUMBERS)
_BEFORE = COLUMNS.index(NUMBERS[0])
# Python lets other threads in at each column that it takes, so all texts come in one. JSON may round numbers.
_PICK = (
    f"SELECT row, {', '.join(NUMBERS)}, json_array({', '.join(_TEXTS)}) "
    "FROM signals WHERE row IN (SELECT value FROM json_each(?))"
)
_PICK_IDS = "SELECT row, id FROM signals WHERE row IN (SELECT value FROM json_each(?))"


class Snapshot:
    """An open copy at ``path``, whose ``lock`` (a file descriptor) it owns. It begins with one holder: its maker.

    ``version`` names the content, equal on every machine (``content``), unless this process served that content before
    under other row numbers: then it is told apart by the ``edition``. It gets a suffix when an index of it comes into
    use. ``count`` counts what is public, ``private`` what is not; ``keys`` names the viewers by principal.
    ``loaded_at`` is when it was imported, ``sample`` whether it is the shipped sample. All these stay readable after it
    is closed.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self._path = path
        self._lock_file = lock
        self._guard = Lock()
        self._holders = 1
        self._made = _stamp(os.fstat(lock))
        self._lent: dict[int, sqlite3.Connection] = {}
        self._idle: list[sqlite3.Connection] = []
        connection = self.connection()
        meta = read_meta(connection)
        self.content: str = meta["version"]
        self.version: str = self.content
        self.edition: str = meta["edition"]
        self.sample: bool = meta["sample"] == "1"
        self.loaded_at: datetime = datetime.fromtimestamp(float(meta["loaded_at"]), UTC)
        self.count: int = connection.execute("SELECT count(*) FROM signals").fetchone()[0]
        self.private: int = connection.execute("SELECT count(*) FROM private_signals").fetchone()[0]
        self.sights: str = meta.get("sights", "")
        viewers = connection.execute("SELECT principal, version, edition FROM viewers").fetchall()
        self.viewers: dict[str, tuple[str, str]] = {name: (version, edition) for name, version, edition in viewers}
        self.keys: dict[str, str] = {name: viewer_key(name, version) for name, version, _ in viewers}
        self._seen: BoundedStore[str, Sight] = BoundedStore(SIGHTS_KEPT, SIGHTS_KEPT)
        self._looking = Lock()
        self._take_back()

    def is_sound(self) -> bool:
        """Return whether its file is still there and as it was made: somebody may tidy up, or write to it."""
        try:
            return _stamp(self._path.stat()) == self._made
        except OSError:
            return False

    def holds(self, meta: Mapping[str, str]) -> bool:
        """Return whether it is what a database with these facts holds."""
        return (meta["version"], meta.get("sights", "")) == (self.content, self.sights)

    @property
    def path(self) -> Path:
        """The copy; it lasts as long as the snapshot is held."""
        return self._path

    def connection(self) -> sqlite3.Connection:
        """Return this thread's read-only connection; it lasts as long as the snapshot is held.

        Raises ``Unavailable`` when the snapshot was replaced and nobody held it any more, or no file can be opened.
        """
        connection = self._lent.get(get_ident())
        return self._lend() if connection is None else connection

    def viewer(self, principal: str) -> str:
        """Return the viewer that a principal is; empty for one to whom nothing here is private."""
        return self.keys.get(principal, "")

    def seen_by(self, viewer: str) -> Snapshot | View:
        """Return this snapshot as a viewer sees it: as it is without one."""
        return View(self, viewer) if viewer else self

    def sight(self, viewer: str) -> Sight:
        """Return what is read once for a viewer; the last few are kept."""
        found = self._seen.get(viewer)
        if found is not None:
            return found
        with self._looking:
            found = self._seen.get(viewer)
            if found is None:
                found = Sight(self, viewer)
                self._seen.put(viewer, found, 1)
            return found

    def signal(self, signal_id: str) -> Signal | None:
        """Return the signal with this id, or None."""
        record = self.connection().execute(f"{SELECT} WHERE id = ?", (signal_id,)).fetchone()
        return None if record is None else from_record(record)

    def signals(self, rows: Sequence[int]) -> list[Signal]:
        """Return the signals with these row numbers, in this order; raises ``KeyError`` for one that is not there."""
        return signals_of(self.connection(), rows)

    def row_ids(self, rows: Sequence[int]) -> list[str]:
        """Return the ids of these row numbers, in this order; raises ``KeyError`` for one that is not there."""
        found: dict[int, str] = dict(self.connection().execute(_PICK_IDS, (json.dumps([*rows]),)).fetchall())
        return [found[row] for row in rows]

    def hold(self) -> bool:
        """Become one of its holders; False if it is closed already."""
        with self._guard:
            if self._holders == 0:
                return False
            self._holders += 1
            return True

    def release(self) -> None:
        """Stop being a holder; the last one closes it."""
        with self._guard:
            self._take_back()
            self._holders -= 1
            if self._holders:
                return
            for connection in (*self._idle, *self._lent.values()):
                connection.close()
            self._idle.clear()
            self._lent.clear()
        discard(self._path, self._lock_file)

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _take_back(self) -> None:
        connection = self._lent.pop(get_ident(), None)
        if connection is not None:
            self._idle.append(connection)

    def _lend(self) -> sqlite3.Connection:
        with self._guard:
            if self._holders == 0:
                raise Unavailable("This version of the catalogue was replaced; ask again.", retry_after=1)
            connection = self._idle.pop() if self._idle else self._connect()
            self._lent[get_ident()] = connection
            return connection

    def _connect(self) -> sqlite3.Connection:
        where = f"{self._path.as_uri()}?mode=ro&immutable=1"
        try:
            connection = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False)
        except sqlite3.OperationalError as error:
            # Out of descriptors, or the file is gone: the next refresh makes it anew.
            raise Unavailable("The catalogue cannot be read at the moment.", retry_after=1) from error
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        return connection


def signals_of(connection: sqlite3.Connection, rows: Sequence[int]) -> list[Signal]:
    """Return the signals with these row numbers, in this order; raises ``KeyError`` for one that is not there."""
    found = {row: told for row, *told in connection.execute(_PICK, (json.dumps([*rows]),))}
    return [_signal(*found[row]) for row in rows]


def _signal(coverage: float | None, cpm: float | None, texts: str) -> Signal:
    told = json.loads(texts)
    return from_record((*told[:_BEFORE], coverage, cpm, *told[_BEFORE:]))


def _stamp(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
