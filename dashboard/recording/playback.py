"""The clock of a replay: where in the recording one looks, and how fast it goes. Pure but for the clock it is given.

``now`` is the Unix second being shown. At the end it stands still.
"""

from __future__ import annotations

import time
from collections.abc import Callable

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


class Playback:
    """Plays from ``begins`` to ``ends`` (Unix seconds); ``clock`` is monotonic seconds."""

    def __init__(self, begins: float, ends: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.begins, self.ends = begins, ends
        self.speed = 1.0
        self.paused = False
        self.changes = 0
        """Counts what the operator did, so that whoever waits for a moment looks again."""
        self._clock = clock
        self._from, self._at = begins, clock()

    def now(self) -> float:
        """Return the Unix second being shown."""
        if self.paused:
            return self._from
        return min(self._from + (self._clock() - self._at) * self.speed, self.ends)

    @property
    def ended(self) -> bool:
        return self.now() >= self.ends

    def toggle(self) -> None:
        """Pause, or go on."""
        self._set(self.now(), not self.paused)

    def faster(self, step: int) -> None:
        """Go on at the next higher speed (1) or the next lower one (-1)."""
        place = min(max(SPEEDS.index(self.speed) + step, 0), len(SPEEDS) - 1)
        position = self.now()
        self.speed = SPEEDS[place]
        self._set(position, self.paused)

    def seek(self, wall: float) -> bool:
        """Go to a Unix second within the recording; return whether that is back in time."""
        before = self.now()
        self._set(min(max(wall, self.begins), self.ends), self.paused)
        return self.now() < before

    def seconds_until(self, wall: float) -> float | None:
        """Return how long it takes until a Unix second is shown; None while paused."""
        return None if self.paused else max((wall - self.now()) / self.speed, 0.0)

    def _set(self, position: float, paused: bool) -> None:
        self._from, self._at, self.paused = position, self._clock(), paused
        self.changes += 1
