"""Reads a recording: an index of its lines, and the answers of a target between two moments, in order.

The index holds a few numbers a line; answers are read from the file when they are wanted. Damaged lines are skipped
and counted, whatever they hold.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from math import isfinite
from pathlib import Path
from typing import Any

from dashboard.config import Target, clean_url, name_of, seconds_between
from dashboard.model.snapshot import Failure, Snapshot
from dashboard.model.words import plain
from dashboard.recording.lines import FORMAT, KEY_EVERY, Decoder

INSTANCES_AT_MOST = 8
LINE_BYTES_AT_MOST = 16_000_000
TARGETS_AT_MOST = 500
TOLD_EVERY = 20_000
_DAMAGE = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError)


class NewerFormat(ValueError):
    """A recording that this dashboard cannot read."""


class Recording:
    """A recorded file. Raises ValueError in one sentence for what is none. ``skipped`` counts damaged lines.

    ``progress`` is told the share read so far, 0 to 1, of a long file.
    """

    def __init__(self, path: Path, progress: Callable[[float], None] = lambda share: None) -> None:
        self._path = path
        self._found: dict[str, Target] = {}
        self._offsets: dict[str, array[int]] = {}
        self._walls: dict[str, array[float]] = {}
        self.skipped = 0
        try:
            self._index(progress)
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror or error}") from None
        ends = [walls[-1] for walls in self._walls.values() if walls]
        if not ends:
            raise ValueError(f"{path} is no recording of this dashboard, or holds no answer")
        self.begins = min(walls[0] for walls in self._walls.values() if walls)
        self.ends = max(ends)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Who was watched; a target has no token here."""
        return tuple(target for name, target in self._found.items() if self._walls.get(name))

    def answers(self, target: str, since: float, until: float = float("inf")) -> Iterator[Snapshot | Failure]:
        """Yield the answers of a target from the Unix second ``since`` on, oldest first; ``at`` is the Unix second."""
        walls, offsets = self._walls.get(target, array("d")), self._offsets.get(target, array("q"))
        first = bisect_left(walls, since)
        # Deltas need the key line before them, and every instance has its own.
        start = max(first - KEY_EVERY * INSTANCES_AT_MOST, 0)
        decoder = Decoder()
        with self._path.open("rb") as file:
            for place in range(start, len(walls)):
                if walls[place] > until:
                    return
                file.seek(offsets[place])
                try:
                    answer = decoder.read(json.loads(file.readline(LINE_BYTES_AT_MOST)))
                except _DAMAGE:
                    continue
                if answer is not None and place >= first:
                    yield answer

    def _index(self, progress: Callable[[float], None]) -> None:
        size, offset = max(self._path.stat().st_size, 1), 0
        with self._path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(LINE_BYTES_AT_MOST), b"")):
                try:
                    self._note(json.loads(line), offset)
                except NewerFormat:
                    raise
                except _DAMAGE:
                    self.skipped += bool(line.strip())
                offset += len(line)
                if number % TOLD_EVERY == TOLD_EVERY - 1:
                    progress(offset / size)

    def _note(self, line: Any, offset: int) -> None:
        if "recording" in line:
            if line["recording"] != FORMAT:
                raise NewerFormat(f"{self._path} was recorded by a newer dashboard")
            for told in line["targets"]:
                self._target(told)
            return
        name, wall = line["target"], float(line["wall"])
        if name not in self._found or not isfinite(wall):
            raise ValueError("a line of nobody")
        walls = self._walls.setdefault(name, array("d"))
        # A clock that was set back does not turn the order of the lines.
        walls.append(max(wall, walls[-1]) if walls else wall)
        self._offsets.setdefault(name, array("q")).append(offset)

    def _target(self, told: Any) -> None:
        url = clean_url(told["url"])
        name = plain(str(told["name"]), 60) or name_of(url)
        if len(self._found) < TARGETS_AT_MOST:
            self._found[name] = Target(name, url, None, seconds_between(told["interval"]))
