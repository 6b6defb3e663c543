"""The journal: one log line a request, and one for everything else worth telling, without ever holding up a caller.

``observe`` calls ``request``, the composition root, the alerts and the jobs call ``event``: both append one entry to a
bounded queue. One writer thread renders (see ``rendering``) and writes in batches. It promises that a stalled, closed
or broken stream blocks nobody: what finds no room is dropped and counted, and a line says how many when writing works.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from typing import IO, Any

from service.monitoring.outlet import Outlet
from service.monitoring.rendering import Entry, Format, Renderer

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
BATCH_LINES = 500
POLL_SECONDS = 0.05
# Twice what a line shows: enough for a secret at the end of the shown part to be recognised before the cut.
KEPT_CHARACTERS = 2_000

_RequestLine = tuple[float, tuple[Any, ...], dict[str, Any]]


class Journal:
    """Writes log lines to ``stream`` (text or binary) from its own thread, which starts at once.

    Where standard output was closed before the start, ``stream`` is None: every line is counted as dropped.
    ``level`` is the least level that is written; ``clock`` returns epoch seconds; ``secrets`` are never written.
    """

    def __init__(
        self,
        stream: IO[Any] | None,
        *,
        format: Format = "json",  # noqa: A002 - the word of LOG_FORMAT
        level: str = "info",
        capacity: int = 10_000,
        clock: Callable[[], float],
        secrets: Iterable[str] = (),
    ) -> None:
        self._format: Format = format
        self._colors = stream is not None and stream.isatty()
        self._outlet = Outlet(stream)
        self._renderer = Renderer(format, secrets=secrets, colors=self._colors)
        self._threshold = LEVELS[level]
        self._capacity = capacity
        self._clock = clock
        self._entries: deque[Entry | _RequestLine] = deque()
        self._dropped = 0
        self._told = 0
        self._counting = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """How many lines were lost since the start, for want of room or of a reader."""
        return self._dropped

    def replace_secrets(self, secrets: Iterable[str]) -> None:
        """Mask these from now on, instead of those given before."""
        self._renderer = Renderer(self._format, secrets=secrets, colors=self._colors)

    def request(
        self,
        *,
        request_id: str,
        endpoint: str,
        method: str,
        status: int,
        duration: float,
        client: str,
        spec: str | None = None,
        max_results: int | None = None,
        cache: str | None = None,
        ranking_method: str | None = None,
        queue_wait: float | None = None,
        error: str | None = None,
        **more: Any,
    ) -> None:
        """Queue the line of one answered request; times in seconds. An ``error`` line if the status is 5xx."""
        if self._threshold > (20 if status < 500 else 40):
            return
        if len(self._entries) >= self._capacity or self._closed:
            self._drop(1)
            return
        # Long strings are cut here: the bound of the queue is one of bytes too.
        spec = spec and spec[:KEPT_CHARACTERS]
        error = error and error[:KEPT_CHARACTERS]
        values = (
            *(request_id, endpoint, method[:KEPT_CHARACTERS], status, duration, client),
            *(spec, max_results, cache, ranking_method, queue_wait, error),
        )
        self._entries.append((self._clock(), values, more))

    def event(self, level: str, event: str, **fields: Any) -> None:
        """Queue a line about anything but a request, and have it written soon."""
        if LEVELS[level] < self._threshold:
            return
        if len(self._entries) >= self._capacity or self._closed:
            self._drop(1)
            return
        kept = {key: value[:KEPT_CHARACTERS] if isinstance(value, str) else value for key, value in fields.items()}
        self._entries.append(Entry(self._clock(), level, event, kept))
        self._wake.set()

    def close(self, timeout: float = 2.0) -> bool:
        """Write what is queued and end; False if the stream did not take it within ``timeout`` seconds."""
        self._closed = True
        self._wake.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _drop(self, lines: int) -> None:
        with self._counting:
            self._dropped += lines

    def _run(self) -> None:
        while not self._closed:
            # Polled, not notified: waking this thread at each request would cost the request more than its line.
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            self._drain()
        self._drain()

    def _drain(self) -> None:
        while True:
            batch = [self._entries.popleft() for _ in range(min(BATCH_LINES, len(self._entries)))]
            lost = self._dropped
            untold = lost - self._told
            # With nothing new to write, a stream that failed last time is left alone.
            if not batch and (self._outlet.broken or not untold):
                return
            lines = [line for item in batch if (line := self._line(item)) is not None]
            if untold:
                note = Entry(self._clock(), "warning", "log_lines_dropped", {"dropped": untold, "total": lost})
                lines.append(self._renderer.line(note))
            if not self._outlet.write("".join(f"{line}\n" for line in lines)):
                self._drop(len(lines) - bool(untold))
                continue
            self._told = lost

    def _line(self, item: Entry | _RequestLine) -> str | None:
        try:
            if isinstance(item, Entry):
                return self._renderer.line(item)
            return self._renderer.request_line(*item)
        except Exception:  # a field that cannot be printed must cost its line, not the journal
            self._drop(1)
            return None


class JournalHandler(logging.Handler):
    """Makes a journal line of each record of the standard library's logging (Waitress, APScheduler)."""

    def __init__(self, journal: Journal, level: int = logging.WARNING) -> None:
        super().__init__(level)
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the record; its exception, if any, is shortened into ``error``."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        level = max(
            (name for name in LEVELS if LEVELS[name] <= record.levelno), key=LEVELS.__getitem__, default="debug"
        )
        error = shorten(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None
        self._journal.event(level, "log", logger=record.name, message=message, error=error)


def shorten(error: BaseException, frames: int = 3) -> str:
    """Return an exception in one line: its type, its text and the innermost ``frames`` places, innermost first."""
    trace = traceback.extract_tb(error.__traceback__)[-frames:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(trace)]
    told = f"{type(error).__name__}: {error}"[:500]
    return f"{told} ({' < '.join(places)})" if places else told
