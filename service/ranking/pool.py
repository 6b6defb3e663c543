"""Processes that rank by meaning beside this one, each with an interpreter of its own.

Python computes in one thread of a process at a time, and a search is most of what an answer costs: in a process of its
own it takes nothing from the loop that accepts, refuses and answers from the cache, and two of them search at the same
time. Whatever becomes of a process (killed, stopped, out of memory), the search is made here instead, and another one
is started. Started where ``RANKING_PROCESSES`` is set.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from service.bounded import BoundedStore
from service.ranking import frames

if TYPE_CHECKING:
    from service.ranking.semantic.synonyms import Synonyms

PATIENCE_SECONDS = 2.0
"""Longest wait for a process that is free, and for its answer; then the search is made here."""
TAKE_SECONDS = 60.0
"""Longest wait until a process has opened a version of the catalogue."""
RESTART_SECONDS = 5.0
"""Between two starts, so that what cannot live does not keep the processor busy with being started."""
LAST_SECONDS = 2.0
SAID_KEPT = 256
VERSIONS = 3
"""Versions of the catalogue that a process keeps open."""


class Catalogue(NamedTuple):
    """A version of the catalogue to rank over: the copy that is served, and the ``folder`` of its index."""

    version: str
    database: Path
    folder: Path
    synonyms: Synonyms
    year: int


class Lost(Exception):
    """A process that does not answer any more; says why."""


class Refused(Exception):
    """A process answered that something went wrong; says what."""


@dataclass(slots=True)
class Process:
    """One of the processes, and the line to it. ``versions`` are those that it has open, ``tried`` the last that it was
    to open; ``lost`` says that it is not asked any more."""

    child: subprocess.Popen[bytes]
    line: socket.socket
    versions: list[str] = field(default_factory=list)
    tried: str = ""
    lost: bool = False

    @classmethod
    def start(cls, root: Path) -> Process:
        """Start one; raises ``OSError``."""
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "service.ranking.worker", str(theirs.fileno())]
            environ = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
            try:
                child = subprocess.Popen(
                    command,
                    cwd=root,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                )
            except BaseException:
                ours.close()
                raise
        return cls(child, ours)

    def ask(self, question: Sequence[Any]) -> tuple[Any, bytes]:
        """Return the answer to a question and the bytes behind it; raises ``Lost`` or ``Refused``."""
        try:
            frames.send(self.line, question)
            (well, answer), behind = frames.receive(self.line)
        except (OSError, EOFError, ValueError) as error:
            raise Lost(f"{type(error).__name__}: {error}") from error
        if not well:
            raise Refused(answer)
        return answer, behind

    def take(self, catalogue: Catalogue) -> None:
        """Have it open a version; raises ``Lost`` or ``Refused``."""
        self.tried = catalogue.version
        frames.wait_at_most(self.line, TAKE_SECONDS)
        try:
            self.ask(
                (
                    *("take", catalogue.version, str(catalogue.database), str(catalogue.folder)),
                    *(catalogue.synonyms.lines, catalogue.year),
                )
            )
        finally:
            frames.wait_at_most(self.line, PATIENCE_SECONDS)
        self.versions = [*self.versions, catalogue.version][-VERSIONS:]

    def end(self) -> None:
        """End it: at once where it does not end by itself."""
        self.line.close()
        try:
            self.child.wait(LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Pool:
    """``size`` processes; ``event`` is told what happens, for the log. ``root`` is the folder that holds this program.

    Any thread may ``ask``; ``keep_up`` and ``stop`` belong to one. ``said`` holds why the first signals of the last
    rankings match, by version and spec.
    """

    def __init__(
        self, size: int, event: Callable[..., None], root: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._event = event
        self._root = root
        self._clock = clock
        self.said: BoundedStore[tuple[str, str], dict[str, str]] = BoundedStore(SAID_KEPT, SAID_KEPT)
        self._free: SimpleQueue[Process | None] = SimpleQueue()
        self._guard = threading.Lock()
        self._living: list[Process] = []
        self._start_at = 0.0
        self._ended = False

    @property
    def living(self) -> int:
        """How many processes there are."""
        return len(self._living)

    def ask(self, version: str, question: Sequence[Any]) -> tuple[Any, bytes] | None:
        """Return the answer of a process and the bytes behind it, or None where none can give it now."""
        # A version that is being opened is not waited for.
        process = self._next() if any(version in one.versions for one in self._living) else None
        if process is None:
            return None
        answer = None
        try:
            if version in process.versions:
                answer = process.ask(question)
        except Lost as error:
            self._lose(process, str(error))
            return None
        except Refused as error:
            self._event("warning", "ranking_process_failed", pid=process.child.pid, error=str(error))
        self._free.put(process)
        return answer

    def keep_up(self, catalogue: Catalogue) -> None:
        """Start the processes that are missing, and have those that are free open this version if they have not."""
        if self._ended:
            return
        self._find_dead()
        if self.living < self._size and self._clock() >= self._start_at:
            self._start_at = self._clock() + RESTART_SECONDS
            for _ in range(self._size - self.living):
                self._start(catalogue)
        if any(one.tried != catalogue.version for one in self._living):
            for _ in range(self.living):
                free = self._next()
                if free is not None:
                    self._teach(free, catalogue)

    def stop(self) -> None:
        """End all."""
        self._ended = True
        with self._guard:
            living, self._living = self._living, []
        for process in living:
            process.end()

    def _find_dead(self) -> None:
        for process in list(self._living):
            code = process.child.poll()
            if code is not None:
                self._lose(process, f"it ended with {code}")

    def _start(self, catalogue: Catalogue) -> None:
        try:
            process = Process.start(self._root)
        except OSError as error:
            self._event("warning", "ranking_process_failed", error=f"none can be started: {error}")
            return
        with self._guard:
            self._living.append(process)
        self._event("info", "ranking_process_started", pid=process.child.pid)
        self._teach(process, catalogue)

    def _next(self) -> Process | None:
        """Return a process that is free, or None where none becomes free in time or there is none any more."""
        if not self._living:
            return None
        while True:
            try:
                free = self._free.get(timeout=PATIENCE_SECONDS)
            except Empty:
                return None
            if free is not None and not free.lost:
                return free
            if not self._living:
                # Others may be waiting too, for a process that will not come back.
                self._free.put(None)
                return None

    def _teach(self, process: Process, catalogue: Catalogue) -> None:
        try:
            # What it could not open it is not asked for again and again.
            if process.tried != catalogue.version:
                process.take(catalogue)
        except Lost as error:
            self._lose(process, str(error))
            return
        except Refused as error:
            self._event("warning", "ranking_process_failed", pid=process.child.pid, error=str(error))
        self._free.put(process)

    def _lose(self, process: Process, why: str) -> None:
        with self._guard:
            process.lost = True
            known = process in self._living
            if known:
                self._living.remove(process)
        if known:
            process.child.kill()
            process.end()
            self._free.put(None)
            self._event("warning", "ranking_process_lost", pid=process.child.pid, error=why)
