"""What the service serves: the newest sound version of the catalogue, whatever becomes of the database file.

Stands between ``Store``, which writes the database, and the stages, which borrow a ``Snapshot``. A new version is
copied, checked and then swapped in; requests under way end on the one they hold. A database that is deleted, locked
or damaged changes nothing but ``status``.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from service.catalogue import copies, schema
from service.catalogue.importing import ImportReport
from service.catalogue.rows import BadRow, open_text, read_rows
from service.catalogue.snapshot import Snapshot
from service.catalogue.store import Store
from service.errors import Conflict, Unavailable
from service.messages import Signal

__all__ = ["SAMPLE", "Shelf", "Snapshot", "Status"]

SAMPLE = Path(__file__).parent / "sample.csv"
LOCK_WAIT_SECONDS = 0.5
FIRST_WAIT_SECONDS = 30.0
RETRY_SECONDS = 30.0
"""After this time a database that could not be taken is tried again, though its file did not change."""
RETRY_AFTER = 30
"""What an operator is told whose import could not be written: seconds."""
VERSIONS_REMEMBERED = 256
VIEWERS_REMEMBERED = 20_000

_Signature = tuple[tuple[int, int, int] | None, ...]


class Status(NamedTuple):
    """Whether the database is as it should be, what is the matter, and since when."""

    ok: bool
    detail: str
    since: datetime


class Shelf:
    """Serves the catalogue database at ``path``. Any thread may call any method.

    ``clock`` gives seconds since 1970. ``sample`` is the file that a missing database is made from, if it is made here;
    while nothing is served yet, another writer is waited for ``first_wait_seconds``.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        sample: Path | None = SAMPLE,
        first_wait_seconds: float = FIRST_WAIT_SECONDS,
    ) -> None:
        self._path = path
        self._clock = clock
        self._sample = sample
        self._first_wait_seconds = first_wait_seconds
        self._current: Snapshot | None = None
        self._refreshing = Lock()
        self._publishing = Lock()
        self._examined: _Signature | None = None
        self._refused: _Signature | None = None
        self._refused_at = 0.0
        self._pause = 0.0
        self._editions: dict[str, str] = {}
        self._sights: dict[str, str] = {}
        self._status = Status(False, "not opened yet", self._now())

    def open(self) -> None:
        """Sweep leftovers, make a missing catalogue from the sample, and serve what is there.

        Never raises for the state of the database: ``status`` tells it.
        """
        copies.sweep(self._path)
        self.refresh()

    def close(self) -> None:
        """Serve nothing any more; what is borrowed stays until it is given back."""
        with self._refreshing:
            self._swap(None)
            self._note(False, "closed")

    def current(self) -> Snapshot:
        """Return the snapshot served now, to look at its facts; to read from it, ``borrow``. Raises ``Unavailable``."""
        snapshot = self._current
        if snapshot is None:
            raise Unavailable("No catalogue can be served at the moment.", retry_after=2)
        return snapshot

    def borrow(self) -> Snapshot:
        """Return the snapshot served now, held until the end of the ``with`` statement this must stand in.

        Raises ``Unavailable``.
        """
        snapshot = self.current()
        while not snapshot.hold():
            snapshot = self.current()
        return snapshot

    def content(self) -> str | None:
        """Return the version of the content that is served, equal on every machine; None while nothing is."""
        snapshot = self._current
        return None if snapshot is None else snapshot.content

    def serves(self) -> bool:
        """Return whether anything is served."""
        return self._current is not None

    def status(self) -> Status:
        """Return how the database is, for health. While not ok, the last sound version is served, if there was one."""
        return self._status

    def trouble(self) -> str | None:
        """Return what is the matter with the database, or None."""
        return None if self._status.ok else self._status.detail

    def refresh(self) -> bool:
        """Take a new version if there is one; return whether it is served now. Call it every second.

        Costs microseconds while the file does not change, else about 1 s for each 300,000 rows.
        """
        with self._refreshing:
            signature = self._signature()
            if signature == self._examined and self._status.ok and self._copy_is_sound():
                return False
            # A clock that was set back must not put the next try off for hours.
            if signature == self._refused and 0 <= self._clock() - self._refused_at < self._pause:
                return False
            try:
                taken = self._examine()
            except (schema.CatalogueError, sqlite3.Error, OSError) as error:
                self._refused, self._refused_at = signature, self._clock()
                self._pause = 0.0 if isinstance(error, schema.Busy) else RETRY_SECONDS
                self._note(False, str(error))
                return False
            self._examined, self._refused = signature, None
            self._note(True, "in order")
            return taken

    def publish(
        self, rows: Iterable[Signal | BadRow], *, replace: bool = False, skip_bad: bool = False
    ) -> ImportReport:
        """Import ``rows`` and serve the result at once.

        Raises ``Conflict`` while another import is under way, ``Unavailable`` when the database cannot be written.
        """
        if not self._publishing.acquire(blocking=False):
            raise Conflict("Another import is under way.", retry_after=5)
        try:
            store = Store(self._path, clock=self._clock, wait_seconds=LOCK_WAIT_SECONDS)
            report = store.import_rows(rows, replace=replace, skip_bad=skip_bad)
        except schema.Busy as error:
            raise Conflict("Another import is under way.", retry_after=5) from error
        except schema.CatalogueError as error:
            raise Unavailable("The catalogue cannot be written; health says more.", retry_after=RETRY_AFTER) from error
        finally:
            self._publishing.release()
        if report.written:
            self.refresh()
        return report

    def _plant_sample(self) -> None:
        if self._sample is None:
            return
        store = Store(self._path, clock=self._clock, wait_seconds=self._first_wait_seconds)
        if store.is_blank():
            with self._sample.open("rb") as raw, open_text(raw) as stream:
                store.import_rows(read_rows(stream, "csv"), sample=True)

    def _copy_is_sound(self) -> bool:
        return self._current is None or self._current.is_sound()

    def _signature(self) -> _Signature:
        """Return what changes whenever the database or its write-ahead log does."""
        return tuple(_stamp(path) for path in (self._path, self._path.with_name(self._path.name + "-wal")))

    def _examine(self) -> bool:
        """Take what the database holds, made from the sample first where it is missing."""
        unplanted: Exception | None = None
        if self._current is None:
            try:
                self._plant_sample()
            except (schema.CatalogueError, OSError) as error:
                # A database that cannot be written may still be read.
                unplanted = error
        try:
            return self._take()
        except schema.CatalogueError as error:
            raise unplanted or error from None

    def _take(self) -> bool:
        """Read the database; take it if it is new, else see that it is whole."""
        with schema.reading(self._path, LOCK_WAIT_SECONDS, oldest=1) as source:
            meta = schema.read_meta(source)
            if "version" not in meta:
                raise schema.CatalogueError(f"{self._path} holds no catalogue yet: import one")
            if self._current is not None and self._current.holds(meta) and self._current.is_sound():
                copies.ensure_whole(source, self._path)
                return False
            snapshot = Snapshot(*copies.take(source, self._path))
        self._name(snapshot)
        self._swap(snapshot)
        return True

    def _name(self, snapshot: Snapshot) -> None:
        """Give content that comes back with other row numbers another version: rankings are kept as row numbers."""
        if self._is_other(snapshot.content, snapshot.edition, self._editions, VERSIONS_REMEMBERED):
            snapshot.version = f"{snapshot.content}-{snapshot.edition}"
        current = self._current
        if current is not None and (current.content, current.edition) == (snapshot.content, snapshot.edition):
            # Only what is private has changed: whoever sees nothing of it sees no change, not even in a cache.
            snapshot.version = current.version
        for name, (version, edition) in snapshot.viewers.items():
            if self._is_other(f"{name} {version}", edition, self._sights, VIEWERS_REMEMBERED):
                snapshot.keys[name] += f"-{edition}"

    @staticmethod
    def _is_other(content: str, edition: str, known: dict[str, str], most: int) -> bool:
        first = known.setdefault(content, edition)
        if len(known) > most:
            del known[next(iter(known))]
        return first != edition

    def _swap(self, snapshot: Snapshot | None) -> None:
        old, self._current = self._current, snapshot
        if old is not None:
            old.release()

    def _note(self, ok: bool, detail: str) -> None:
        current = self._current
        # Health is public: it names the file, not where it stands.
        detail = detail.replace(str(self._path), self._path.name)
        if current is not None and not ok:
            detail += f": serving the catalogue loaded at {current.loaded_at.isoformat(timespec='seconds')}"
        since = self._status.since if ok == self._status.ok else self._now()
        self._status = Status(ok, detail, since)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    # Readers leave an empty write-ahead log behind: nothing has changed by it.
    return (found.st_ino, found.st_size, found.st_mtime_ns) if found.st_size else None
