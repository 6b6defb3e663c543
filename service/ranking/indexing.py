"""Keeps the index of meanings up with the catalogue: opens it, has it built where it is missing, takes it into use.

A thread of its own, begun behind the first answer. A build runs in a child process of low priority, so that answers
keep the processor; until it is done, and if it fails, the full-text ranker answers. Taking an index into use renames
the version of the snapshot: that is how caches and pages learn of it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from service.errors import Unavailable
from service.messages import Signal
from service.ranking import shelved
from service.ranking.beside import Beside
from service.ranking.choice import Meaning
from service.ranking.pool import Catalogue, Pool
from service.turns import Turns

if TYPE_CHECKING:
    from service.ranking.semantic.index import Index
    from service.ranking.semantic.ranking import Semantic

GLANCE_SECONDS = 0.5
RETRY_SECONDS = 60.0
"""After a build that failed."""
LAST_SECONDS = 5.0
_VERSIONS = 3
_MARK = "+"  # between the version of a catalogue and that of the synonyms
_ROOT = Path(__file__).parent.parent.parent


class Snapshot(Protocol):
    """What is asked of ``catalogue.snapshot.Snapshot``."""

    content: str
    edition: str
    version: str

    @property
    def path(self) -> Path: ...
    def connection(self) -> sqlite3.Connection: ...
    def signals(self, rows: Sequence[int]) -> list[Signal]: ...


class Indexer:
    """``borrow`` lends the snapshot served now; ``event`` is told what happens, for the log.

    Searches take ``turns``; ``root`` is the folder that holds this program, from which builds are started.
    """

    def __init__(
        self,
        borrow: Callable[[], AbstractContextManager[Any]],
        database: Path,
        synonyms: Path | None,
        event: Callable[..., None],
        turns: Turns,
        root: Path = _ROOT,
        processes: int = 0,
    ) -> None:
        self._borrow = borrow
        self._database = database
        self._synonyms_path = synonyms
        self._event = event
        self._turns = turns
        self._root = root
        self._pool = Pool(processes, event, root) if processes else None
        self._ready: OrderedDict[str, Semantic] = OrderedDict()
        self._synonyms: Any = None
        self._stamp: object = None
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def ready(self, version: str) -> Semantic | None:
        """Return what ranks over this version of the catalogue, if its index is in use."""
        return self._ready.get(version)

    def ranks(self, version: str) -> Meaning | None:
        """Return what ranks over it: ``ready``, or the processes beside it."""
        here = self._ready.get(version)
        return here if here is None or self._pool is None else Beside(self._pool, here, version, self._turns)

    def start(self) -> None:
        """Begin to look after indexes."""
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, a build under way too."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(LAST_SECONDS)
        if self._pool is not None:
            self._pool.stop()

    def _run(self) -> None:
        while not self._ending.is_set():
            wait = GLANCE_SECONDS
            try:
                self.look()
            except Exception as error:
                # Whatever it is, full text goes on answering; operators are told.
                self._event("error", "index_failed", error=f"{type(error).__name__}: {error}")
                wait = RETRY_SECONDS
            self._ending.wait(wait)

    def look(self) -> None:
        """Bring the snapshot served now to its index, and the index to the synonyms, as far as they are not yet."""
        try:
            borrowed = self._borrow()
        except Unavailable:
            return
        with borrowed as snapshot:
            synonyms_moved = self._reread_synonyms()
            known = self._ready.get(snapshot.version)
            if known is None or synonyms_moved:
                index = known.index if known is not None else self._index(snapshot)
                known = None if index is None else self._use(snapshot, index)
            if known is not None and self._pool is not None:
                self._pool.keep_up(
                    Catalogue(snapshot.version, snapshot.path, known.index.folder, known.synonyms, known.year)
                )

    def _use(self, snapshot: Snapshot, index: Index) -> Semantic:
        from service.ranking.semantic.ranking import Semantic

        semantic = Semantic(index, self._synonyms, datetime.now(UTC).year)
        semantic.rehearse(snapshot)
        version = f"{snapshot.version.partition(_MARK)[0]}{_MARK}{self._synonyms.version}"
        # In this order: a version that says so must be ready. Both are single steps, so no reader sees half of them.
        self._ready[version] = semantic
        snapshot.version = version
        while len(self._ready) > _VERSIONS:
            self._ready.popitem(last=False)
        self._event("info", "index_ready", version=version, signals=index.count, synonyms=len(self._synonyms))
        return semantic

    def _index(self, snapshot: Snapshot) -> Index | None:
        """Return the index of a snapshot, opened or built; None if the service ends first."""
        from service.ranking.semantic import layout
        from service.ranking.semantic.index import Index
        from service.ranking.semantic.vectors import WordVectors

        vectors = WordVectors()
        folder = shelved.place(self._database, f"{snapshot.content[:12]}{snapshot.edition[:8]}")
        wanted = facts_of(snapshot)
        try:
            layout.verify(folder, wanted | {"vectors": vectors.version})
        except layout.Damaged as damage:
            if folder.exists():
                self._tell_why(damage, outdated=isinstance(damage, layout.Outdated))
                shelved.discard(folder)
            base = shelved.older(folder)
            # What others left goes before there is need of room; the older index when it has served.
            shelved.sweep(folder, *([base] if base else []))
            if not self._build(snapshot.path, folder, wanted, base):
                return None
        index = Index(folder, vectors, turns=self._turns)
        shelved.sweep(folder)
        return index

    def _tell_why(self, damage: Exception, *, outdated: bool) -> None:
        level, event = ("info", "index_outdated") if outdated else ("warning", "index_damaged")
        self._event(level, event, detail=str(damage))

    def _build(self, source: Path, folder: Path, facts: dict[str, str], base: Path | None) -> bool:
        """Have an index built; False if the service ends first."""
        from service.ranking.apart import run_apart
        from service.ranking.semantic import layout

        begun = time.monotonic()
        command = ["build", "--source", str(source), "--folder", str(folder), "--facts", json.dumps(facts)]
        if not run_apart([*command, *(["--base", str(base)] if base else [])], self._root, self._ending):
            return False
        # How many rows were read since all were: 0 where all were read now.
        changed = layout.facts(folder)["changed"]
        self._event("info", "index_built", seconds=round(time.monotonic() - begun, 2), changed=changed)
        return True

    def _reread_synonyms(self) -> bool:
        """Take the operator's synonyms anew when their file has changed; return whether they are others now."""
        from service.ranking.semantic.synonyms import Synonyms

        stamp = _stamp(self._synonyms_path)
        if self._synonyms is not None and stamp == self._stamp:
            return False
        try:
            synonyms = Synonyms.read(self._synonyms_path)
        except OSError as error:
            self._event("error", "synonyms_unreadable", path=str(self._synonyms_path), error=str(error))
            synonyms = self._synonyms or Synonyms.read(None)
        self._stamp = stamp
        moved = self._synonyms is None or synonyms.version != self._synonyms.version
        self._synonyms = synonyms
        return moved


def facts_of(snapshot: Snapshot) -> dict[str, str]:
    """Return what an index of this snapshot must say of itself: generations grow older with the year."""
    return {"content": snapshot.content, "edition": snapshot.edition, "year": str(datetime.now(UTC).year)}


def _stamp(path: Path | None) -> object:
    try:
        return path and (path.stat().st_mtime_ns, path.stat().st_size, path.stat().st_ino)
    except OSError:
        return None
