"""Keeps acknowledgements and snoozes in the operator's state folder, so that they outlast the dashboard.

One JSON file for all targets: by target's URL and alert's name, with the ``since`` that an acknowledgement was made at.
Each change is merged into what the file holds by then, since two dashboards may be open, and put in place whole. It is
written from a thread of its own; what cannot be read or written is told once, and the marks then live in memory.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from dashboard.model.marks import Mark, Marks

FORMAT = 1
MARKS_AT_MOST = 1000
KEPT_SECONDS = 30 * 86_400.0
FILE_BYTES = 4_000_000

Key = tuple[str, str]
Row = dict[str, Any]
"""``acknowledged``, ``since``, ``snoozed_until`` and ``at`` (Unix seconds, when the operator said so)."""


def state_folder(environ: Mapping[str, str], home: Path, windows: bool = os.name == "nt") -> Path:
    """Return the folder for what the dashboard remembers, by the XDG base directory specification."""
    named = Path(environ.get("LOCALAPPDATA" if windows else "XDG_STATE_HOME", ""))
    base = named if named.is_absolute() else home / ("AppData/Local" if windows else ".local/state")
    return base / "signals-dashboard"


class MarksFile:
    """The marks of every target in one file. ``on_problem`` gets one sentence, at most once, from any thread."""

    def __init__(
        self,
        path: Path,
        on_problem: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._on_problem = path, on_problem
        self._clock, self._wall = clock, wall
        self._told = False
        self._writer = ThreadPoolExecutor(1, "marks")
        self._rows: dict[Key, Row] = {}
        try:
            self._rows = self._read()
        except OSError as error:
            self._problem(f"{path} cannot be read: {error.strerror or error}")

    def marks_of(self, url: str) -> Marks:
        """Return what the operator said of the alerts of one target; new marks are kept as they are made."""
        known = {alert: self._mark(row) for (target, alert), row in self._rows.items() if target == url}
        return Marks(known, partial(self._keep, url))

    def close(self) -> None:
        """Wait for the last change to be written."""
        self._writer.shutdown(wait=True)

    def _mark(self, row: Row) -> Mark:
        until = row["snoozed_until"]
        quiet = None if until is None else self._clock() + (until - self._wall())
        return Mark(row["acknowledged"], row["since"], quiet)

    def _keep(self, url: str, alert: str, mark: Mark) -> None:
        wall = self._wall()
        until = None if mark.snoozed_until is None else wall + (mark.snoozed_until - self._clock())
        row = {"acknowledged": mark.acknowledged, "since": mark.since, "snoozed_until": until, "at": wall}
        self._rows[url, alert] = row
        with contextlib.suppress(RuntimeError):  # closed by now
            self._writer.submit(self._merge, (url, alert), row)

    def _merge(self, key: Key, row: Row) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(self._path.with_suffix(".lock")):
                self._write({**self._read(), key: row})
        except OSError as error:
            self._problem(f"{self._path} cannot be written, so marks last until you leave: {error.strerror or error}")

    def _read(self) -> dict[Key, Row]:
        """Return what the file holds. One that is damaged is set aside under another name."""
        try:
            with self._path.open("rb") as file:
                return dict(_rows_of(file.read(FILE_BYTES)))
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError):
            aside = self._path.with_suffix(".damaged.json")
            self._path.replace(aside)
            self._problem(f"{self._path} was damaged; it is set aside as {aside.name}")
            return {}

    def _write(self, rows: dict[Key, Row]) -> None:
        oldest = self._wall() - KEPT_SECONDS
        newest = sorted(rows.items(), key=lambda item: item[1]["at"])[-MARKS_AT_MOST:]
        kept = [{"target": url, "alert": alert, **row} for (url, alert), row in newest if row["at"] >= oldest]
        whole = self._path.with_suffix(f".{os.getpid()}.tmp")
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({"marks": FORMAT, "rows": kept}, file, ensure_ascii=True, indent=1)
        whole.replace(self._path)

    def _problem(self, sentence: str) -> None:
        if not self._told:
            self._told = True
            self._on_problem(sentence)


def _rows_of(text: bytes) -> Iterator[tuple[Key, Row]]:
    """Yield the rows of a file. Raises ValueError if one is not as they are written."""
    document = json.loads(text)
    match document:
        case {"marks": version, "rows": list(rows)} if version == FORMAT:
            yield from map(_row_of, rows)
        case _:
            raise ValueError("not a file of marks")


def _row_of(row: object) -> tuple[Key, Row]:
    match row:
        case {
            "target": str(target),
            "alert": str(alert),
            "acknowledged": bool(acknowledged),
            "since": str() | None as since,
            "snoozed_until": int() | float() | None as until,
            "at": int() | float() as at,
        }:
            kept = {"acknowledged": acknowledged, "since": since, "snoozed_until": until, "at": at}
            return (target, alert), kept
        case _:
            raise ValueError("not a mark")


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock of the file while the block runs, where the platform has such locks."""
    with path.open("a", encoding="ascii") as file:
        try:
            import fcntl
        except ImportError:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
