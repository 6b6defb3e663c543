"""Writes every answer to a file, one line each, from a thread of its own: the screen never waits for a disk.

The file is appended to; one that ends in half a line, since a machine lost its power, gets an end first. Two dashboards
never write into one file. What cannot be written is told once, and the dashboard goes on without recording.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from dashboard.config import Target
from dashboard.model.snapshot import Failure, Snapshot
from dashboard.recording.lines import FORMAT, Encoder

WAITING_AT_MOST = 2_000
SYNC_SECONDS = 1.0
CLOSE_SECONDS = 5.0

Keep = Callable[[Target, Snapshot | Failure], None]
Entry = tuple[str, Snapshot | Failure]


class Recorder:
    """Appends to ``path``. Raises ValueError in one sentence if that cannot be; ``on_problem`` is told of the rest.

    ``on_problem`` is called from the writing thread.
    """

    def __init__(self, path: Path, targets: Sequence[Target], on_problem: Callable[[str], None]) -> None:
        self._path = path
        self._on_problem = on_problem
        self._waiting: queue.Queue[Entry | None] = queue.Queue(WAITING_AT_MOST)
        self._failed = False
        self.dropped = 0
        try:
            self._file = _opened(path)
            self._append(_head(targets))
        except OSError as error:
            raise ValueError(f"cannot record to {path}: {error.strerror or error}") from None
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    def write(self, target: Target, answer: Snapshot | Failure) -> None:
        """Have an answer written. Never waits: what the disk is too slow for is dropped and counted."""
        if self._failed:
            return
        try:
            self._waiting.put_nowait((target.name, answer))
        except queue.Full:
            self.dropped += 1
            if self.dropped == 1:
                self._on_problem(f"{self._path} is written too slowly: some answers are not recorded")

    def close(self) -> None:
        """Write what waits, within 5 s, and close the file."""
        with contextlib.suppress(queue.Full):
            self._waiting.put(None, timeout=CLOSE_SECONDS)
        self._thread.join(CLOSE_SECONDS)

    def _work(self) -> None:
        encoder, synced = Encoder(), time.monotonic()
        with self._file:
            while (entry := self._waiting.get()) is not None:
                if self._failed:
                    continue
                try:
                    self._append(encoder.line(*entry))
                    if time.monotonic() - synced >= SYNC_SECONDS:
                        os.fsync(self._file.fileno())
                        synced = time.monotonic()
                except OSError as error:
                    self._failed = True
                    self._on_problem(f"{self._path} cannot be written, recording has ended: {error.strerror or error}")

    def _append(self, line: str) -> None:
        # One write for the whole line, so that a line is there or is not.
        self._file.write(line.encode("utf-8", "replace") + b"\n")
        self._file.flush()


def _head(targets: Sequence[Target]) -> str:
    told = [{"name": t.name, "url": t.url, "interval": t.interval_seconds} for t in targets]
    return json.dumps({"recording": FORMAT, "targets": told}, ensure_ascii=False)


def _opened(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    file = os.fdopen(descriptor, "a+b")
    try:
        _lock(file, path)
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                file.write(b"\n")
    except BaseException:
        file.close()
        raise
    return file


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # not on every platform
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(f"{path} is being recorded to by another dashboard") from None


@contextlib.contextmanager
def recording(path: Path | None, targets: Sequence[Target], on_problem: Callable[[str], None]) -> Iterator[Keep | None]:
    """Give what keeps answers in ``path`` while the block runs; None where nothing is recorded. Raises ValueError."""
    if path is None:
        yield None
        return
    recorder = Recorder(path, targets, on_problem)
    try:
        yield recorder.write
    finally:
        recorder.close()
